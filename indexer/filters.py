"""Which passages a search may find: a value that is checked, and its meaning in SQL.

Knows the tables' columns; knows nothing of scores.
"""

import datetime as dt
import difflib
import json
import sqlite3
from dataclasses import dataclass

from indexer.errors import NotFound, QueryError
from indexer.lexical import Where
from indexer.records import speaker_key
from indexer.transcript import Role

MAX_NAMES = 10_000
_NAMES = {
    "speaker": "SELECT speaker_key AS key, speaker AS name FROM turns WHERE speaker_key NOT NULL",
    "transcript": "SELECT id AS key, id AS name FROM transcripts",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be; every part given must hold, and an empty one holds for all.

    Without `roles`, question turns are no hits (they are the context of their answers) unless
    `include_questions`. `speaker` is the whole displayed name, in any case. The dates include
    their ends, and leave out transcripts without a date. Raises QueryError where they are crossed.
    """

    speaker: str | None = None
    roles: frozenset[Role] = frozenset()
    include_questions: bool = False
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    transcript_ids: frozenset[str] = frozenset()
    language: str | None = None

    def __post_init__(self) -> None:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise QueryError(
                f"date_from {self.date_from} is after date_to {self.date_to}: exchange them"
            )
        for text in (self.speaker, self.language, *self.transcript_ids):
            check_text("a filter", text or "")

    def where(self, connection: sqlite3.Connection) -> Where:
        """The condition on a passage; NotFound where speaker or transcript are unknown."""
        terms: list[tuple[str, str | None]] = []
        if self.roles:
            terms.append((_among("p.role"), json.dumps(sorted(self.roles))))
        elif not self.include_questions:
            terms.append(("p.role <> ?", Role.QUESTION))
        if self.speaker is not None:
            key = speaker_key(self.speaker)
            _check_known(connection, "speaker", [key])
            terms.append(("p.speaker_key = ?", key))
        ids = sorted(self.transcript_ids)
        _check_known(connection, "transcript", ids)
        of_transcript: list[tuple[str, str | None]] = [
            (_among("id"), json.dumps(ids) if ids else None),
            ("language = ?", self.language),
            ("date >= ?", self.date_from.isoformat() if self.date_from else None),
            ("date <= ?", self.date_to.isoformat() if self.date_to else None),
        ]
        if given := [(sql, value) for sql, value in of_transcript if value is not None]:
            condition = " AND ".join(sql for sql, _ in given)
            terms.append(
                (f"p.transcript IN (SELECT number FROM transcripts WHERE {condition})", None)
            )
        parameters = [value for _, value in terms if value is not None]
        parameters += [value for _, value in given]
        return Where(" AND ".join(sql for sql, _ in terms) or "1", tuple(parameters))


def check_text(what: str, text: str) -> None:
    """Raises QueryError for half a surrogate pair, which JSON can hold and a database cannot."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(f"{what} holds a broken character at {error.start}") from error


def _among(column: str) -> str:
    return f"{column} IN (SELECT value FROM json_each(?))"


def _check_known(connection: sqlite3.Connection, what: str, keys: list[str]) -> None:
    named = _NAMES[what]
    for key in keys:
        known = connection.execute(f"SELECT 1 FROM ({named}) WHERE key = ? LIMIT 1", (key,))
        if known.fetchone():
            continue
        names: dict[str, str] = dict(
            connection.execute(
                f"SELECT key, min(name) FROM ({named}) GROUP BY key LIMIT ?", (MAX_NAMES,)
            ).fetchall()
        )
        near = [name for name in names if key and key in name][:3]
        near = near or difflib.get_close_matches(key, names, n=3)
        hint = f": did you mean {' or '.join(names[name] for name in near)}?" if near else ""
        raise NotFound(f"no {what} {key!r} in this library{hint}")
