"""Which passages say the same: a statement that stands in two files, or was read out twice.

The measure is the resemblance of Broder (1997, "On the resemblance and containment of documents"):
the share of runs of three words that two texts have in common. Knows nothing of scores.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

RUN = 3  # words
MIN_RESEMBLANCE = 0.8
# "No, not at this time." answers many questions, each time another one.
MIN_WORDS = 12

_WORD = re.compile(r"\w+")


class Said(NamedTuple):
    """A text and by whom, whatever identifies the person; None where the source does not tell."""

    text: str
    speaker: str | None


def collapse(said: Sequence[Said], k: int) -> list[list[int]]:
    """The first k groups of positions that say the same, in the order of their first members.

    Only words of one speaker (or all of an unknown one) are the same statement. What resembles the
    first of a group belongs to it.
    """
    groups: list[list[int]] = []
    firsts: list[_First] = []
    for at, (text, speaker) in enumerate(said):
        words = _WORD.findall(text)
        like = [one for one in firsts if one.speaker == speaker and _near(one.words, len(words))]
        if like or len(groups) < k:
            runs = _runs(words)
            if group := next((one.group for one in like if _resembles(runs, one.runs)), None):
                group.append(at)
                continue
        if len(groups) < k:
            groups.append([at])
            firsts.append(_First(groups[-1], speaker, len(words), runs))
    return groups


class _First(NamedTuple):
    """The first of a group: its speaker, how many words it has, its runs of words."""

    group: list[int]
    speaker: str | None
    words: int
    runs: frozenset[tuple[str, ...]]


def _near(one: int, other: int) -> bool:
    """Whether texts of so many words may be the same at all; a word more is a run more."""
    return min(one, other) >= MIN_RESEMBLANCE * (max(one, other) - RUN)


def _runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The runs of words; none of a text that is too short to be the same as another."""
    if len(words) < MIN_WORDS:
        return frozenset()
    folded = [word.casefold() for word in words]
    return frozenset(zip(*(folded[n:] for n in range(RUN)), strict=False))


def _resembles(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    # No need to count what is shared where the sizes already differ too much.
    small, large = sorted((len(one), len(other)))
    if not small or small < MIN_RESEMBLANCE * large:
        return False
    shared = len(one & other)
    return shared >= MIN_RESEMBLANCE * (len(one) + len(other) - shared)
