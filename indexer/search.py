"""Finds the passages that answer a question: dense and BM25 candidates, fused.

A candidate has three scores: how near its whole is to the question (text read in its context), how
near its nearest sentence is, and how much of the question BM25 finds in text and background.

Filters act before the candidates are drawn, so that k passages come back whenever k are allowed.
Knows nothing of quotes, answers or HTTP.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import hints
from indexer.duplicates import collapse
from indexer.errors import QueryError
from indexer.filters import Filters
from indexer.hints import Clues, Hints
from indexer.hints import read as read_clues
from indexer.known import check_text
from indexer.lexical import Words
from indexer.library import Library
from indexer.live import LiveVectors
from indexer.rows import LiveRows, Rows
from indexer.transcript import Hit, Passage
from indexer.vectors import Ids, VectorStore
from indexer.where import Where
from indexer.words import LiveWords
from models.embedder import Embedder, Vectors

__all__ = ["Filters", "Fusion", "Searcher", "fuse"]

MAX_QUESTION_CHARS = 2000
MAX_K = 1000

Scores = NDArray[np.float64]


class Fusion(NamedTuple):
    """How hits are scored: weights of the three parts and of the hints, and the depth.

    The vectors of wholes and BM25 each draw as many candidates as `depth` says, everywhere and
    where the question's clues point.
    """

    dense: float = 0.25
    sentence: float = 0.4
    lexical: float = 1.5
    hints: Hints = Hints()
    depth: int = 100


class _Ranked(NamedTuple):
    """n candidates, best first: scores (n,), parts of them (n, 7), and what they are."""

    rowids: Ids
    scores: Scores
    parts: Scores
    nearness: Sequence[tuple[float, ...]]
    table: NDArray[np.void]


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
        self.rows = LiveRows(library)
        self.words = LiveWords(library)
        with library.read() as connection:
            self.rows.at(connection)
            self.words.at(connection)

    def search(
        self, question: str, k: int = 10, filters: Filters = ANY, hints: bool = True
    ) -> list[Hit]:
        """The k best passages that the filters allow, best first, ties in order of indexing.

        Fewer come back only where fewer are allowed. Without `hints` the names and times in the
        question are words like others. Raises QueryError for a question or a k
        that makes no sense, NotFound for an unknown speaker or transcript.
        """
        _check(question, k)
        query = self.embedder.embed_query(question)
        depth = max(self.fusion.depth, k)
        with self.library.read() as connection:
            while True:
                # Nothing is read before: the state is then the present one, and its vectors ready.
                with self.vectors.in_step() as store:
                    rows, words = self.rows.at(connection), self.words.at(connection)
                    where = filters.where(connection)
                    clues = read_clues(connection, rows, question) if hints else Clues()
                    places = [where, *(where & one for one in clues.places(connection))]
                    near = [store.search(query, depth, rows.allowed(one))[0] for one in places]
                    near.append(self._gone(store, rows, where))
                bm25 = {
                    rowid: score
                    for one in places
                    for rowid, score in words.search(question, depth, one)
                }
                found = np.unique(np.concatenate([*near, np.array([*bm25], dtype=np.int64)]))
                found = found[rows.hold(found)]
                share = _shares(words, question, found.tolist(), bm25)
                ranked = self._rank(connection, query, found, share, clues, rows)
                groups = self._collapse(rows, ranked, k)
                # What says the same counts once: there may be more to be had.
                if len(groups) == k or len(near[0]) < depth:
                    return self._hits(ranked, groups)
                depth *= 2

    def clues(self, question: str) -> Clues:
        """What the question names that the search heeds, in the present state."""
        with self.library.read() as connection:
            return read_clues(connection, self.rows.at(connection), question)

    def _gone(self, store: VectorStore, rows: Rows, where: Where) -> Ids:
        """Rowids that this reader still sees, but not the vectors, which are of a later state."""
        if self.vectors.state == self.library.state():
            return np.empty(0, dtype=np.int64)
        allowed = rows.allowed(where)
        return np.setdiff1d(rows.rowids if allowed is None else allowed, store.ids)

    def _rank(
        self,
        connection: sqlite3.Connection,
        query: Vectors,
        rowids: Ids,
        share: Scores,
        clues: Clues,
        rows: Rows,
    ) -> _Ranked:
        """The candidates, best first, but what answers before what it answers."""
        wholes, nearness = self.library.cosines(rowids.tolist(), query)
        cosines = wholes.astype(np.float64)
        nearest = np.array([max(one, default=cosines[at]) for at, one in enumerate(nearness)])
        found = hints.find(connection, clues, rows, rowids)
        totals = fuse(cosines, nearest, share, found, self.fusion)
        parts = np.column_stack([cosines, nearest, share, found])
        table = rows.of(rowids)
        order, scores = _answers_first(np.argsort(-totals, kind="stable"), totals, table)
        return _Ranked(
            rowids[order], scores, parts[order], [nearness[at] for at in order], table[order]
        )

    def _collapse(self, rows: Rows, ranked: _Ranked, k: int) -> list[list[int]]:
        """Positions of the first k that say different things, each with what says the same."""
        table = ranked.table
        return collapse(
            table["signature"],
            rows.persons_of(table),
            lambda at: self.library.text(int(ranked.rowids[at])),
            k,
        )

    def _hits(self, ranked: _Ranked, groups: Sequence[Sequence[int]]) -> list[Hit]:
        rowids = ranked.rowids.tolist()
        passages = self.library.passages([rowids[at] for group in groups for at in group])
        names = ("dense", "sentence", "lexical", *Hints._fields)

        def hit(rank: int, first: int, others: Sequence[Passage]) -> Hit:
            return Hit(
                passage=passages[rowids[first]],
                score=float(ranked.scores[first]),
                rank=rank,
                components=dict(zip(names, ranked.parts[first].tolist(), strict=True)),
                nearness=ranked.nearness[first],
                duplicates=tuple(others),
            )

        return [
            hit(rank, first, [passages[rowids[at]] for at in others])
            for rank, (first, *others) in enumerate(groups, 1)
        ]


def _shares(
    words: Words, question: str, rowids: Sequence[int], known: Mapping[int, float]
) -> Scores:
    """How much of the question BM25 finds in each passage, (n,) in 0..1; some is known."""
    bm25 = words.scores(question, [one for one in rowids if one not in known])
    # Of no word found nothing is said, and 0 divided by 0 is no score.
    most = words.ceiling(question) or 1.0
    return np.array([known.get(one, bm25.get(one, 0.0)) / most for one in rowids])


def fuse(
    dense: Scores, nearest: Scores, words: Scores, found: Scores, fusion: Fusion = FUSION
) -> Scores:
    """Scores of n candidates in 0..1, higher is better.

    The weighted sum of the (n,) cosines, each kind spread over 0..1, of the (n,) shares of the
    question's words, and of the (n, 4) hints, divided by the sum of the weights above 0; no score
    is below 0. The shares are not spread: where no passage has many of the words, the vectors
    decide.
    """
    parts = np.stack([_spread(dense), _spread(nearest), words, *found.T])
    weights = np.array([*fusion[:3], *fusion.hints])
    # No matrix product: its sums differ by column in the last bit, and ties would be none.
    most = weights[weights > 0].sum() or 1.0
    return np.asarray(np.maximum((weights[:, None] * parts).sum(axis=0) / most, 0))


def _spread(scores: Scores) -> Scores:
    """Min-max normalisation: the worst candidate gets 0, the best 1.

    Candidates that are all equal are all the best; unless they are so by having nothing.
    """
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    if high > low:
        return np.asarray((scores - low) / (high - low))
    return np.full_like(scores, 1.0 if high > 0 else 0.0)


def _answers_first(
    order: NDArray[np.int64], totals: Scores, table: NDArray[np.void]
) -> tuple[list[int], Scores]:
    """Puts before what asks the best that answers it, where that was found too.

    What a member of a committee asks is worth citing, but no answer. The one moved up has the
    score of what it answers. Gives the new order, and the scores in it.
    """
    turns = list(zip(table["transcript"].tolist(), table["turn"].tolist(), strict=True))
    best: dict[tuple[int, int], int] = {}
    for at in order.tolist():
        if answered := int(table["answers"][at]):
            best.setdefault((turns[at][0], answered), at)
    scores: dict[int, float] = {}
    for at in order.tolist():
        answer = best.get(turns[at])
        if answer is not None:
            scores.setdefault(answer, float(max(totals[at], totals[answer])))
        scores.setdefault(at, float(totals[at]))
    return list(scores), np.array(list(scores.values()))


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
