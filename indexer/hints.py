"""What a question says of where its answer stands: by whom, and when it was said.

Clues say where else to look for candidates, and each candidate gets small bonuses for a plain
reason:

- `lead`: an answer begins with what answers; later paragraphs of the turn enlarge on it, and
  what answers a short follow-up ("But why?") enlarges too.
- `date`: the question names a time ("in March 2023") and the transcript is of it; half of it where
  only the month is the same.
- `speaker`: the question names the person who speaks, by the surname of any of their names.

And one a small malus:

- `phatic`: it only keeps the talk going ("Oh.", "Thank you."), whatever stands around it.

They never make a hit out of nothing. Knows nothing of vectors.
"""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import aliases
from indexer.lexical import FUNCTION_WORDS
from indexer.periods import Period, find_periods, without_periods
from indexer.rows import Rows
from indexer.vectors import Ids
from indexer.where import EVERYWHERE, Where

_WORD = re.compile(r"[^\W_][\w'’-]*")


class Hints(NamedTuple):
    """Weights of the bonuses, in the unit of the fused score; also what a passage has of each."""

    lead: float = 0.1
    date: float = 0.4
    speaker: float = 0.2
    phatic: float = -0.15


class Clues(NamedTuple):
    """What a question names: periods, and speakers by all the keys of their names."""

    periods: tuple[Period, ...] = ()
    speakers: frozenset[str] = frozenset()

    def places(self, connection: sqlite3.Connection) -> list[Where]:
        """Where to look for candidates besides everywhere: at that time, and by that speaker."""
        at = Where(transcripts=self._dated(connection)) if self.periods else EVERYWHERE
        places = [at] if self.periods else []
        if self.speakers:
            places.append(at & Where(speakers=self.speakers))
        return places

    def _dated(self, connection: sqlite3.Connection) -> frozenset[int]:
        """Numbers of the transcripts of those months."""
        months = [period.months for period in self.periods]
        dated = " OR ".join("date BETWEEN ? AND ?" for _ in months)
        days = [day.isoformat() for month in months for day in month]
        rows = connection.execute(f"SELECT number FROM transcripts WHERE {dated}", days)
        return frozenset(number for (number,) in rows)


def read(connection: sqlite3.Connection, rows: Rows, question: str) -> Clues:
    """The clues in a question; only speakers of the library are known."""
    names = _named_words(without_periods(question))
    named = [key for name in names for key in rows.surnames.get(name, ())]
    persons = aliases.keys_of(connection, named) if named else {}
    return Clues(tuple(find_periods(question)), frozenset().union(*persons.values()))


def find(
    connection: sqlite3.Connection, clues: Clues, rows: Rows, rowids: Ids
) -> NDArray[np.float64]:
    """(n, 4): what each passage has of lead, date, speaker and phatic, 0 to 1."""
    table = rows.of(rowids)
    dated = np.zeros(len(table))
    if clues.periods:
        numbers, places = np.unique(table["transcript"], return_inverse=True)
        dates = _dates(connection, numbers)
        of_each = [_date(clues.periods, dates.get(one)) for one in numbers.tolist()]
        dated = np.array(of_each, dtype=np.float64)[places]
    spoken = rows.spoken_by(table, clues.speakers)
    return np.column_stack([table["lead"].astype(np.float64), dated, spoken, table["phatic"]])


def _dates(connection: sqlite3.Connection, numbers: NDArray[np.int32]) -> dict[int, str | None]:
    return dict(
        connection.execute(
            "SELECT number, date FROM transcripts WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(numbers.tolist()),),
        )
    )


def _date(periods: Sequence[Period], date: str | None) -> float:
    def within(period: Period) -> bool:
        return date is not None and period.first.isoformat() <= date <= period.last.isoformat()

    if any(within(period) for period in periods):
        return 1.0
    return 0.5 if any(within(period.months) for period in periods) else 0.0


def _named_words(question: str) -> set[str]:
    """Words of the question that may be names: those with a capital, or all where none has.

    A function word may be one where its capital is there for no other reason: "What did May say?".
    """
    composed = unicodedata.normalize("NFC", question)  # as `records.speaker_key` has names
    words = [re.sub(r"['’]s?$", "", word) for word in _WORD.findall(composed)]
    capital = [(at, word) for at, word in enumerate(words) if word[0] != word[0].lower()]
    if not capital:
        return {word.casefold() for word in words} - FUNCTION_WORDS
    return {
        word.casefold()
        for at, word in capital
        if (at and word != "I") or word.casefold() not in FUNCTION_WORDS
    }
