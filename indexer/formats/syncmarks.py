"""OHMS's `sync`: where in a transcript each minute of the recording begins → times of paragraphs.

A minute's mark stands at a line and a word of the transcript; nothing finer is known, so a
paragraph gets the marks around it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from indexer.formats.blocks import Draft, RawTurn

# A mark: line and word of the transcript, from 1, and the second of the recording.
Mark = tuple[int, int, float]

_MARK = re.compile(r"(\d{1,7})\((\d{1,5})\)")
_INTERVAL = re.compile(r"\d{1,3}(?:\.\d{1,3})?")
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")


def read_sync(text: str) -> list[Mark]:
    """'1:|13(3)|19(14)': the first minute ends at line 13, word 3, the second at line 19."""
    interval, _, rest = text.partition(":")
    if not _INTERVAL.fullmatch(interval):
        return []
    items = enumerate(rest.split("|"))
    found = ((number, _MARK.fullmatch(item.strip())) for number, item in items)
    return [(int(m[1]), int(m[2]), number * float(interval) * 60) for number, m in found if m]


def put_times(draft: Draft, marks: Sequence[Mark], duration: str) -> None:
    """Gives each paragraph the time of the last mark before it and of the first behind it.

    `duration` is that of the recording, '1:28:06', or empty where it is not known.
    """
    places = [mark[:2] for mark in marks]
    times = [mark[2] for mark in marks]
    lines = sorted(
        {paragraph.line for turn in draft.turns for paragraph in turn.paragraphs}
        | {dropped.line for dropped in draft.dropped}
    )
    parts = _DURATION.fullmatch(duration)
    hours, minutes, seconds = parts.groups(default="0") if parts else ("0", "0", "0")
    length = (int(hours) * 60 + int(minutes)) * 60.0 + int(seconds)
    last = length if length >= times[-1] else None

    def timed(turn: RawTurn) -> RawTurn:
        paragraphs = []
        for paragraph in turn.paragraphs:
            before = bisect_right(places, (paragraph.line, 1))
            following = bisect_right(lines, paragraph.line)
            behind = (
                bisect_left(places, (lines[following], 0))
                if following < len(lines)
                else len(places)
            )
            start_s = times[before - 1] if before else 0.0
            end_s = times[behind] if behind < len(times) else last
            paragraphs.append(replace(paragraph, start_s=start_s, end_s=end_s))
        return replace(turn, paragraphs=tuple(paragraphs))

    draft.turns = [timed(turn) for turn in draft.turns]
