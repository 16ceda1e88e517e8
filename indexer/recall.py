"""Measures how many of the exact nearest a vector index finds, on questions made for the purpose.

Knows vectors; knows nothing of which index is measured.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.vectors import Ids
from models.embedder import Vectors

DEEP = 100
NOISE = 0.7


def questions_of(vectors: Vectors, count: int, seed: int = 0) -> Vectors:
    """So many unit vectors, (count, dimension), drawn around the (n, dimension) given ones.

    Each is one of them, less twice the mean of all, plus `NOISE` times the difference of two
    others: noise that leads to where others lie, and nothing of what all have in common. Real
    questions have little of that. One drawn near a passage finds its neighbours in far fewer lists
    than they do (see docs/log.md).
    """
    rng = np.random.default_rng(seed)
    near, one, other = vectors[rng.integers(len(vectors), size=(3, count))]
    drawn = near - 2 * vectors.mean(axis=0) + NOISE * (one - other)
    norms = np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.asarray(drawn / np.where(norms == 0, 1, norms), dtype=np.float32)


class Truth:
    """The exact nearest of all vectors that it was shown, of which it keeps none."""

    def __init__(self, questions: Vectors) -> None:
        """Takes (m, dimension) questions."""
        import faiss

        self.questions = questions
        library: Any = faiss
        self._best = library.ResultHeap(len(questions), DEEP, keep_max=True)
        self._ids: Ids | None = None

    def show(self, ids: Ids, vectors: Vectors) -> None:
        """Compares (n, dimension) more vectors with the questions."""
        import faiss

        library: Any = faiss
        scores, at = library.knn(
            self.questions, vectors, min(DEEP, len(ids)), metric=faiss.METRIC_INNER_PRODUCT
        )
        self._best.add_result(scores, ids[at])

    def recall(self, found: NDArray[np.int64], k: int, depth: int | None = None) -> float:
        """Share of the k exact nearest among the first `depth` of the (m, …) found, the mean.

        The depth is k where none is given. Raises ValueError where fewer than k vectors were shown.
        """
        if self._ids is None:
            self._best.finalize()
            self._ids = self._best.I
        exact = self._ids[:, :k]
        if (exact < 0).any():
            raise ValueError(f"fewer than {k} vectors were shown")
        within = found[:, : depth or k]
        hits = [np.isin(*rows).sum() for rows in zip(exact, within, strict=True)]
        return float(np.sum(hits) / exact.size)
