"""Times of a recording: clocks read to seconds, times that run backwards taken away.

Knows nothing of any file format.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from indexer.formats.blocks import RawTurn

MAX_SECONDS = 1e7  # four months: no recording is longer
_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,3}):)?(\d{1,9}(?:[.,]\d{1,9})?)")


def read_clock(text: str) -> float | None:
    """Seconds of '1:02:03.5', '62:03', '3723,5' or '3723.5'; None where it is no such time.

    >>> read_clock("1:02:03.5")
    3723.5
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes = int(found[1] or 0), int(found[2] or 0)
    seconds = float(found[3].replace(",", "."))
    if found[2] and (seconds >= 60 or (found[1] and minutes >= 60)):
        return None
    return hours * 3600 + minutes * 60 + seconds


def mend_times(turns: Sequence[RawTurn]) -> tuple[list[RawTurn], list[str]]:
    """The turns without times that cannot be, and a warning if there were any. Keeps all words.

    An end before its start goes, and the fewest starts without which the others never run back.
    """
    paragraphs = [paragraph for turn in turns for paragraph in turn.paragraphs]
    starts = [paragraph.start_s for paragraph in paragraphs]
    kept = _longest_rise(starts)
    mended, wrong = [], 0
    for at, paragraph in enumerate(paragraphs):
        start, end = paragraph.start_s, paragraph.end_s
        if start is not None and at not in kept:
            start = end = None
        elif start is not None and end is not None and end < start:
            end = None
        wrong += (start, end) != (paragraph.start_s, paragraph.end_s)
        mended.append(replace(paragraph, start_s=start, end_s=end))
    rest = iter(mended)
    whole = [replace(turn, paragraphs=tuple(next(rest) for _ in turn.paragraphs)) for turn in turns]
    warnings = [f"times that run backwards were dropped: {wrong}"] if wrong else []
    return whole, warnings


def _longest_rise(values: Sequence[float | None]) -> set[int]:
    """Places of the longest subsequence that never falls (by patience sorting)."""
    ends: list[float] = []
    places: list[int] = []
    before: dict[int, int | None] = {}
    for at, value in enumerate(values):
        if value is None:
            continue
        pile = bisect_right(ends, value)
        before[at] = places[pile - 1] if pile else None
        ends[pile : pile + 1] = [value]
        places[pile : pile + 1] = [at]
    kept: set[int] = set()
    last = places[-1] if places else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept
