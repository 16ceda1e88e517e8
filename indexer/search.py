"""Finds the passages that answer a question: dense and BM25 candidates, fused.

Filters act before the candidates are drawn, so that k passages come back whenever k are allowed.
Knows nothing of quotes, answers or HTTP.
"""

import sqlite3
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import hints, lexical
from indexer.errors import QueryError
from indexer.filters import Filters
from indexer.hints import Hints
from indexer.known import check_text
from indexer.lexical import WEIGHTS, Weights, Where
from indexer.library import Library, State
from indexer.live import LiveVectors
from indexer.transcript import Hit
from indexer.vectors import Ids
from models.embedder import Embedder

__all__ = ["Filters", "Fusion", "Searcher", "fuse"]

MAX_QUESTION_CHARS = 2000
MAX_K = 1000
REMEMBERED_FILTERS = 32
REMEMBERED_QUESTIONS = 64

Scores = NDArray[np.float64]


class Fusion(NamedTuple):
    """How hits are scored: weights of the two parts (of sum 1) and of the hints, and the depth.

    Each part draws as many candidates as `depth` says.
    """

    dense: float = 0.6
    lexical: float = 0.4
    hints: Hints = Hints()
    depth: int = 100
    columns: Weights = WEIGHTS


ANY = Filters()
FUSION = Fusion()


class Searcher:
    """Searches a library, also while this or another process adds to it; safe among threads."""

    def __init__(self, library: Library, embedder: Embedder, fusion: Fusion = FUSION) -> None:
        """Raises ModelMismatch where the library was made with another model."""
        library.bind(embedder)
        self.library = library
        self.embedder = embedder
        self.fusion = fusion
        self.vectors = LiveVectors(library)
        self._allowed: OrderedDict[tuple[State, Filters], Ids] = OrderedDict()
        self._lock = threading.Lock()
        # Searching and marking the sentence that answers ask for the same vector.
        self.query_vector = lru_cache(REMEMBERED_QUESTIONS)(embedder.embed_query)

    def search(self, question: str, k: int = 10, filters: Filters = ANY) -> list[Hit]:
        """The k best passages that the filters allow, best first, ties in order of indexing.

        Fewer come back only where fewer are allowed. Raises QueryError for a question or a k
        that makes no sense, NotFound for an unknown speaker or transcript.
        """
        _check(question, k)
        query = self.query_vector(question)
        depth = max(self.fusion.depth, k)
        with self.library.read() as connection:
            # The lock is held for the vectors alone; the rest reads the same state without it.
            with self.vectors.in_step() as store:
                where = filters.where(connection)
                allowed = self._allowed_rowids(connection, filters, where)
                near, _ = store.search(query, depth, allowed)
            columns = self.fusion.columns
            shared = lexical.search(connection, question, depth, where, columns)
            candidates = np.union1d(near, np.array([row for row, _ in shared], dtype=np.int64))
            if not len(candidates):
                return []
            rowids = candidates.tolist()
            bm25 = dict(shared) | lexical.scores(connection, question, near.tolist(), columns)
            words = np.array([bm25.get(rowid, 0.0) for rowid in rowids])
            # Rounded, so that equal texts tie whatever the order of the sums.
            cosines = np.round(self.library.vectors(rowids) @ query, 6).astype(np.float64)
            found = hints.find(connection, question, rowids)
            totals = fuse(cosines, words, found, self.fusion)
            best = np.argsort(-totals, kind="stable")[:k]
            passages = self.library.passages([rowids[i] for i in best])
        return [
            Hit(
                passage=passages[rowids[i]],
                score=float(totals[i]),
                rank=rank,
                components={
                    "dense": float(cosines[i]),
                    "lexical": float(words[i]),
                    **Hints(*found[i].tolist())._asdict(),
                },
            )
            for rank, i in enumerate(best, start=1)
        ]

    def _allowed_rowids(
        self, connection: sqlite3.Connection, filters: Filters, where: Where
    ) -> Ids | None:
        """Rowids that meet the filters, None where all do; remembered while the state lasts."""
        if where == lexical.EVERYWHERE:
            return None
        key = (self.library.state(), filters)
        with self._lock:
            if key in self._allowed:
                self._allowed.move_to_end(key)
                return self._allowed[key]
        rows = connection.execute(
            f"SELECT p.rowid FROM passages p WHERE {where.sql}", where.parameters
        )
        allowed = np.fromiter((row[0] for row in rows), dtype=np.int64)
        with self._lock:
            self._allowed[key] = allowed
            while len(self._allowed) > REMEMBERED_FILTERS:
                self._allowed.popitem(last=False)
        return allowed


def fuse(dense: Scores, words: Scores, found: Scores, fusion: Fusion = FUSION) -> Scores:
    """Scores of n candidates in 0..1, higher is better.

    The weighted sum of both (n,) scores, each spread over 0..1, and of the (n, 3) hints, divided
    by the sum of the weights.
    """
    weights = np.array(fusion.hints)
    total = fusion.dense * _spread(dense) + fusion.lexical * _spread(words) + found @ weights
    return np.asarray(total / (fusion.dense + fusion.lexical + weights.sum()))


def _spread(scores: Scores) -> Scores:
    """Min-max normalisation: the worst candidate gets 0, the best 1.

    Candidates that are all equal are all the best; unless they are so by having nothing.
    """
    low, high = scores.min(), scores.max()
    if high > low:
        return np.asarray((scores - low) / (high - low))
    return np.full_like(scores, 1.0 if high > 0 else 0.0)


def _check(question: str, k: int) -> None:
    if not any(char.isalnum() for char in question):
        raise QueryError("the question has no words: ask something")
    if len(question) > MAX_QUESTION_CHARS:
        raise QueryError(
            f"the question has {len(question)} characters, {MAX_QUESTION_CHARS} are the most: "
            "shorten it"
        )
    check_text("the question", question)
    if not 1 <= k <= MAX_K:
        raise QueryError(f"k is {k}, but must be 1 to {MAX_K}")
