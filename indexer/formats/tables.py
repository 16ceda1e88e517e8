"""Tables with a row for a turn, a caption or a word → draft. Columns are known by their names.

Reads CSV, TSV, OpenDocument spreadsheets, and the word-a-row files of fstalign (`.nlp`).
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Dropped, Metadata, RawParagraph, RawTurn
from indexer.formats.clock import MAX_SECONDS, mend_times, read_clock
from indexer.formats.columns import Column, Columns, below_header, find_delimiter
from indexer.formats.decoding import decode
from indexer.formats.rows import Row, read_delimited, read_ods
from indexer.formats.segments import Segment, turns_of_segments
from indexer.formats.words import Said, speaker_name, turns_of
from indexer.transcript import fold

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_DIRECTION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_TIME = re.compile(r"([\d:.,]+)(?: ?s(?:ecs?)?\b)?(.*)")
_BRACKETS = str.maketrans("", "", "[](){}<>")
_HALF_DAY = re.compile(r"[ap]\.?m\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


class _Entry(NamedTuple):
    """A row that speaks, with the line where it begins and the case of its word, if it is one."""

    line: int
    segment: Segment
    case: str


def read(data: bytes, source: str) -> Draft:
    """The draft of a table; raises TranscriptError where no column is of what was said."""
    draft = Draft(Metadata())
    if data.startswith(b"PK\x03\x04"):
        tables = (below_header(iter(rows), "\t", source) for rows in read_ods(data, source))
        found = next((table for table in tables if table), None)
    else:
        text, draft.warnings = decode(data, source)
        delimiter = find_delimiter(text)
        found = below_header(read_delimited(text, delimiter, source), delimiter, source)
    if found is None:
        reason = "no row names its columns: name one 'text', and one 'speaker' or 'start'"
        raise TranscriptError(source, reason)
    columns, above, rows = found
    for row in above:
        if line := fold(" ".join(row.cells)):
            draft.dropped.append(Dropped(row.line, line, "row above the table"))
    turns = _read_rows(rows, columns, draft)
    draft.turns, mended = mend_times(turns)
    draft.warnings += mended
    return draft


def _read_rows(rows: Iterable[Row], columns: Columns, draft: Draft) -> list[RawTurn]:
    """Rows that are timed one by one are captions, joined to paragraphs; others are paragraphs."""
    entries = _with_names(list(_entries(rows, columns, draft)))
    if columns.a_word_a_row:
        return turns_of_segments(entry.segment for entry in _cased(entries))
    if sum(entry.segment.start_s is not None for entry in entries) * 2 > len(entries):
        return turns_of_segments(entry.segment for entry in entries)
    return turns_of(Said(entry.segment.speaker, _paragraphs(entry)) for entry in entries)


def _entries(rows: Iterable[Row], columns: Columns, draft: Draft) -> Iterator[_Entry]:
    """Rows that speak. Drops notes beside times and what stands in brackets without a speaker."""
    unread: list[str] = []

    def cell(row: Row, column: Column | None) -> str:
        return row.cells[column.at] if column is not None else ""

    def time(row: Row, column: Column | None) -> float | None:
        shown = fold(cell(row, column).translate(_BRACKETS))
        value, note = _read_time(shown, column.units if column else 1.0)
        if value is None and shown:
            unread.append(f"line {row.line}: '{shown[:40]}'")
        elif note:
            draft.dropped.append(Dropped(row.line, note, "note beside the time"))
        return value

    for row in rows:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), cell(row, columns.text))
        if columns.a_word_a_row:
            text = text.strip() + cell(row, columns.punctuation).strip()
        speaker = cell(row, columns.speaker).strip().rstrip(": ") or None
        start, end = time(row, columns.start), time(row, columns.end)
        if speaker is None and _DIRECTION.fullmatch(fold(text)):
            draft.dropped.append(Dropped(row.line, fold(text), "stage direction"))
        elif fold(text):
            segment = Segment(text, start, end, speaker)
            yield _Entry(row.line, segment, cell(row, columns.case).strip())
    if unread:
        draft.warnings.append(
            f"times not understood were dropped: {len(unread)}, as in {unread[0]}"
        )


def _with_names(entries: list[_Entry]) -> list[_Entry]:
    """Numbers and letters as names of speakers; where somebody is Q, A is the answer."""
    if any(entry.segment.speaker == "Q" for entry in entries):
        return entries
    return [
        entry._replace(segment=replace(segment, speaker=speaker_name(segment.speaker)))
        for entry in entries
        if (segment := entry.segment)
    ]


def _read_time(shown: str, units: float) -> tuple[float | None, str]:
    """Seconds and the note behind them; a time of day is none of the recording."""
    match = _TIME.fullmatch(shown)
    value = read_clock(match[1]) if match else None
    if match is None or value is None:
        return None, ""
    note = match[2].strip(" -–—|")
    seconds = value if ":" in match[1] else value / units
    return (None, "") if _HALF_DAY.match(note) or seconds > MAX_SECONDS else (seconds, note)


def _cased(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """Words in the case that their column tells, unless the words have it themselves."""
    bare = all(entry.segment.text == entry.segment.text.lower() for entry in entries)
    for entry in entries:
        word = entry.segment.text
        if bare and entry.case == "UC":
            word = word[:1].upper() + word[1:]
        elif bare and entry.case == "CA":
            word = word.upper()
        yield entry._replace(segment=replace(entry.segment, text=word))


def _paragraphs(entry: _Entry) -> list[RawParagraph]:
    """Paragraphs of a cell, parted by empty lines; the first has the start, the last the end."""
    segment = entry.segment
    texts = [text for part in _EMPTY_LINE.split(segment.text) if (text := fold(part))]
    starts = [segment.start_s, *(None for _ in texts[1:])]
    ends = [*(None for _ in texts[1:]), segment.end_s]
    return [
        RawParagraph(text, entry.line, start, end)
        for text, start, end in zip(texts, starts, ends, strict=True)
    ]
