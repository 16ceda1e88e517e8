"""Which passages say the same: a statement that stands in two files, or was read out twice.

The measure is the resemblance of Broder (1997, "On the resemblance and containment of documents"):
the share of runs of three words that two texts have in common. Knows nothing of scores.
"""

import re
import zlib
from collections.abc import Callable
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

RUN = 3  # words
MIN_RESEMBLANCE = 0.8
# "No, not at this time." answers many questions, each time another one.
MIN_WORDS = 12
PARTS = 8
# Texts that resemble each other just enough have fewer in common once in 800 times; copies never.
MIN_PARTS = 3

Signatures = NDArray[np.uint32]

_WORD = re.compile(r"\w+")
_FACTORS = np.array(
    [int.from_bytes(sha256(b"%d" % n).digest()[:8], "big") | 1 for n in range(PARTS)],
    dtype=np.uint64,
)
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio, odd (Knuth)


def signature(text: str) -> bytes:
    """`PARTS` numbers of 32 bits, each the least of its own hashes of the text's runs.

    So each part is the same in two texts with the odds of their resemblance (Broder). All are 0 in
    a text that is too short to be the same as another.
    """
    words = _words(text)
    if len(words) < MIN_WORDS:
        return bytes(4 * PARTS)
    hashes = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    first, second, third = (hashes[n : len(hashes) - RUN + 1 + n] for n in range(RUN))
    runs = (first * _PRIME + second) * _PRIME + third
    mixed = runs[:, None] * _FACTORS
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _PRIME
    least = (mixed ^ (mixed >> np.uint64(29))).min(axis=0) >> np.uint64(32)
    return bytes(least.astype("<u4").tobytes())


def collapse(
    signatures: Signatures, speakers: NDArray[np.int32], text_of: Callable[[int], str], k: int
) -> list[list[int]]:
    """The first k groups of positions that say the same, in the order of their first members.

    Takes (n, PARTS) signatures and (n,) numbers that identify the speakers. Only words of one
    speaker (or all of an unknown one) are the same statement. What resembles the first of a group
    belongs to it; `text_of` is asked only for the texts of those that may.
    """
    groups: list[list[int]] = []
    taken = np.zeros(len(signatures), dtype=np.bool_)
    for at in range(len(signatures)):
        if len(groups) == k:
            break
        if taken[at]:
            continue
        groups.append([at])
        if signatures[at].any():
            common = (signatures == signatures[at]).sum(axis=1)
            like = (common >= MIN_PARTS) & (speakers == speakers[at]) & ~taken
            like[: at + 1] = False
            others = np.flatnonzero(like).tolist()
            runs = _runs(text_of(at)) if others else frozenset()
            for other in others:
                if _resembles(runs, _runs(text_of(other))):
                    groups[-1].append(other)
                    taken[other] = True
    return groups


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(zip(*(words[n:] for n in range(RUN)), strict=False))


def _resembles(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    shared = len(one & other)
    return shared >= MIN_RESEMBLANCE * (len(one) + len(other) - shared)
