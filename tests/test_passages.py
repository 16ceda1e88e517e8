"""Splitting: what joins, what is cut, ids, offsets, contexts."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.passages import MAX_WINDOW_TOKENS, excerpt, sentence_spans, split
from indexer.sentences import sentences
from indexer.transcript import Paragraph, Passage, Role, Speaker, Transcript, Turn, fold
from models.embedder import Excerpt
from tests.fakes import FakeEmbedder, transcript

LONG = "We discussed the situation in Syria and the agreements on the zones of de-escalation there."
DATE = dt.date(2017, 6, 16)


def names(passages: tuple[Passage, ...]) -> list[str]:
    return [passage.id.removeprefix("t:") for passage in passages]


def test_one_paragraph_is_one_passage() -> None:
    """Paragraphs of usual length stand alone and are named by their number."""
    passages = split(transcript("t", f"Lavrov: {LONG} / {LONG}"), FakeEmbedder())
    assert names(passages) == ["p1", "p2"]
    context = "Press conference (16 June 2017)\nLavrov:"
    assert passages[1] == Passage("t:p2", "t", 1, 2, 2, 0, len(LONG), LONG, context, context)


def test_short_paragraphs_join_the_next_or_else_the_last() -> None:
    """Fewer than 12 words join what follows; at the end of a turn, what precedes."""
    document = transcript(
        "t", f"Lavrov: Thank you. / All right. / {LONG} / {LONG} / That is all.", "Kerry: Yes."
    )
    passages = split(document, FakeEmbedder())
    assert names(passages) == ["p1-3", "p4-5", "p6"]
    assert passages[0].text == f"Thank you.\nAll right.\n{LONG}"
    assert (passages[1].start, passages[1].end) == (0, len("That is all."))


def test_a_short_paragraph_stands_alone_where_nothing_fits() -> None:
    """Joining never makes a passage that is too long for the window."""
    words = " ".join(["word"] * 50) + "."
    passages = split(transcript("t", f"Lavrov: Well. / {words}", date=None), FakeEmbedder(64))
    assert names(passages) == ["p1", "p2"]


def test_a_long_paragraph_is_cut_at_sentence_ends_into_equal_parts() -> None:
    """Each part is whole sentences, and none is a crumb left over."""
    text = " ".join(f"This is sentence number {n} of them." for n in range(1, 11))
    passages = split(transcript("t", f"Lavrov: {text}"), FakeEmbedder(64))
    assert names(passages) == ["p1.1", "p1.2"]
    assert [passage.text.count("sentence") for passage in passages] == [5, 5]
    assert passages[1].text.startswith("This is sentence number 6")
    assert text[passages[1].start : passages[1].end] == passages[1].text


def test_a_sentence_longer_than_the_window_is_cut_between_words() -> None:
    """No word is cut in two as long as it fits by itself."""
    text = " ".join(f"word{n}" for n in range(100))
    passages = split(transcript("t", f"Lavrov: {text}"), FakeEmbedder(48))
    assert len(passages) > 1
    assert " ".join(passage.text for passage in passages) == text


def test_a_word_longer_than_the_window_is_cut_in_it() -> None:
    """Scripts without blanks, and rubbish, are cut between characters."""
    text = "!" * 300
    passages = split(transcript("t", f"Lavrov: {text}"), FakeEmbedder(48))
    assert "".join(passage.text for passage in passages) == text


def test_a_huge_window_is_not_used_up() -> None:
    """A model with a window of 8,192 tokens still gets passages that point somewhere."""
    text = " ".join(["This is a sentence."] * 1000)
    passages = split(transcript("t", f"Lavrov: {text}"), FakeEmbedder(8192))
    counts = FakeEmbedder().count_tokens([excerpt(passage).whole for passage in passages])
    assert max(counts) <= MAX_WINDOW_TOKENS


def test_an_answer_carries_its_question() -> None:
    """Title, date, speaker, question: what a reader would know."""
    document = transcript(
        "t", "Lavrov: We met.", "Question: Did you agree on Syria today?", "Lavrov: Yes."
    )
    contexts = [passage.context for passage in split(document, FakeEmbedder())]
    assert contexts == [
        "Press conference (16 June 2017)\nLavrov:",
        "Press conference (16 June 2017)\nQuestion:",
        'Press conference (16 June 2017)\nLavrov answers: "Did you agree on Syria today?"',
    ]
    answer = excerpt(split(document, FakeEmbedder())[2])
    assert answer == Excerpt("Yes.", contexts[2], ((0, 4),))
    assert answer.whole == f"{contexts[2]}\nYes."
    assert Excerpt("Yes.").whole == "Yes."


def test_sentences_of_joined_paragraphs_keep_apart() -> None:
    """Also where the first has no stop; offsets are those of the passage's text."""
    document = transcript("t", "Lavrov: Mr. Kerry and I / met. It rained. / No agreement")
    [passage] = split(document, FakeEmbedder())
    assert passage.text == "Mr. Kerry and I\nmet. It rained.\nNo agreement"
    spans = ((0, 15), (16, 20), (21, 31), (32, 44))
    assert sentence_spans(passage.text) == excerpt(passage).sentences == spans
    assert sentence_spans("") == ()


def test_what_is_not_known_is_left_out() -> None:
    """No date, no speaker: no empty brackets, no colon."""
    passages = split(
        transcript("t", "-: Hello.", "Question: Why?", "-: So.", date=None), FakeEmbedder()
    )
    assert [p.context for p in passages] == [
        "Press conference",
        "Press conference\nQuestion:",
        'Press conference\nAnswer to: "Why?"',
    ]


def test_a_long_question_is_cut_from_the_front() -> None:
    """The asking stands at the end; the preface goes first, sentence by sentence."""
    preface = " ".join(f"This is preface number {n} of many." for n in range(40))
    document = transcript("t", f"Question: {preface} Will you sign?", "Lavrov: Yes.")
    context = split(document, FakeEmbedder(128))[-1].context
    assert context.endswith('of many. Will you sign?"')
    assert context.splitlines()[1].startswith('Lavrov answers: "This is preface number')
    assert FakeEmbedder().count_tokens([context])[0] <= 48


def test_a_very_short_question_brings_the_one_before() -> None:
    """'But why?' means nothing without what was asked before it in the same exchange."""
    document = transcript(
        "t",
        "Question: Will you meet Mr Kerry in Vienna?",
        "Lavrov: No.",
        "Question: But why?",
        "Lavrov: No time.",
        "Moderator! Next please.",
        "Question: And Syria?",
        "Lavrov: Later.",
    )
    contexts = [p.context.splitlines()[1] for p in split(document, FakeEmbedder())]
    assert contexts[3] == 'Lavrov answers: "Will you meet Mr Kerry in Vienna? But why?"'
    assert contexts[6] == 'Lavrov answers: "And Syria?"'


def test_a_long_title_leaves_room() -> None:
    """However long title, names and question are, text gets more than half of the window."""
    document = transcript(
        "t", "Question: " + "why " * 500, "L" + "o" * 9 + "v: " + LONG, title="Title word " * 200
    )
    for passage in split(document, FakeEmbedder(128)):
        assert FakeEmbedder().count_tokens([passage.context])[0] <= 48


def test_a_long_title_gives_way_to_the_question_and_keeps_the_date() -> None:
    """The title is whole where there is room, and else loses its end, never the date."""
    title = " ".join(f"word{n}" for n in range(30))
    question = " ".join(f"why{n}" for n in range(25)) + "?"
    document = transcript("t", f"Question: {question}", "Lavrov: Yes.", title=title)
    asking, answering = (p.context for p in split(document, FakeEmbedder(128)))
    assert asking == f"{title} (16 June 2017)\nQuestion:"
    assert answering.endswith(f' (16 June 2017)\nLavrov answers: "{question}"')
    assert answering.startswith("word0 word1 ")
    assert "word29" not in answering


def test_the_background_is_the_context_uncut() -> None:
    """Title, date, speaker and question whole, without the quotation marks; it takes no room."""
    title = " ".join(f"word{n}" for n in range(60))
    question = " ".join(f"This is why{n} of many." for n in range(60))
    document = transcript("t", f"Question: {question}", f"Lavrov: {LONG}", title=title)
    asking, *_, answering = split(document, FakeEmbedder(128))
    assert asking.background == f"{title} (16 June 2017)\nQuestion:"
    assert answering.background == f"{title} (16 June 2017)\nLavrov answers:\n{question}"
    assert "why0 " not in answering.context
    assert answering.text == LONG


def test_the_background_has_the_last_words_of_a_very_long_question() -> None:
    """400 of 1,000, and the question before where the words are few."""
    question = " ".join(f"why{n}" for n in range(1000))
    document = transcript(
        "t", f"Question: {question}", "Lavrov: Yes.", "Question: But why?", "Lavrov: So."
    )
    first, second = (
        p.background.splitlines()[-1].split()
        for p in split(document, FakeEmbedder())
        if "answers" in p.background
    )
    assert first == [f"why{n}" for n in range(600, 1000)]
    assert second == [f"why{n}" for n in range(602, 1000)] + ["But", "why?"]


