"""Tables → rows of cells: CSV and TSV by the csv module, ODS by `archives` and defusedxml.

Knows nothing of what the columns mean.
"""

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from indexer.archives import BROKEN, PIECE_BYTES, open_zip, why_not_read
from indexer.errors import TranscriptError

DELIMITERS = ("\t", ",", ";", "|")
MAX_INFLATED = 64 * 2**20
MAX_COLUMNS = 1000
_NO_SHEET = "is no OpenDocument spreadsheet, or it is damaged or has a password"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Row(NamedTuple):
    """Cells with the line of the file, or the row of the sheet, where they begin."""

    line: int
    cells: list[str]


def read_delimited(text: str, delimiter: str, source: str) -> Iterator[Row]:
    """Rows of a delimited text. Raises TranscriptError where its quotation marks do not match."""
    # Most that part cells by tabs or bars quote nothing: a mark at the start is then a word's.
    lines = text.replace("\r\n", "\n").split("\n") if delimiter in "\t|" else []
    width = lines[0].count(delimiter) if lines else 0
    if width and all(line.count(delimiter) == width for line in lines if line.strip()):
        for number, written in enumerate(lines, start=1):
            yield Row(number, [_unquote(cell) for cell in written.split(delimiter)])
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "the quotation marks of the row do not match: write one of a text as two"
            if "limit" in str(error):
                reason = f"a cell has over {csv.field_size_limit()} characters, or is not closed"
            raise TranscriptError(source, reason, line) from error
        yield Row(line, cells)
        line = reader.line_num + 1


def _unquote(cell: str) -> str:
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def read_ods(data: bytes, source: str) -> Iterator[list[Row]]:
    """The sheets of an OpenDocument spreadsheet; cells as they are shown, without comments.

    Raises TranscriptError for what is none, is encrypted, or would fill the memory.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    inflated = io.BytesIO(_content(data, source))
    budget = MAX_INFLATED
    rows: list[Row] = []
    number = 1
    try:
        for _, element in iterparse(inflated, forbid_dtd=True):
            if element.tag in (f"{_TABLE}tracked-changes", f"{_OFFICE}annotation"):
                element.clear()
            elif element.tag == f"{_TABLE}table-row":
                cells = _cells(element)
                times = _repeats(element)
                if any(cells):
                    budget -= times * (sum(map(len, cells)) + 1)
                    if budget < 0:
                        raise TranscriptError(source, "has too much text for one transcript")
                    rows += [Row(number + again, cells) for again in range(times)]
                number += times
                element.clear()
            elif element.tag == f"{_TABLE}table":
                yield rows
                rows, number = [], 1
                element.clear()
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise TranscriptError(source, _NO_SHEET) from error


def _content(data: bytes, source: str) -> bytes:
    """The document in the archive."""
    try:
        with open_zip(io.BytesIO(data)) as archive:
            info = archive.getinfo("content.xml")
            if reason := why_not_read(info, MAX_INFLATED):
                raise TranscriptError(source, f"its content {reason}")
            # Piece by piece inflates no more than was declared, and a checksum tells of more.
            with archive.open(info) as file:
                return b"".join(iter(partial(file.read, PIECE_BYTES), b""))
    except (*BROKEN, KeyError) as error:
        raise TranscriptError(source, _NO_SHEET) from error


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        text = "\n".join(_shown(paragraph) for paragraph in cell.iter(f"{_TEXT}p"))
        times = min(_repeats(cell), MAX_COLUMNS - len(cells))
        cells += [text] * times
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _shown(paragraph: Element) -> str:
    pieces = [paragraph.text or ""]
    for child in paragraph:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            pieces.append(" ")
        else:
            pieces.append(_shown(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _repeats(element: Element) -> int:
    kind = "rows" if element.tag == f"{_TABLE}table-row" else "columns"
    given = element.get(f"{_TABLE}number-{kind}-repeated", "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 9 else 1
