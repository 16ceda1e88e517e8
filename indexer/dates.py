"""Finds a calendar date in a line of text. Knows English, ISO and dotted forms; guesses nothing."""

import datetime as dt
import re

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
# The ministry's pages run date and time together: '16 June 201713:25'.
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)(?=\D|$|\d{1,2}:\d\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{{1,3}}(?:of\s)?{MONTH},?\s{{1,3}}{_YEAR}",
        rf"\b{MONTH}\s{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}",
        rf"(?<!\d){_YEAR}[-/](?P<month>\d\d)[-/](?P<day>\d\d)(?!\d)",
        rf"(?<!\d)(?P<day>\d\d?)\.(?P<month>\d\d?)\.{_YEAR}",
    )
)


def find_date(text: str) -> tuple[dt.date, int, int] | None:
    """The first full date in `text` with the span where it stands, or None.

    >>> find_date("16 June 201713:25")
    (datetime.date(2017, 6, 16), 0, 12)
    """
    found = []
    for form in _FORMS:
        for match in form.finditer(text):
            month = match["month"].lower()
            number = MONTHS.get(month) or (int(month) if month.isdigit() else 0)
            try:
                date = dt.date(int(match["year"]), number, int(match["day"]))
            except ValueError:
                continue
            found.append((match.start(), match.end(), date))
            break
    if not found:
        return None
    start, end, date = min(found)
    return date, start, end


def spoken_date(date: dt.date) -> str:
    """As one would say it, whatever the locale.

    >>> spoken_date(dt.date(2017, 6, 16))
    '16 June 2017'
    """
    return f"{date.day} {date:%B} {date.year}"
