"""Which passages a search may find: a value that is checked, and its meaning in the library.

Knows the tables' columns; knows nothing of scores.
"""

import datetime as dt
import json
import sqlite3
from dataclasses import dataclass

from indexer import aliases
from indexer.errors import QueryError
from indexer.known import check_text, is_known, not_found
from indexer.records import speaker_key
from indexer.transcript import Role
from indexer.where import Where


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
        roles = self.roles or None
        if roles is None and not self.include_questions and self.speaker is None:
            roles = frozenset(Role) - {Role.QUESTION}
        speakers = None
        if self.speaker is not None:
            key = speaker_key(self.speaker)
            speakers = frozenset(aliases.keys_of(connection, [key])[key])
            if not any(is_known(connection, "speaker", one) for one in speakers):
                raise not_found(connection, "speaker", key)
        return Where(roles, speakers, self._transcripts(connection))

    def _transcripts(self, connection: sqlite3.Connection) -> frozenset[int] | None:
        """Numbers of the transcripts that are allowed, None where all are."""
        ids = sorted(self.transcript_ids)
        for id_ in ids:
            if not is_known(connection, "transcript", id_):
                raise not_found(connection, "transcript", id_)
        terms = [
            ("id IN (SELECT value FROM json_each(?))", json.dumps(ids) if ids else None),
            ("language = ?", self.language),
            ("date >= ?", self.date_from.isoformat() if self.date_from else None),
            ("date <= ?", self.date_to.isoformat() if self.date_to else None),
        ]
        given = [(sql, value) for sql, value in terms if value is not None]
        if not given:
            return None
        condition = " AND ".join(sql for sql, _ in given)
        rows = connection.execute(
            f"SELECT number FROM transcripts WHERE {condition}", [value for _, value in given]
        )
        return frozenset(number for (number,) in rows)
