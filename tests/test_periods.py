"""The times that a question names, worked by hand from the calendar."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.periods import Period, find_periods, without_periods


def periods(text: str) -> list[tuple[str, str]]:
    return [(first.isoformat(), last.isoformat()) for first, last in find_periods(text)]


@pytest.mark.parametrize(
    "text",
    [
        "What was said on 4 December 2023?",
        "on 4th December, 2023",
        "on the 4th of December 2023",
        "on December 4, 2023",
        "on December 4th 2023",
        "on Dec. 4, 2023",
        "on 4 DEC 2023",
        "on 2023-12-04",
    ],
)
def test_a_day(text):
    """In the ways in which English writes it, and as ISO does."""
    assert periods(text) == [("2023-12-04", "2023-12-04")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in March 2023", ("2023-03-01", "2023-03-31")),
        ("the March, 2023 talks", ("2023-03-01", "2023-03-31")),
        ("in the March of 2023", ("2023-03-01", "2023-03-31")),
        ("in sept. 2023", ("2023-09-01", "2023-09-30")),
        ("in February 2023", ("2023-02-01", "2023-02-28")),
        ("in February 2024", ("2024-02-01", "2024-02-29")),
        ("in February 1900", ("1900-02-01", "1900-02-28")),
        ("in 2023", ("2023-01-01", "2023-12-31")),
        ("2023's talks", ("2023-01-01", "2023-12-31")),
        ("March 14 in 2023", ("2023-01-01", "2023-12-31")),
        ("in 2023-03", ("2023-01-01", "2023-12-31")),
    ],
)
def test_a_month_or_a_year(text, expected):
    """From its first to its last day, also in leap years."""
    assert periods(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("early May 2024", ("2024-05-01", "2024-05-12")),
        ("at the beginning of May 2024", ("2024-05-01", "2024-05-12")),
        ("at the start of May 2024", ("2024-05-01", "2024-05-12")),
        ("in the first week of May 2024", ("2024-05-01", "2024-05-09")),
        ("mid-May 2024", ("2024-05-08", "2024-05-23")),
        ("in the middle of May 2024", ("2024-05-08", "2024-05-23")),
        ("Late May 2024", ("2024-05-18", "2024-05-31")),
        ("late June 2024", ("2024-06-18", "2024-06-30")),
        ("at the end of February 2023", ("2023-02-20", "2023-02-28")),
        ("in the last week of February 2024", ("2024-02-20", "2024-02-29")),
        ("late in May 2024", ("2024-05-01", "2024-05-31")),
    ],
)
def test_a_part_of_a_month(text, expected):
    """Roughly, and never over the month's end."""
    assert periods(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in spring 2023", ("2023-03-01", "2023-05-31")),
        ("Easter 2023", ("2023-03-01", "2023-04-30")),
        ("the summer of 2023", ("2023-06-01", "2023-08-31")),
        ("autumn in 2023", ("2023-09-01", "2023-11-30")),
        ("in the fall of 2023", ("2023-09-01", "2023-11-30")),
        ("Thanksgiving 2023", ("2023-11-01", "2023-11-30")),
        ("Christmas 2023", ("2023-12-01", "2023-12-31")),
        ("in the winter of 2022", ("2022-12-01", "2023-02-28")),
        ("winter 2023-24", ("2023-12-01", "2024-02-29")),
        ("winter 2099", ("2099-12-01", "2100-02-28")),
        ("offspring 2023", ("2023-01-01", "2023-12-31")),
    ],
)
def test_a_season(text, expected):
    """Whole months; the winter of a year ends in the next."""
    assert periods(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "in March",
        "on 4 December",
        "31 February 2017",
        "February 30, 2017",
        "29 February 2023",
        "0 May 2017",
        "on 2023-13-01",
        "on 2023-00-10",
        "on 2023-02-29",
        "12023 ships of 20234",
        "in 1776 or 2176",
        "A2023",
        "APR\u0130L 2023",  # matches "april" without regard to case, and is not it
        "augu\u017ft 2023",
        "4 apr\u0131l 2023",
    ],
)
def test_what_is_no_date_of_the_calendar_is_no_period(text):
    """Nor is a month without its year; "31 February 2017" is not all of 2017 either."""
    assert find_periods(text) == []


def test_several_periods_come_in_order():
    """Each once, the more exact reading of the same words alone."""
    assert periods("between May 2016 and 2018, not on 3 June 2017 or 12018") == [
        ("2016-05-01", "2016-05-31"),
        ("2018-01-01", "2018-12-31"),
        ("2017-06-03", "2017-06-03"),
    ]
    assert periods("2022-2023") == [("2022-01-01", "2022-12-31"), ("2023-01-01", "2023-12-31")]
    assert periods("31 February 2017 or 2018") == [("2018-01-01", "2018-12-31")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 December 2023", ("2023-12-01", "2023-12-31")),
        ("late February 2024", ("2024-02-01", "2024-02-29")),
        ("winter 2022", ("2022-12-01", "2023-02-28")),
        ("2023", ("2023-01-01", "2023-12-31")),
    ],
)
def test_the_months_of_a_period(text, expected):
    """All of each month that it touches."""
    [period] = find_periods(text)
    assert tuple(day.isoformat() for day in period.months) == expected
    assert period.months.months == period.months


def test_a_text_without_its_periods():
    """What is cut out leaves no word glued to the next."""
    assert (
        without_periods("What did May say in May 2017?").split() == "What did May say in ?".split()
    )
    assert without_periods("31 June 2017") == " "
    assert without_periods("Who is it?") == "Who is it?"


pieces = st.sampled_from(
    "early mid- late end of the in , . - 1 4 30 31 31st 00 13 2023 2024 1800 2099 12023 may March "
    "February sept. dec winter fall Easter 2023-02-30 2024-02-29 apr\u0131l augu\u017ft".split()
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(pieces, max_size=12).map(" ".join)))
def test_no_text_is_an_error(text):
    """A period's first day is never after its last, and its months hold it."""
    for period in find_periods(text):
        assert dt.date(1800, 1, 1) <= period.first <= period.last <= dt.date(2100, 2, 28)
        assert isinstance(period.months, Period)
        assert period.months.first <= period.first <= period.last <= period.months.last
    assert find_periods(text) == [] or len(without_periods(text)) < len(text)
