"""Texts and vectors like real ones, in any number: small changes to those that there are.

A word is replaced by another of the same length, drawn as often as it is said, so that spans of
characters stay true and the words stay as common as they were. Knows nothing of libraries.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from models.embedder import Vectors

SHARE = 0.125
NOISE = 0.33  # the cosine with the original is 1 / sqrt(1 + NOISE²) = 0.95
# Of small letters between blanks: neither names nor ends of sentences change.
_WORD = re.compile(r"(?<= )[a-z]{5,12}(?= )")


class Variation:
    """Draws changes; the same seed and the same calls give the same ones."""

    def __init__(self, texts: Iterable[str], seed: int) -> None:
        """`texts` are a sample of those that will be changed: their words are what is drawn."""
        self._random = np.random.default_rng(seed)
        self._words: defaultdict[int, list[str]] = defaultdict(list)
        for text in texts:
            for word in _WORD.findall(text):
                self._words[len(word)].append(word)

    def text(self, text: str) -> str:
        """The text with some of its words replaced; it keeps its length."""
        found = list(_WORD.finditer(text))
        draws = self._random.random((2, len(found)))
        parts, end = [], 0
        for match, chosen, draw in zip(found, *draws.tolist(), strict=True):
            words = self._words.get(len(match[0]))
            if chosen < SHARE and words:
                parts += [text[end : match.start()], words[int(draw * len(words))]]
                end = match.end()
        return "".join([*parts, text[end:]])

    def vectors(self, vectors: Vectors) -> Vectors:
        """Unit vectors near the given (n, dimension) float32 ones: their cosine is about 0.95."""
        noise = self._random.standard_normal(vectors.shape, dtype=np.float32)
        moved = vectors + noise * np.float32(NOISE / np.sqrt(vectors.shape[1]))
        found: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return found
