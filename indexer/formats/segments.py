"""Timed segments, as captions and speech recognisers give them → turns of whole paragraphs.

Knows nothing of any file format. Text is joined as it comes: no word is lost or doubled.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.formats.blocks import RawParagraph, RawTurn
from indexer.labels import read_label
from indexer.sentences import sentences
from indexer.transcript import Role, Speaker, fold

# A paragraph ends at the end of a sentence: after so many words, or before so long a silence.
PARAGRAPH_WORDS = 80
SILENCE_S = 2.0
# Automatic captions have no stops: there it ends at a silence, or after so many words.
UNSTOPPED_WORDS = 240
# What recognisers call those whose names they do not know; Q and A say something more.
_ANONYMOUS = re.compile(
    r"(?:speaker|spk|channel)(?:[ _-]?\d{1,4}|[ _-][a-z])|un(?:known|identified)(?:[ _]speaker)?"
    r"(?:[ _]\d{1,4})?|\d{1,4}|(?![qa])[^\W\d_]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words with their time in seconds and who says them; None where that is not told.

    `change` says that another speaker begins here, even if the source does not say who.
    """

    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker: str | None = None
    change: bool = False


def turns_of_segments(segments: Iterable[Segment]) -> list[RawTurn]:
    """Segments of one speaker joined to turns, their words to paragraphs with times."""
    turns: list[RawTurn] = []
    run: list[Segment] = []
    for segment in segments:
        if not fold(segment.text):
            continue
        if run and (segment.change or segment.speaker != run[0].speaker):
            turns.append(raw_turn(run[0].speaker, _paragraphs(run)))
            run = []
        run.append(segment)
    if run:
        turns.append(raw_turn(run[0].speaker, _paragraphs(run)))
    return turns


def raw_turn(
    name: str | None, paragraphs: Sequence[RawParagraph], role: Role | None = None
) -> RawTurn:
    """A turn by whom the source names: a label where the name reads as one, else as it stands.

    Names that no person has ('SPEAKER_00', 'Speaker 1', 'B') are marked unnamed.
    """
    shown = fold(name or "")
    if not shown:
        return RawTurn(None, tuple(paragraphs), role=role, nobody=True)
    # As a label 'Speaker 1' would be an office, and its holder preside over the others.
    label = None if _ANONYMOUS.fullmatch(shown) else read_label(shown)
    if label is not None:
        return RawTurn(label, tuple(paragraphs), role=role)
    return RawTurn(None, tuple(paragraphs), Speaker(shown, named=False), role)


def _paragraphs(run: Sequence[Segment]) -> list[RawParagraph]:
    """Paragraphs of whole sentences, unless a segment ends where no sentence does for long."""
    paragraphs: list[RawParagraph] = []
    pending: list[Segment] = []
    for at, segment in enumerate(run):
        pending.append(segment)
        following = run[at + 1] if at + 1 < len(run) else None
        if following is None or _breaks(pending, following):
            paragraphs.append(_join(pending))
            pending = []
    return paragraphs


def _breaks(pending: Sequence[Segment], following: Segment) -> bool:
    last = pending[-1].end_s
    silent = (
        last is not None and following.start_s is not None and following.start_s - last >= SILENCE_S
    )
    words = sum(len(segment.text.split()) for segment in pending)
    long = words >= PARAGRAPH_WORDS
    if words >= UNSTOPPED_WORDS or (long and silent):
        return True
    return (long or silent) and _ends_sentence(pending[-1].text)


def _ends_sentence(text: str) -> bool:
    probe = f"{fold(text)} Xx"
    return len(sentences(probe)) > 1 and sentences(probe)[-1][0] == len(probe) - 2


def _join(segments: Sequence[Segment]) -> RawParagraph:
    starts = [segment.start_s for segment in segments if segment.start_s is not None]
    ends = [segment.end_s for segment in segments if segment.end_s is not None]
    start, end = min(starts, default=None), max(ends, default=None)
    if start is not None and end is not None and end < start:
        end = None
    return RawParagraph(fold(" ".join(segment.text for segment in segments)), 0, start, end)
