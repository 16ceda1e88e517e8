"""BM25 over the words of passages and of what they are understood by, by SQLite FTS5.

The index is kept in step by triggers (see `indexer.schema`); here is only the asking. Whatever
the question holds, it is words to be found and never FTS5 syntax.

The score is FTS5's own (https://sqlite.org/fts5.html#the_bm25_function) with the sign turned:
sum over words of idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean length)), k1 = 1.2,
b = 0.75, idf = ln((N - n + 0.5) / (n + 0.5)) but at least 1e-6; f is the word's count in the
passage, each column's times its weight.
"""

import json
import math
import sqlite3
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple


class Where(NamedTuple):
    """A condition on a passage `p`, in SQL; `parameters` fill its question marks."""

    sql: str = "1"
    parameters: tuple[Any, ...] = ()

    def __and__(self, other: "Where") -> "Where":
        """Both hold."""
        return Where(f"({self.sql}) AND ({other.sql})", self.parameters + other.parameters)


class Weights(NamedTuple):
    """How much a word of the background counts, and one of the passage's own text."""

    background: float = 1.0
    text: float = 1.0


# FTS5's.
K1 = 1.2
MIN_IDF = 1e-6

EVERYWHERE = Where()
WEIGHTS = Weights()

# Words that hold a sentence together, with the ends that an apostrophe leaves ("don't", "it's")
# and the article of Arabic names ("al-Baghdadi" is not found by "al-Qaeda").
FUNCTION_WORDS = frozenset(
    "a about al am an and any are aren as at be been being but by can could couldn d did didn do "
    "does doesn doing don for from had hadn has hasn have haven having he her hers him his how "
    "i if in into is isn it its ll m may me might my no nor not of on or our ours re s shall "
    "she should shouldn so some such t than that the their theirs them then there these they "
    "this those to too upon ve was wasn we were weren what when where which who whom whose why "
    "will with would wouldn you your yours".split()
)


def match_expression(question: str) -> str:
    """The FTS5 expression that finds any of the question's words; empty where it has none."""
    return " OR ".join(f'"{word}"' for word in telling_words(question))


def telling_words(text: str) -> list[str]:
    """The different words of a text in small letters, function words left out if others remain."""
    spaced = "".join(char if _is_in_word(char) else " " for char in text)
    words = list(dict.fromkeys(spaced.lower().split()))
    return [word for word in words if word not in FUNCTION_WORDS] or words


def search(
    connection: sqlite3.Connection,
    question: str,
    k: int,
    where: Where = EVERYWHERE,
    weights: Weights = WEIGHTS,
) -> list[tuple[int, float]]:
    """Up to k (rowid, score), best first; only passages that share a word and meet `where`.

    A score is a BM25 score, higher is better, ties by rowid.
    """
    return _scores(connection, question, where, weights, k)


def scores(
    connection: sqlite3.Connection,
    question: str,
    rowids: Iterable[int],
    weights: Weights = WEIGHTS,
) -> dict[int, float]:
    """BM25 scores of those of the passages that share a word with the question."""
    where = Where("p.rowid IN (SELECT value FROM json_each(?))", (json.dumps(list(rowids)),))
    return dict(_scores(connection, question, where, weights, -1))


def ceiling(connection: sqlite3.Connection, question: str) -> float:
    """What no passage's score can reach, whatever the weights: one that is full of every word.

    A score divided by it says how much of the question was found, whatever the library's size. A
    word that no passage holds counts as the rarest.
    """
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    total = 0.0
    for word in telling_words(question):
        found = connection.execute(
            "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (f'"{word}"',)
        ).fetchone()[0]
        total += max(math.log((passages - found + 0.5) / (found + 0.5)), MIN_IDF)
    return total * (K1 + 1)


def _scores(
    connection: sqlite3.Connection, question: str, where: Where, weights: Weights, limit: int
) -> list[tuple[int, float]]:
    expression = match_expression(question)
    if not expression:
        return []
    return connection.execute(
        "SELECT f.rowid, -bm25(passages_fts, ?, ?) AS score FROM passages_fts f "
        "CROSS JOIN passages p ON p.rowid = f.rowid "
        f"WHERE passages_fts MATCH ? AND ({where.sql}) ORDER BY score DESC, f.rowid LIMIT ?",
        (weights.background, weights.text, expression, *where.parameters, limit),
    ).fetchall()


def _is_in_word(char: str) -> bool:
    """Letters, numbers and the marks on them, as FTS5's tokenizer sees words."""
    category = unicodedata.category(char)
    return category[0] in "LNM" or category == "Co"
