"""The order of cues in time, and cues that show again what was shown before.

Live and automatic captions roll up: every cue repeats the lines still on the screen. Each spoken
word is to be read once; what people say twice in ordinary captions stays twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.formats.cues import Cue, Slips
from indexer.formats.cuetext import Row

# A start so far before or behind both its neighbours is a misprint.
MISPRINT_S = 60.0
# Roll-up captions follow one another without a pause.
_GAP_S = 0.5
_MAX_ROWS = 8


def in_order(cues: Sequence[Cue], slips: Slips) -> list[Cue]:
    """Cues by their start, as every player shows them; equal starts stay as they stood.

    Starts that are plainly misprinted are taken off, and those of a second file that was joined
    on and counts from 0 again. Cues without a start stay behind the cue above them.
    """
    timed = _without_misprints(_without_restarts(cues, slips), slips)
    keyed: list[tuple[float, Cue]] = []
    last = highest = float("-inf")
    for cue in timed:
        last = last if cue.start_s is None else cue.start_s
        if last < highest:
            slips.note("a caption out of the order of times: it is put in its place", cue.line)
        highest = max(highest, last)
        keyed.append((last, cue))
    ordered = [cue for _, cue in sorted(keyed, key=lambda item: item[0])]
    return _without_doubles(ordered)


def _without_restarts(cues: Sequence[Cue], slips: Slips) -> list[Cue]:
    kept: list[Cue] = []
    last, part, restarted = float("-inf"), 0, False
    for cue in cues:
        if cue.part != part and cue.start_s is not None:
            part = cue.part
            if cue.start_s < last and not restarted:
                restarted = True
                slips.note("the clock begins again: the times below are left out", cue.line)
        last = max(last, cue.start_s or 0.0)
        kept.append(replace(cue, start_s=None, end_s=None) if restarted else cue)
    return kept


def _without_misprints(cues: Sequence[Cue], slips: Slips) -> list[Cue]:
    timed = [(at, cue.start_s) for at, cue in enumerate(cues) if cue.start_s is not None]
    ends = [start for _, start in timed] + [float("inf")] * 2
    kept = list(cues)
    before = float("-inf")
    for n, (at, start) in enumerate(timed):
        after, later = ends[n + 1 : n + 3]
        early = start < before - MISPRINT_S
        late = start > after + MISPRINT_S and start > later
        if (early or late) and before <= after:
            slips.note("a time far from those around it: the words are kept", cues[at].line)
            kept[at] = replace(cues[at], start_s=None, end_s=None)
        else:
            before = start
    return kept


def _without_doubles(cues: Sequence[Cue]) -> list[Cue]:
    """Leaves out the same words at the same time: pieces of a stream overlap so."""
    kept: list[Cue] = []
    seen: set[tuple[float | None, tuple[str, ...]]] = set()
    start: float | None = None
    for cue in cues:
        if cue.start_s is None or cue.start_s != start:
            start = cue.start_s
            seen.clear()
        key = (cue.end_s, tuple(text for _, text in cue.payload))
        if start is None or key not in seen:
            kept.append(cue)
        seen.add(key)
    return kept


def without_repeats(cues: Sequence[Cue], shown: Sequence[list[Row]]) -> tuple[list[list[Row]], int]:
    """The rows of each cue without what the cue above it showed, and how many rows that took.

    Only where captions roll up: in most of the file, or for three cues on end.
    """
    old = _find_repeats(shown)
    close = [_follows(one, two) for one, two in pairwise(cues)]
    changed = [_changed(*both) for both in zip(pairwise(cues), pairwise(shown), strict=True)]
    shifts = [
        rows > 0 and near and new for rows, near, new in zip(old, close, changed, strict=True)
    ]
    rolls = sum(shifts) > 1 and sum(shifts) * 2 >= sum(changed)
    kept, taken = list(shown[:1]), 0
    for at, rows in enumerate(old):
        new = shown[at + 1]
        if rows and close[at] and (rolls or sum(shifts[max(0, at - 1) : at + 2]) > 1):
            if rows == len(new) > 1 and not shifts[at]:
                rows -= 1  # Two equal rows on the screen, and a third one came.
            taken += rows
            new = _new_part(shown[at], new, rows)
        kept.append(new)
    return kept, taken


def _find_repeats(shown: Sequence[list[Row]]) -> list[int]:
    """How many rows at the top of each cue but the first stood at the bottom of the one before.

    Where captions are painted word by word, the last of them may have grown.
    """
    scrolled = [_repeated(one, two, grows=False) for one, two in pairwise(shown)]
    painted = [_repeated(one, two, grows=True) for one, two in pairwise(shown)]
    grown = sum(two > 0 == one for one, two in zip(scrolled, painted, strict=True))
    return painted if grown * 4 >= sum(two > 0 for two in painted) else scrolled


def _repeated(before: Sequence[Row], now: Sequence[Row], *, grows: bool) -> int:
    shown = [_said(row) for row in before[-_MAX_ROWS:]]
    rows = [_said(row) for row in now[:_MAX_ROWS]]
    for count in range(min(len(shown), len(rows)), 0, -1):
        (last, voice), (text, other) = shown[-1], rows[count - 1]
        same = text == last or (grows and text.startswith(f"{last} "))
        if same and voice == other and rows[: count - 1] == shown[-count:-1]:
            return count
    return 0


def _said(row: Row) -> tuple[str, str | None]:
    return row.text, row.voice.name if row.voice else None


def _new_part(before: Sequence[Row], now: Sequence[Row], repeated: int) -> list[Row]:
    last = now[repeated - 1]
    grown = last.text[len(before[-1].text) :].strip()
    return [*([replace(last, text=grown)] if grown else []), *now[repeated:]]


def _follows(one: Cue, two: Cue) -> bool:
    if one.end_s is None or two.start_s is None:
        return one.end_s is None and two.start_s is None
    return two.start_s - one.end_s <= _GAP_S


def _changed(cues: tuple[Cue, Cue], shown: tuple[Sequence[Row], Sequence[Row]]) -> bool:
    """Whether a cue is not the one above it over again: other rows, or otherwise marked."""
    before, now = ([_said(row) for row in rows] for rows in shown)
    raw, new = ([text for _, text in cue.payload] for cue in cues)
    return before != now or raw != new
