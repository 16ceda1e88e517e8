"""Sentence ends: abbreviations, quotes, numbers, other scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["We met.", "We talked!", "Did we agree?", "Yes."],
        ["Mr. Lavrov met Sen. Warner on Jan. 5 in St. Petersburg.", "It went well."],
        ["In the U.S. Congress nothing moved.", "He lives in the U.S.", "He likes it."],
        ["J. R. Smith spoke.", "Neither am I.", "But he did."],
        ["See No. 5 and art. 3.5 of it.", "Growth was 3.5 percent.", "No.", "I disagree."],
        ["1. First point.", "It was 2017.", "We signed."],
        ['He said "we will stay."', "Then he left.", "(Laughter.)", "“Why?” he asked."],
        ["Well... maybe.", "I think…", "We shall see.", "Acme Inc. announced it."],
        ["why?", "because we can!", "really"],
        ["我们会谈了。", "很好！", "为什么？", "「不。」", "好"],
        ["हम मिले।", "अच्छा था।"],
        ["هل اتفقتم؟", "نعم."],
        ["Мы встретились с И. И. Ивановым.", "Хорошо."],
    ],
)
def test_known_texts(expected: list[str]) -> None:
    """Texts joined by a blank (none in Chinese) are cut where they were joined."""
    joint = "" if "。" in expected[0] else " "
    assert cut(joint.join(expected)) == expected


def test_a_line_end_ends_a_sentence() -> None:
    """Paragraphs of a passage are joined by a newline and never share a sentence."""
    assert cut("First paragraph\nSecond one. Third") == ["First paragraph", "Second one.", "Third"]


@given(st.text(alphabet=" .!?…。\n\"')A.bc1Mr", max_size=80))
def test_spans_hold_all_but_white_space(text: str) -> None:
    """Spans are in order, apart, stripped, and leave nothing but white space out."""
    spans = sentences(text)
    position = 0
    for start, end in spans:
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize("unit", [".", ".a", "?)", '"', ". ", " ", "1. ", "a.a", "((", ".\n"])
def test_long_runs_are_read_in_linear_time(unit: str) -> None:
    """Half a million characters of any repeated pattern take no visible time (else a hang)."""
    text = unit * (500_000 // len(unit))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())
