"""Which column of a transcript table is what, by the names in its header."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from indexer.errors import TranscriptError
from indexer.formats.rows import DELIMITERS, Row

HEADER_WITHIN = 10  # rows
# The likeliest first.
_TEXT = (
    "text|transcript|transcription|words|utterance|utterances|spoken text|speech|statement|"
    "content|sentence|sentences|body|dialogue|dialog|quote|remarks|token|word|"
    "transkript|transkription|texte|texto|testo|текст"
)
_SPEAKER = (
    "speaker|speaker name|speakername|speakers|speaker label|speaker id|name|who|person|"
    "participant|talker|spoken by|spkr|sprecher|sprecherin|sprecher in|locuteur|hablante|спикер"
)
_START = (
    "start|start time|starttime|begin|begin time|time start|tc in|timecode in|timestamp|"
    "time stamp|timecode|time code|time|in|from|offset|ts|sttime|anfang|beginn|zeit"
)
_END = (
    "end|end time|endtime|entime|end ts|endts|stop|stop time|time end|tc out|timecode out|out|to|"
    "ende"
)
_MILLISECONDS = frozenset("ms msec msecs milliseconds millis".split())
_UNITS = _MILLISECONDS | frozenset("s sec secs seconds".split())


class Column(NamedTuple):
    """Where a column stands, what it is called, and how many of its units make a second."""

    at: int
    name: str
    units: float


class Columns(NamedTuple):
    """The columns that we read; `width` is how many the header names."""

    width: int
    text: Column
    speaker: Column | None
    start: Column | None
    end: Column | None
    punctuation: Column | None
    case: Column | None

    @property
    def a_word_a_row(self) -> bool:
        return self.text.name in ("token", "word")


def find_columns(header: Sequence[str]) -> Columns | None:
    """The columns of a header; None where no column is speech, or nothing tells whose or when."""
    columns = [Column(at, *_name(cell)) for at, cell in enumerate(header)]
    text, speaker, start, end, punctuation, case = (
        _first(columns, names.split("|"))
        for names in (_TEXT, _SPEAKER, _START, _END, "punctuation", "case")
    )
    if text is None or (speaker is None and start is None):
        return None
    return Columns(len(header), text, speaker, start, end, punctuation, case)


def _first(columns: Sequence[Column], names: Sequence[str]) -> Column | None:
    named = [column for column in columns if column.name in names]
    return min(named, key=lambda column: names.index(column.name), default=None)


def _name(cell: str) -> tuple[str, float]:
    """A column's name in small letters without its unit, and how many units make a second."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)
    words = re.sub(r"[\W_]+", " ", parted).casefold().split()
    unit = words.pop() if len(words) > 1 and words[-1] in _UNITS else ""
    return " ".join(words), 1000.0 if unit in _MILLISECONDS else 1.0


def find_delimiter(text: str) -> str:
    """The delimiter by which a line near the top names the most columns; a comma if none does."""
    lines = text[: 2**16].splitlines()[:HEADER_WITHIN]

    def named(delimiter: str) -> int:
        headers = ([cell.strip('" ') for cell in line.split(delimiter)] for line in lines)
        return max((columns.width for row in headers if (columns := find_columns(row))), default=0)

    best = max(DELIMITERS, key=named)
    return best if named(best) else ","


def below_header(
    rows: Iterator[Row], delimiter: str, source: str
) -> tuple[Columns, list[Row], Iterator[Row]] | None:
    """The columns, the rows above the header, and those below it; None where there is no header.

    The rows below are as wide as the header; raises TranscriptError at one that is wider.
    """
    above: list[Row] = []
    for row in islice(rows, HEADER_WITHIN):
        if columns := find_columns(row.cells):
            return columns, above, _fitted(rows, columns, delimiter, source)
        above.append(row)
    return None


def _fitted(rows: Iterable[Row], columns: Columns, delimiter: str, source: str) -> Iterator[Row]:
    width = columns.width
    for row in rows:
        cells = row.cells
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) > width and columns.text.at == width - 1:
            # A text that is not quoted may hold the delimiter.
            cells = [*cells[: width - 1], delimiter.join(cells[width - 1 :])]
        if len(cells) > width:
            reason = f"the row has {len(cells)} cells under {width} names: quote the text in it"
            raise TranscriptError(source, reason, row.line)
        if any(cell.strip() for cell in cells):
            yield Row(row.line, cells + [""] * (width - len(cells)))
