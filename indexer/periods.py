"""The times that a question names: "in March 2023", "early May 2024", "on 4 December 2023".

English words and ISO days, always with their year: a month alone is of no known year. Guesses
nothing of events ("after the election").
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

from indexer.dates import MONTH, MONTHS

_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_PARTS = {
    "early": (1, 12),
    "beginning of": (1, 12),
    "start of": (1, 12),
    "first week of": (1, 9),
    "mid": (8, 23),
    "middle of": (8, 23),
    "late": (18, 31),
    "end of": (20, 31),
    "last week of": (20, 31),
}
# From the first month to the last; the thirteenth is January of the year after.
_SEASONS = {
    "spring": (3, 5),
    "easter": (3, 4),
    "summer": (6, 8),
    "autumn": (9, 11),
    "fall": (9, 11),
    "thanksgiving": (11, 11),
    "christmas": (12, 12),
    "winter": (12, 14),
}
_PART = rf"(?P<part>{'|'.join(_PARTS)})(?:[-\s]|\sthe\s)"
_SEASON = rf"(?P<season>{'|'.join(_SEASONS)})(?:\s(?:of|in))?\s"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{MONTH},?\s{_YEAR}\b",
        rf"\b{MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{_YEAR}\b",
        rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b",
        rf"\b(?:{_PART})?{MONTH},?\s(?:of\s)?{_YEAR}\b",
        rf"\b(?:{_SEASON})?{_YEAR}\b",
    )
)


class Period(NamedTuple):
    """From a first to a last day, both included."""

    first: dt.date
    last: dt.date

    @property
    def months(self) -> "Period":
        """The whole months in which the period lies."""
        return _months(self.first.year, self.first.month, _months_between(*self))


def find_periods(text: str) -> list[Period]:
    """The periods that a text names, in order; what is no date of the calendar is left out.

    >>> [str(period.first) for period in find_periods("late March 2023, or fall 2024?")]
    ['2023-03-18', '2024-09-01']
    """
    return [period for match in _matches(text) for period in _period(match)]


def without_periods(text: str) -> str:
    """The text with the periods cut out: nobody called May is named in "in May 2023"."""
    kept, start = [], 0
    for match in _matches(text):
        kept.append(text[start : match.start()])
        start = match.end()
    return " ".join([*kept, text[start:]])


def _matches(text: str) -> list[re.Match[str]]:
    """What has the form of a period, in order; of two that overlap the more exact one."""
    found: list[re.Match[str]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if all(match.end() <= one.start() or match.start() >= one.end() for one in found):
                found.append(match)
    return sorted(found, key=re.Match.start)


def _period(match: re.Match[str]) -> Iterator[Period]:
    parts = match.groupdict()
    year, month = int(parts["year"]), parts.get("month")
    try:
        # Without regard to case the forms also let through what is no ASCII letter: "APR\u0130L".
        number = MONTHS.get(month.lower()) or int(month) if month else 0
        if parts.get("day"):
            day = dt.date(year, number, int(parts["day"]))
            yield Period(day, day)
        elif number:
            whole = _months(year, number, 0)
            first, last = _PARTS.get(str(parts["part"]).lower(), (1, 31))
            last = min(last, whole.last.day)
            yield Period(whole.first.replace(day=first), whole.last.replace(day=last))
        else:
            first, last = _SEASONS.get(str(parts["season"]).lower(), (1, 12))
            yield _months(year, first, last - first)
    except ValueError:
        return


def _months(year: int, month: int, more: int) -> Period:
    """The month and so many after it."""
    years, last = divmod(month - 1 + more, 12)
    days = calendar.monthrange(year + years, last + 1)[1]
    return Period(dt.date(year, month, 1), dt.date(year + years, last + 1, days))


def _months_between(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
