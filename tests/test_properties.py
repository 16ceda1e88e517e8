"""What holds for every transcript, however it is written: words, order, numbers, linear time."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.transcript import fold

NAMES = ("Ann Berg", "Bo Lund", "Ivo Holm")
WORDS = st.sampled_from(
    "we met in spring and the talks on fish were long so nobody knows yet why it rained".split()
)
SENTENCES = st.lists(WORDS, min_size=3, max_size=40).map(
    lambda words: " ".join(words).capitalize() + "."
)
TURNS = st.lists(
    st.tuples(st.integers(0, 2), st.lists(SENTENCES, min_size=1, max_size=3)),
    min_size=4,
    max_size=12,
)
SYNTAXES = {
    "colon": ("a.txt", "{name}: {text}"),
    "upper": ("a.txt", "{upper}:  {text}"),
    "bold": ("a.md", "**{name}:** {text}"),
    "own line": ("a.txt", "{name}:\n{text}"),
}


def spoken(turns: list[tuple[int, list[str]]]) -> list[tuple[str, str]]:
    return [(NAMES[who], text) for who, texts in turns for text in texts]


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(turns=TURNS)
@settings(max_examples=60, deadline=None)
def test_every_word_comes_back_once_in_order_by_its_speaker(syntax, turns):
    """Written in any label syntax and read again, each paragraph has its words and speaker."""
    name, form = SYNTAXES[syntax]
    # All three speak twice, so that none of the labels is a one-off.
    turns = [*turns, *((who, ["Good day to you all."]) for who in (0, 1, 2, 0, 1, 2))]
    blocks = []
    for who, texts in turns:
        blocks.append(form.format(name=NAMES[who], upper=NAMES[who].upper(), text=texts[0]))
        blocks += texts[1:]
    transcript = parse("\n\n".join(blocks).encode(), name).transcript
    read = [
        (turn.speaker.name if turn.speaker else None, paragraph.text)
        for turn in transcript.turns
        for paragraph in turn.paragraphs
    ]
    assert read == spoken(turns)
    assert [p.number for p in transcript.paragraphs()] == list(range(1, len(read) + 1))


@given(data=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_any_bytes_are_a_transcript_or_a_clear_error(name, data):
    """Whatever the bytes, there is no other exception than ours."""
    with suppress(TranscriptError):
        transcript = parse(data, name).transcript
        assert all(p.text == fold(p.text) for p in transcript.paragraphs())


@given(text=st.text(max_size=300))
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_any_text_is_a_transcript_or_a_clear_error(name, text):
    """Control characters, half surrogates, other scripts: nothing else escapes."""
    with suppress(TranscriptError):
        parse(text.encode("utf-8", "replace"), name)


@pytest.mark.parametrize(
    "hostile",
    [
        "a:" * 200_000,
        "A" * 400_000,
        "Ann Berg: " + "((((" * 100_000,
        "Q " * 200_000,
        "*" * 100_000,
        "[" * 50_000,
        ("A: b\n" * 80_000),
        ("\n" * 400_000) + "Ann: Hi.",
        "A.B." * 100_000 + ":",
        "1:11 " * 80_000,
        "*_[" * 1_700_000,
    ],
    ids=lambda text: text[:12].strip(),
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_hostile_text_does_not_stall(name, hostile):
    """Half a megabyte made to make expressions backtrack is read or refused like any other.

    No clock is asserted: a stall would hang here for hours.
    """
    with suppress(TranscriptError):
        parse(hostile.encode(), name)
