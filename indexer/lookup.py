"""Titles of a few transcripts and names of a few speakers, without their words.

Knows the tables' columns; searches nothing.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from indexer.records import PERSON


class Heading(NamedTuple):
    """What stands over a transcript."""

    title: str
    date: dt.date | None


def headings(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Heading]:
    """The headings of those of the transcripts that exist, by id."""
    rows = connection.execute(
        "SELECT id, title, date FROM transcripts WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(ids))),),
    )
    return {
        id_: Heading(title, dt.date.fromisoformat(date) if date else None)
        for id_, title, date in rows
    }


def shown_names(connection: sqlite3.Connection, keys: Iterable[str]) -> list[str]:
    """The shown names of the persons to whom the keys belong, those with the most turns first."""
    rows = connection.execute(
        f"SELECT coalesce(max(a.person), min(t.speaker)), {PERSON} AS key FROM turns t "
        "LEFT JOIN aliases a USING (speaker_key) "
        "WHERE t.speaker_key IN (SELECT value FROM json_each(?)) "
        "GROUP BY key ORDER BY count(*) DESC, key",
        (json.dumps(sorted(set(keys))),),
    )
    return [name for name, _ in rows]
