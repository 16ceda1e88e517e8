"""Which passages a search may find: a value that is checked, and its meaning in SQL.

Knows the tables' columns; knows nothing of scores.
"""

import datetime as dt
import json
import sqlite3
from dataclasses import dataclass

from indexer import aliases
from indexer.errors import QueryError
from indexer.known import check_text, is_known, not_found
from indexer.lexical import Where
from indexer.records import speaker_key
from indexer.transcript import Role


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be; every part given must hold, and an empty one holds for all.

    Without `roles`, question turns are no hits (they are the context of their answers) unless
    `include_questions`, or a `speaker` is given, whose questions are wanted then too. `speaker` is
    one of the person's names, whole and in any case. The dates include their ends, and leave out
    transcripts without a date. Raises QueryError where they are crossed.
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
        elif not self.include_questions and self.speaker is None:
            terms.append(("p.role <> ?", Role.QUESTION))
        if self.speaker is not None:
            key = speaker_key(self.speaker)
            keys = sorted(aliases.keys_of(connection, [key])[key])
            if not any(is_known(connection, "speaker", one) for one in keys):
                raise not_found(connection, "speaker", key)
            terms.append((_among("p.speaker_key"), json.dumps(keys)))
        ids = sorted(self.transcript_ids)
        for id_ in ids:
            if not is_known(connection, "transcript", id_):
                raise not_found(connection, "transcript", id_)
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


def _among(column: str) -> str:
    return f"{column} IN (SELECT value FROM json_each(?))"
