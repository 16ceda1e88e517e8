"""Finds the passages that answer a question: dense and BM25 candidates, fused.

A candidate has three scores: how near its whole is to the question (text read in its context), how
near its nearest sentence is, and how much of the question BM25 finds in text and background.

Filters act before the candidates are drawn, so that k passages come back whenever k are allowed.
Knows nothing of quotes, answers or HTTP.
"""

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import aliases, hints, lexical
from indexer.duplicates import Said, collapse
from indexer.errors import QueryError
from indexer.filters import Filters
from indexer.hints import Clues, Hints
from indexer.hints import read as read_clues
from indexer.known import check_text
from indexer.lexical import WEIGHTS, Weights, Where
from indexer.library import Library, State
from indexer.live import LiveVectors
from indexer.transcript import Hit, Passage
from indexer.vectors import Ids
from models.embedder import Embedder, Vectors

__all__ = ["Filters", "Fusion", "Searcher", "fuse"]

MAX_QUESTION_CHARS = 2000
MAX_K = 1000
REMEMBERED_FILTERS = 32

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
    columns: Weights = WEIGHTS


class _Candidate(NamedTuple):
    passage: Passage
    person: str | None
    answers: int | None
    score: float
    components: Mapping[str, float]
    nearness: tuple[float, ...]


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
        self._allowed: OrderedDict[tuple[State, Where], Ids] = OrderedDict()
        self._lock = threading.Lock()

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
                    where = filters.where(connection)
                    clues = read_clues(connection, question) if hints else Clues()
                    places = [where, *(where & place for place in clues.places())]
                    allowed = [self._allowed_rowids(connection, place) for place in places]
                    near = [store.search(query, depth, rowids)[0] for rowids in allowed]
                shared = [
                    lexical.search(connection, question, depth, place, self.fusion.columns)
                    for place in places
                ]
                found = {rowid for row in near for rowid in row.tolist()}
                found |= {rowid for rows in shared for rowid, _ in rows}
                ranked = self._rank(connection, question, query, sorted(found), clues)
                groups = collapse([Said(one.passage.text, one.person) for one in ranked], k)
                # What says the same counts once: there may be more to be had.
                if len(groups) == k or len(near[0]) < depth:
                    break
                depth *= 2
        return [_hit(rank, [ranked[at] for at in group]) for rank, group in enumerate(groups, 1)]

    def _rank(
        self,
        connection: sqlite3.Connection,
        question: str,
        query: Vectors,
        rowids: list[int],
        clues: Clues,
    ) -> list[_Candidate]:
        """The candidates, best first."""
        if not rowids:
            return []
        bm25 = lexical.scores(connection, question, rowids, self.fusion.columns)
        # Of no word found nothing is said, and 0 divided by 0 is no score.
        most = lexical.ceiling(connection, question) or 1.0
        words = np.array([bm25.get(rowid, 0.0) / most for rowid in rowids])
        embeddings = self.library.embeddings_of(rowids)
        # Rounded, so that equal texts tie whatever the order of the sums.
        cosines = np.round(embeddings.vectors @ query, 6).astype(np.float64)
        nearness = [np.round(rows @ query, 6).tolist() for rows in embeddings.sentences]
        nearest = np.array([max(one, default=cosines[at]) for at, one in enumerate(nearness)])
        found = hints.find(connection, clues, rowids)
        totals = fuse(cosines, nearest, words, found, self.fusion)
        passages = self.library.passages(rowids)
        persons = aliases.persons_of(connection, rowids)
        answered = _answered(connection, rowids)
        parts = np.column_stack([cosines, nearest, words, found])
        names = ("dense", "sentence", "lexical", *Hints._fields)
        ranked = [
            _Candidate(
                passage=passages[rowids[at]],
                person=persons.get(rowids[at]),
                answers=answered[rowids[at]],
                score=float(totals[at]),
                components=dict(zip(names, parts[at].tolist(), strict=True)),
                nearness=tuple(nearness[at]),
            )
            for at in np.argsort(-totals, kind="stable").tolist()
        ]
        return _answers_first(ranked)

    def _allowed_rowids(self, connection: sqlite3.Connection, where: Where) -> Ids | None:
        """Rowids that meet the condition, None where all do; remembered while the state lasts."""
        if where == lexical.EVERYWHERE:
            return None
        key = (self.library.state(), where)
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


def fuse(
    dense: Scores, nearest: Scores, words: Scores, found: Scores, fusion: Fusion = FUSION
) -> Scores:
    """Scores of n candidates in 0..1, higher is better.

    The weighted sum of the (n,) cosines, each kind spread over 0..1, of the (n,) shares of the
    question's words, and of the (n, 3) hints, divided by the sum of the weights. The shares are
    not spread: where no passage has many of the words, the vectors decide.
    """
    parts = np.stack([_spread(dense), _spread(nearest), words, *found.T])
    weights = np.array([*fusion[:3], *fusion.hints])
    # No matrix product: its sums differ by column in the last bit, and ties would be none.
    return np.asarray((weights[:, None] * parts).sum(axis=0) / weights.sum())


def _spread(scores: Scores) -> Scores:
    """Min-max normalisation: the worst candidate gets 0, the best 1.

    Candidates that are all equal are all the best; unless they are so by having nothing.
    """
    low, high = scores.min(), scores.max()
    if high > low:
        return np.asarray((scores - low) / (high - low))
    return np.full_like(scores, 1.0 if high > 0 else 0.0)


def _answered(connection: sqlite3.Connection, rowids: Sequence[int]) -> dict[int, int | None]:
    """Which turn of its transcript each passage answers, if any."""
    return dict(
        connection.execute(
            "SELECT p.rowid, t.answers FROM passages p "
            "JOIN turns t ON t.transcript = p.transcript AND t.number = p.turn "
            "WHERE p.rowid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rowids)),),
        )
    )


def _answers_first(ranked: Sequence[_Candidate]) -> list[_Candidate]:
    """Puts before what asks the best that answers it, where that was found too.

    What a member of a committee asks is worth citing, but no answer. The one moved up has the
    score of what it answers.
    """
    best: dict[tuple[str, int], int] = {}
    for at, one in enumerate(ranked):
        if one.answers is not None:
            best.setdefault((one.passage.transcript_id, one.answers), at)
    ordered: list[_Candidate] = []
    placed: set[int] = set()
    for at, one in enumerate(ranked):
        answer = best.get((one.passage.transcript_id, one.passage.turn))
        if answer is not None and answer not in placed:
            placed.add(answer)
            ordered.append(ranked[answer]._replace(score=max(one.score, ranked[answer].score)))
        if at not in placed:
            placed.add(at)
            ordered.append(one)
    return ordered


def _hit(rank: int, same: Sequence[_Candidate]) -> Hit:
    first, *others = same
    return Hit(
        passage=first.passage,
        score=first.score,
        rank=rank,
        components=first.components,
        nearness=first.nearness,
        duplicates=tuple(one.passage for one in others),
    )


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
