"""What speaks for a passage beside its words: small bonuses, each for one plain reason.

- `lead`: an answer begins with what answers; later paragraphs of the turn enlarge on it, and
  what answers a short follow-up ("But why?") enlarges too.
- `date`: the question names a year, or a month and year, and the transcript is of that time.
- `speaker`: the question names the person who speaks, by the surname of any of their names.

They break near-ties and never make a hit out of nothing. Knows nothing of vectors.
"""

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import aliases
from indexer.dates import find_months

_WORD = re.compile(r"[^\W_][\w'’-]*")


class Hints(NamedTuple):
    """Weights of the bonuses, in the unit of the fused score; also what a passage has of each."""

    lead: float = 0.2
    date: float = 0.2
    speaker: float = 0.2


def find(
    connection: sqlite3.Connection, question: str, rowids: Sequence[int]
) -> NDArray[np.float64]:
    """(n, 3) of 0 and 1: whether each passage is the lead, of the date, by the speaker named."""
    months = find_months(question)
    names = _named_words(question)
    rows = connection.execute(
        "SELECT p.rowid, p.lead, d.date, CASE WHEN t.named THEN p.speaker_key END "
        "FROM passages p JOIN transcripts d ON d.number = p.transcript "
        "JOIN turns t ON t.transcript = p.transcript AND t.number = p.turn "
        "WHERE p.rowid IN (SELECT value FROM json_each(?))",
        (json.dumps(list(rowids)),),
    ).fetchall()
    asked_for = {
        key
        for key, keys in aliases.keys_of(connection, {row[3] for row in rows if row[3]}).items()
        if any(one.split()[-1] in names for one in keys)
    }
    found = {
        rowid: (
            float(lead),
            float(date is not None and any(date.startswith(month) for month in months)),
            float(speaker in asked_for),
        )
        for rowid, lead, date, speaker in rows
    }
    return np.array([found[rowid] for rowid in rowids], dtype=np.float64).reshape(-1, 3)


def _named_words(question: str) -> set[str]:
    """Words of the question that may be names: those with a capital, or all where none has."""
    words = _WORD.findall(question)
    capital = [word for word in words if word[0] != word[0].lower()]
    bare = (re.sub(r"['’]s?$", "", word) for word in (capital or words))
    return {word.casefold() for word in bare}
