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
    firsts: list[tuple[str | None, frozenset[tuple[str, ...]]]] = []
    for at, (text, speaker) in enumerate(said):
        words = _WORD.findall(text.casefold())
        runs = frozenset(zip(*(words[n:] for n in range(RUN)), strict=False))
        if len(words) >= MIN_WORDS:
            same = (
                group
                for group, (other, held) in zip(groups, firsts, strict=True)
                if other == speaker and _resembles(runs, held)
            )
            if group := next(same, None):
                group.append(at)
                continue
        if len(groups) < k:
            groups.append([at])
            firsts.append((speaker, runs if len(words) >= MIN_WORDS else frozenset()))
    return groups


def _resembles(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    # No need to count what is shared where the sizes already differ too much.
    small, large = sorted((len(one), len(other)))
    if small < MIN_RESEMBLANCE * large:
        return False
    shared = len(one & other)
    return shared >= MIN_RESEMBLANCE * (len(one) + len(other) - shared)
