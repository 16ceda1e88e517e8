"""The lines of a PDF with where they stand, as PDFium finds them.

Glyphs become text here; what is a paragraph, a running head or speech is for others to judge.
Coordinates are points (1/72 inch) from the lower left corner of the page.
"""

import ctypes
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from indexer.errors import TranscriptError

# A thousand pages and more of dense print.
MAX_CHARS = 8_000_000
# What a whole PDF ends with; some writers put a little behind it.
_END_MARK, _END_WITHIN = b"%%EOF", 4096
# PDFium marks so a hyphen at which a line was broken.
_BROKEN_AT = 2
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# PDFium must not be entered by two threads at once.
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: from `left` to `right`, on the base line `y`, `size` high.

    `number` counts the lines of the document from 1. `raised` are the stretches of `text` that
    are small figures above the line. `broken` says that a hyphen at the end broke a word.
    """

    text: str
    number: int
    page: int
    left: float
    right: float
    y: float
    size: float
    bold: bool = False
    broken: bool = False
    raised: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order of reading; `pictured` where there is an image on it."""

    number: int
    width: float
    lines: tuple[Line, ...]
    pictured: bool = False


def read_pages(data: bytes, source: str) -> tuple[list[Page], dict[str, str]]:
    """The pages of a PDF and its document information.

    Raises TranscriptError for a file that is encrypted, cut short, damaged or too long.
    """
    import pypdfium2 as pdfium

    if _END_MARK not in data[-_END_WITHIN:]:
        raise TranscriptError(source, "is cut short: the end of the PDF is missing")
    with _LOCK:
        try:
            with closing(pdfium.PdfDocument(data)) as document:
                return _read(document, source), dict(document.get_metadata_dict())
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                reason = "is encrypted: save a copy without a password"
            else:
                reason = "is a damaged PDF: it cannot be opened"
            raise TranscriptError(source, reason) from error


def body_size(pages: Sequence[Page]) -> float:
    """The size in which most of the text is set."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _read(document: Any, source: str) -> list[Page]:
    import pypdfium2.raw as raw

    pages: list[Page] = []
    chars, lines = 0, 0
    for at in range(len(document)):
        with closing(document[at]) as page, closing(page.get_textpage()) as text:
            chars += raw.FPDFText_CountChars(text)
            if chars > MAX_CHARS:
                raise TranscriptError(source, f"has over {MAX_CHARS:,} letters: split it")
            found = _merge(list(_lines(_Glyphs(text.raw), at + 1, lines)))
            lines = found[-1].number if found else lines
            kinds = [raw.FPDF_PAGEOBJ_IMAGE]
            pictured = next(iter(page.get_objects(filter=kinds, max_depth=2)), None) is not None
            pages.append(Page(at + 1, page.get_width(), tuple(found), pictured))
    return pages


class _Glyphs:
    """The glyphs of a page: code points, boxes, fonts."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as raw

        self.raw, self.page = raw, page
        self.codes = [
            raw.FPDFText_GetUnicode(page, n) for n in range(raw.FPDFText_CountChars(page))
        ]

    def box(self, at: int) -> tuple[float, float, float, float]:
        """Left, right, base line and height of the font at a glyph."""
        rect = self.raw.FS_RECTF()
        self.raw.FPDFText_GetLooseCharBox(self.page, at, rect)
        x, y = ctypes.c_double(), ctypes.c_double()
        self.raw.FPDFText_GetCharOrigin(self.page, at, x, y)
        return rect.left, rect.right, y.value, rect.top - rect.bottom

    def is_bold(self, at: int) -> bool:
        name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self.raw.FPDFText_GetFontInfo(self.page, at, name, 128, flags)
        heavy: int = self.raw.FPDFText_GetFontWeight(self.page, at)
        return heavy >= 600 or b"bold" in name.value.lower()


def _lines(glyphs: _Glyphs, page: int, number: int) -> Iterator[Line]:
    start = 0
    codes = glyphs.codes
    for at, code in enumerate(codes):
        if code in (10, 13, _BROKEN_AT) or at == len(codes) - 1:
            end = at if code in (10, 13) else at + 1
            line = _line(glyphs, start, end, page, number + 1)
            start = at + 1
            if line is not None:
                number += 1
                yield line


def _line(glyphs: _Glyphs, start: int, end: int, page: int, number: int) -> Line | None:
    codes = glyphs.codes
    while start < end and _is_blank(codes[start]):
        start += 1
    while start < end and _is_blank(codes[end - 1]):
        end -= 1
    if start == end:
        return None
    left, first_right, first_y, first_size = glyphs.box(start)
    last_left, right, last_y, last_size = glyphs.box(end - 1)
    y, size = (first_y, first_size) if first_size >= last_size else (last_y, last_size)
    chars: list[str] = []
    raised: list[tuple[int, int]] = []
    length = 0
    for at in range(start, end):
        code = codes[at]
        if 48 <= code <= 57:
            _, _, base, height = glyphs.box(at)
            if height < 0.8 * size and base > y + 0.1 * size:
                raised.append((length, length + 1))
        char = "-" if code == _BROKEN_AT else _char(code)
        length += len(char)
        chars.append(char)
    text = "".join(chars)
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    broken = codes[end - 1] == _BROKEN_AT
    bold = glyphs.is_bold(start) and glyphs.is_bold(end - 1)
    edges = (min(left, last_left), max(right, first_right))
    return Line(text, number, page, *edges, y, size, bold, broken, tuple(raised))


def _is_blank(code: int) -> bool:
    return code in (0x20, 0xA0, 0x9, 0) or chr(code).isspace()


def _char(code: int) -> str:
    if code in _LIGATURES:
        return _LIGATURES[code]
    return "" if code < 32 or code in (0xFFFE, 0xFFFF) else chr(code)


def _merge(lines: list[Line]) -> list[Line]:
    """Joins what PDFium parted though it stands side by side: a raised figure breaks its lines."""
    merged: list[Line] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last is not None and not last.broken and _is_beside(last, line):
            gap = " " if line.left - last.right > 0.15 * last.size else ""
            shift = len(last.text) + len(gap)
            small = line.size < 0.8 * last.size
            spans = ((0, len(line.text)),) if small and line.text.isdigit() else line.raised
            merged[-1] = replace(
                last if last.size >= line.size else replace(last, y=line.y, size=line.size),
                text=f"{last.text}{gap}{line.text}",
                right=max(last.right, line.right),
                broken=line.broken,
                raised=(*last.raised, *((a + shift, b + shift) for a, b in spans)),
            )
        else:
            merged.append(line)
    return [replace(line, raised=_runs(line.raised)) for line in merged]


def _is_beside(last: Line, line: Line) -> bool:
    """Whether a line goes on where the last one ends, a raised or lowered figure being smaller."""
    apart = abs(last.y - line.y)
    smaller = min(last.size, line.size)
    near = -0.2 * smaller <= line.left - last.right <= 4 * smaller
    return near and apart <= (0.1 if last.size == line.size else 0.6) * smaller


def _runs(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Neighbouring stretches made one."""
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return tuple(runs)