def test_the_background_leaves_out_what_is_not_known() -> None:
    """And says of a member of a meeting only who speaks."""
    unknown = transcript("t", "-: Hello.", "Question: Why?", "-: So.", date=None, title="Talk")
    assert [p.background for p in split(unknown, FakeEmbedder())] == [
        "Talk",
        "Talk\nQuestion:",
        "Talk\nAnswer to:\nWhy?",
    ]
    spoken = [(Paragraph(n, text),) for n, text in enumerate(("Why is it late?", "So."), 1)]
    meeting = Transcript(
        "t", "Talk", None, None, "t", "0",
        (
            Turn(1, Speaker("Ms. Holm"), Role.STATEMENT, spoken[0]),
            Turn(2, Speaker("Mr. Lund"), Role.ANSWER, spoken[1], answers=1),
        ),
    )  # fmt: skip
    assert [p.background for p in split(meeting, FakeEmbedder())] == [
        "Talk\nMs. Holm:",
        "Talk\nMr. Lund answers:\nWhy is it late?",
    ]
    asked = replace(meeting.turns[0], role=Role.QUESTION)
    named = replace(meeting, turns=(asked, meeting.turns[1]))
    assert split(named, FakeEmbedder())[0].background == "Talk\nMs. Holm asks:"


def test_a_window_too_small_for_anything_is_refused() -> None:
    """A model of 10 tokens cannot embed speech."""
    with pytest.raises(ValueError, match="10 tokens"):
        split(transcript("t", "Lavrov: Hello."), FakeEmbedder(10))


words = st.text(alphabet="abÄ. !?…'\"漢。", min_size=1, max_size=60).map(fold).filter(bool)
plain = st.lists(
    st.sampled_from(["we", "met.", "Why?", "Mr.", "talks", "x" * 30]), min_size=1, max_size=90
)
paragraph_texts = st.one_of(words, plain.map(" ".join))


@st.composite
def documents(draw: st.DrawFn) -> Transcript:
    turns: list[Turn] = []
    number = 0
    asked = None
    for texts in draw(st.lists(st.lists(paragraph_texts, min_size=1, max_size=5), max_size=6)):
        spoken = []
        for text in texts:
            number += 1
            spoken.append(Paragraph(number, text))
        role = (
            draw(st.sampled_from(Role))
            if asked
            else draw(st.sampled_from([Role.QUESTION, Role.STATEMENT]))
        )
        speaker = draw(st.sampled_from([None, Speaker("Lavrov"), Speaker("Question", named=False)]))
        answers = asked if role is Role.ANSWER else None
        turns.append(Turn(len(turns) + 1, speaker, role, tuple(spoken), answers))
        asked = len(turns) if role is Role.QUESTION else asked
    return Transcript(
        "t", draw(words), draw(st.sampled_from([None, DATE])), None, "t", "0", tuple(turns)
    )


def check_sentences(passage: Passage, pieces: list[str]) -> None:
    """Its sentences are those of its paragraphs, which is what the answer relies on."""
    found = [passage.text[start:end] for start, end in sentence_spans(passage.text)]
    assert found == [piece[start:end] for piece in pieces for start, end in sentences(piece)]
    assert found


@settings(deadline=None)
@given(documents(), st.sampled_from([24, 40, 256]))
def test_passages_hold_every_character_once(document: Transcript, window: int) -> None:
    """In order, each within one turn, in the window, text as it stands, nothing but blanks lost."""
    embedder = FakeEmbedder(window)
    passages = split(document, embedder)
    texts = {paragraph.number: paragraph.text for paragraph in document.paragraphs()}
    turn_of = {p.number: turn.number for turn in document.turns for p in turn.paragraphs}
    covered: dict[int, list[tuple[int, int]]] = {number: [] for number in texts}
    for passage in passages:
        pieces = []
        for number in range(passage.first_paragraph, passage.last_paragraph + 1):
            assert turn_of[number] == passage.turn
            start = passage.start if number == passage.first_paragraph else 0
            end = passage.end if number == passage.last_paragraph else len(texts[number])
            covered[number].append((start, end))
            pieces.append(texts[number][start:end])
        assert passage.text == "\n".join(pieces)
        assert embedder.count_tokens([excerpt(passage).whole])[0] <= window
        assert passage.background.split()[:1] == document.title.split()[:1]
        check_sentences(passage, pieces)
    for number, spans in covered.items():
        edges = [(0, 0), *spans, (len(texts[number]), len(texts[number]))]
        for (_, end), (start, _) in pairwise(edges):
            assert end <= start
            assert not texts[number][end:start].strip()
    starts = [(passage.first_paragraph, passage.start) for passage in passages]
    assert starts == sorted(starts)
    assert len({passage.id for passage in passages}) == len(passages)
