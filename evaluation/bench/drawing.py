"""Vectors and questions to measure indexes with: a library's own, and more drawn around them.

What is drawn must have neighbours as near as real vectors have, or an index is measured on a task
that nobody has. Measures nothing itself.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.errors import EvaluationError
from indexer.library import Library
from models.embedder import Vectors

SAMPLED = 500
CHUNK = 50_000


def draw(library: Library, count: int, path: Path) -> dict[str, Any]:
    """Writes (count, dimension) float32 unit vectors as a .npy file; says how they were drawn.

    First the library's own in its order; then, round after round, one near each of them: the
    vector plus the difference of two others, scaled so that the mean cosine with the vector is
    the mean of the library's own with their nearest. The covariance is so the library's own too.
    """
    with library.read():
        own = np.concatenate([rows for _, rows in library.vectors_after(0)])
    rng = np.random.default_rng(0)
    nearest, scale = _scale(own, rng)
    drawn = np.lib.format.open_memmap(path, "w+", np.float32, (count, own.shape[1]))
    for start in range(0, count, CHUNK):
        at = np.arange(start, min(start + CHUNK, count))
        rows = own[at % len(own)]
        if start + CHUNK > len(own):
            one, other = own[rng.integers(len(own), size=(2, len(at)))]
            rows = np.where((at < len(own))[:, None], rows, rows + scale * (one - other))
        drawn[at] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    drawn.flush()
    return {
        "own": min(count, len(own)),
        "drawn_around_them": max(count - len(own), 0),
        "cosine_with_what_it_was_drawn_around": round(nearest, 4),
        "times_difference_of_two_others": round(scale, 4),
    }


def _scale(own: Vectors, rng: np.random.Generator) -> tuple[float, float]:
    """Mean cosine of a vector with its nearest, and how much noise gives that mean."""
    import faiss

    library: Any = faiss
    sample = own[rng.choice(len(own), min(SAMPLED, len(own)), replace=False)]
    scores, _ = library.knn(sample, own, 2, metric=faiss.METRIC_INNER_PRODUCT)
    nearest = float(scores[:, 1].mean())
    apart = float(((sample[1:] - sample[:-1]) ** 2).sum(axis=1).mean())
    return nearest, float(np.sqrt((1 / nearest**2 - 1) / apart))


def embed_questions(library: Library, path: Path) -> Vectors:
    """The questions of a JSON-lines file, (m, dimension), embedded as the library's passages are.

    Raises ModelMismatch where the library has another model.
    """
    from models.load import load_embedder

    embedder = load_embedder()
    library.bind(embedder)
    lines = path.read_text(encoding="utf-8").splitlines()
    return np.stack([embedder.embed_query(json.loads(line)["question"]) for line in lines])


def filters(count: int, selectivity: float) -> Iterator[tuple[str, np.ndarray]]:
    """Two ways to allow that share of the ids 0 to count - 1: scattered, and one after another.

    The second is what transcripts and dates allow: ids of one time and place, alike in matter.
    """
    allowed = round(count * selectivity)
    if not allowed:
        raise EvaluationError(f"{selectivity} of {count} passages are none: leave it out")
    rng = np.random.default_rng(1)
    yield "scattered", np.sort(rng.choice(count, allowed, replace=False)).astype(np.int64)
    start = int(rng.integers(count - allowed + 1))
    yield "together", np.arange(start, start + allowed, dtype=np.int64)
