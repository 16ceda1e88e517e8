"""Text with its words timed one by one, as recognisers give it → segments; items → turns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from indexer.formats.blocks import RawParagraph, RawTurn
from indexer.formats.segments import Segment, raw_turn, turns_of_segments
from indexer.transcript import fold


class Word(NamedTuple):
    """A word or a piece of one with its time in seconds and, where told, who says it."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker: str | None = None


class Said(NamedTuple):
    """What one speaker says at a stretch, in paragraphs."""

    speaker: str | None
    paragraphs: Sequence[RawParagraph]


def speaker_name(value: int | str | None) -> str | None:
    """What to call a speaker whom the source numbers or letters: '0' and 'A' say too little."""
    text = fold(str(value)) if value is not None else ""
    if text.isdecimal() or (len(text) == 1 and text.isalpha()):
        return f"Speaker {text}"
    return text or None


def timed(text: str, words: Sequence[Word], whole: Word) -> list[Segment]:
    """Segments of a text, one a word where the words' letters are those of the text.

    `whole` has time and speaker of it all; where it names nobody the words' speakers hold.
    """
    tokens = text.split() or [part for word in words for part in word.text.split()]
    pieces = [word._replace(text=part) for word in words for part in word.text.split()]
    speakers = {word.speaker for word in words if word.speaker}
    speaker = whole.speaker or (next(iter(speakers)) if len(speakers) == 1 else None)
    segments = list(_align(tokens, pieces, speaker))
    split = not whole.speaker and len(speakers) > 1
    told = split or any(segment.start_s is not None for segment in segments)
    if not tokens or not told or len(segments) < len(tokens):
        return [Segment(" ".join(tokens), whole.start_s, whole.end_s, speaker)]
    first, last = segments[0], segments[-1]
    segments[0] = first if first.start_s is not None else replace(first, start_s=whole.start_s)
    segments[-1] = last if last.end_s is not None else replace(last, end_s=whole.end_s)
    return _bridge(segments) if split else segments


def _bridge(segments: Sequence[Segment]) -> list[Segment]:
    """Words of nobody between words of one speaker are that speaker's."""
    bridged: list[Segment] = []
    for speaker, group in groupby(segments, key=lambda segment: segment.speaker):
        run = list(group)
        gap = len(bridged)
        while speaker is not None and gap and bridged[gap - 1].speaker is None:
            gap -= 1
        if 0 < gap < len(bridged) and bridged[gap - 1].speaker == speaker:
            bridged[gap:] = [replace(segment, speaker=speaker) for segment in bridged[gap:]]
        bridged += run
    return bridged


def _align(tokens: Sequence[str], pieces: Sequence[Word], speaker: str | None) -> Iterator[Segment]:
    """Each token with the time of the pieces that spell it; ends where they no longer do."""
    rest = iter(pieces)
    for token in tokens:
        spelt: list[Word] = []
        letters = 0
        while letters < len(token) and (piece := next(rest, None)) is not None:
            spelt.append(piece)
            letters += len(piece.text)
        if "".join(piece.text for piece in spelt) != token:
            return
        starts = [piece.start_s for piece in spelt if piece.start_s is not None]
        ends = [piece.end_s for piece in spelt if piece.end_s is not None]
        who = speaker or next((piece.speaker for piece in spelt if piece.speaker), None)
        yield Segment(token, min(starts, default=None), max(ends, default=None), who)


def paragraphs_of(segments: Iterable[Segment]) -> list[RawParagraph]:
    """Paragraphs of segments of one speaker."""
    return [paragraph for turn in turns_of_segments(segments) for paragraph in turn.paragraphs]


def turns_of(said: Iterable[Said]) -> list[RawTurn]:
    """Turns of what is said; neighbours of one speaker are one turn, paragraphs stay."""
    return [
        raw_turn(name, paragraphs)
        for name, group in groupby(said, key=lambda one: fold(one.speaker or "").rstrip(": "))
        if (paragraphs := [paragraph for one in group for paragraph in one.paragraphs])
    ]
