"""What a question names in words, as filters that the user may add: a speaker, a time.

The ranking has heeded them already, softly; nothing is filtered unasked.
"""

import datetime as dt
import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from indexer.dates import spoken_date
from indexer.filters import Filters
from indexer.hints import Clues
from indexer.lookup import shown_names
from indexer.periods import Period

# A surname may be that of many.
MOST = 3


class SuggestionKind(StrEnum):
    """Which filter is suggested."""

    SPEAKER = "speaker"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter: the speaker, or first and last day. `label` is that in words."""

    kind: SuggestionKind
    label: str
    speaker: str | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None


def suggest(
    connection: sqlite3.Connection, clues: Clues, filters: Filters
) -> tuple[Suggestion, ...]:
    """Up to three speakers, then up to three times; none of a kind that the filters hold."""
    found: list[Suggestion] = []
    if filters.speaker is None and clues.speakers:
        names = shown_names(connection, clues.speakers)[:MOST]
        found += [Suggestion(SuggestionKind.SPEAKER, name, speaker=name) for name in names]
    if filters.date_from is None and filters.date_to is None:
        for period in list(dict.fromkeys(clues.periods))[:MOST]:
            label = period_label(period)
            found.append(Suggestion(SuggestionKind.DATES, label, None, *period))
    return tuple(found)


def period_label(period: Period) -> str:
    """As short as it can be said.

    >>> period_label(Period(dt.date(2023, 3, 1), dt.date(2023, 3, 31)))
    'March 2023'
    """
    first, last = period
    if first == last:
        return spoken_date(first)
    if period != period.months:
        return f"{spoken_date(first)} to {spoken_date(last)}"
    if (first.year, first.month, last.month) == (last.year, 1, 12):
        return str(first.year)
    one, two = f"{first:%B} {first.year}", f"{last:%B} {last.year}"
    return one if one == two else f"{one} to {two}"
