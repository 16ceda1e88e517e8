"""What the pages show, as plain strings: view models and the words for dates and counts.

Knows citations and transcripts; knows nothing of requests or templates.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from typing import Generic, NamedTuple, Self, TypeVar
from urllib.parse import urlencode

from indexer.dates import spoken_date
from indexer.filters import Filters
from indexer.library import Library, State
from indexer.records import SpeakerSummary, Stats, TranscriptSummary
from indexer.transcript import Speaker, Transcript
from service.errors import ServiceError

NOT_NAMED = "Speaker not named"
MAX_DIGITS = 9
_IN_ADDRESS = ("q", "speaker", "from", "to", "transcript")
T = TypeVar("T")


# Words


def day(date: dt.date | None) -> str:
    """'5 February 2025'; nothing for no date."""
    return spoken_date(date) if date else ""


def plural(count: int, noun: str) -> str:
    """'1 finding', '1,204 findings'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def period(first: dt.date | None, last: dt.date | None) -> str:
    """'March 2023 to February 2025', one month where both are in it, nothing without dates."""
    if first is None or last is None:
        return ""
    one, two = f"{first:%B} {first.year}", f"{last:%B} {last.year}"
    return one if one == two else f"{one} to {two}"


def clock(seconds: float) -> str:
    """'1:02:09' or '2:09', for a place in a recording."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


# Asking


@dataclass(frozen=True, slots=True)
class AskForm:
    """What the form of the ask page holds, as it was typed."""

    q: str = ""
    speaker: str = ""
    date_from: str = ""
    date_to: str = ""
    transcript: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """From the parameters of the address; one that is missing is empty."""
        return cls(*(query.get(name, "").strip() for name in _IN_ADDRESS))

    @property
    def address(self) -> str:
        """The page where this is asked."""
        values = zip(_IN_ADDRESS, astuple(self), strict=True)
        return f"/?{urlencode({name: value for name, value in values if value})}"

    def filters(self) -> Filters:
        """Raises ServiceError for what is no date, QueryError for crossed dates."""
        return Filters(
            speaker=self.speaker or None,
            date_from=_date(self.date_from),
            date_to=_date(self.date_to),
            transcript_ids=frozenset([self.transcript] if self.transcript else []),
        )

    def scope(self, titles: Mapping[str, str]) -> str:
        """The filters in words, 'Ilse Marand · from 1 May 2024'; empty where there is none."""
        parts = [
            self.speaker,
            self.date_from and f"from {_day_typed(self.date_from)}",
            self.date_to and f"to {_day_typed(self.date_to)}",
            self.transcript and titles.get(self.transcript, self.transcript),
        ]
        return " · ".join(part for part in parts if part)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ServiceError(f"{text[:40]!r} is not a date: write it like 2024-05-31") from error


def _day_typed(text: str) -> str:
    try:
        return day(_date(text))
    except ServiceError:
        return text


def name_of(speaker: Speaker | None) -> str:
    """The displayed name, also where there is none."""
    return speaker.name if speaker else NOT_NAMED


# Reading


class Marked(NamedTuple):
    """A span of characters in a paragraph, which the page is asked to show."""

    paragraph: int
    start: int
    end: int


def marked_of(query: Mapping[str, str], document: Transcript) -> Marked | None:
    """The span in the address, clamped to its paragraph; None where it makes no sense."""
    texts = [query.get(name, "") for name in ("p", "start", "end")]
    if not all(text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS for text in texts):
        return None
    number, start, end = map(int, texts)
    for paragraph in document.paragraphs():
        if paragraph.number == number:
            end = min(end, len(paragraph.text))
            return Marked(number, start, end) if start < end else None
    return None


def cut(text: str, span: tuple[int, int]) -> tuple[str, str, str]:
    """The text in three: before the span, the span, after it."""
    start, end = span
    return text[:start], text[start:end], text[end:]


def speakers_of(document: Transcript) -> list[str]:
    """Names of the named speakers, in the order in which they first speak."""
    named = [turn.speaker.name for turn in document.turns if turn.speaker and turn.speaker.named]
    return list(dict.fromkeys(named))


# Lists


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """One page of a long list: its items, its number from 1, and how many pages there are."""

    items: Sequence[T]
    number: int
    pages: int

    @classmethod
    def of(cls, items: Sequence[T], number: str, size: int) -> Self:
        """The page that the address names; the nearest one where there is no such page."""
        pages = max(1, -(-len(items) // size))
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
        at = min(max(wanted, 1), pages)
        return cls(items[(at - 1) * size : at * size], at, pages)


def by_year(
    summaries: Sequence[TranscriptSummary],
) -> list[tuple[int | None, list[TranscriptSummary]]]:
    """Neighbours of the same year together; the year is None for those without a date."""
    runs = groupby(summaries, key=lambda one: one.date.year if one.date else None)
    return [(year, list(ones)) for year, ones in runs]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the library holds: newest transcripts first, speakers with the most turns first."""

    state: State
    stats: Stats
    transcripts: tuple[TranscriptSummary, ...]
    named: tuple[SpeakerSummary, ...]
    roles_only: tuple[SpeakerSummary, ...]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, library: Library) -> Self:
        with library.read():
            stats = library.stats()
            speakers = library.speakers(max(stats.speakers, 1))
            by_id = list(library.transcripts())
            state = library.state()
        newest = sorted(by_id, key=lambda one: one.date or dt.date.min, reverse=True)
        return cls(
            state=state,
            stats=stats,
            transcripts=tuple(newest),
            named=tuple(one for one in speakers if one.named),
            roles_only=tuple(one for one in speakers if not one.named),
            titles={one.id: one.title for one in by_id},
        )
