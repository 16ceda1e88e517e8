"""PDF → blocks with pages; what stands around an interview is set aside. Read by PDFium.

Cover, contents and index are not speech where they stand before the first or after the last
label; footnotes, running heads and page numbers are none anywhere.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Block, Draft, Kind, Metadata
from indexer.formats.labelling import read_labels
from indexer.formats.pdf_furniture import strip_furniture
from indexer.formats.pdf_layout import read_paragraphs
from indexer.formats.pdf_lines import Page, read_pages
from indexer.formats.properties import date_if_named, sensible_title, title_in
from indexer.formats.prose import read_prose
from indexer.formats.timecodes import keep_forward, put_on_words
from indexer.labels import split_label
from indexer.transcript import fold

_FRONT = re.compile(
    r"(?:table of )?contents|abstract|acknowledge?ments?|preface|foreword|chronology|"
    r"about this transcript|release form",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"(?:subject |name )?index|notes|endnotes|references|bibliography|appendix(?: [a-z0-9]+)?|"
    r"publications?(?: list)?|list of publications|curriculum vitae",
    re.IGNORECASE,
)
_OVER = re.compile(r"[\[(]?end of (?:the )?(?:interview|transcript)[\])]?\.?", re.IGNORECASE)
_TITLE_WORDS = re.compile(
    r"\b(?:interviews?|transcripts?|oral history|hearing|conference|briefing|remarks|testimony|"
    r"debate|meeting|lecture|speech|address|conversation|session|proceedings)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"interview|narrator|speaker", re.IGNORECASE)
_CREATED = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
# A page of a cover, a roll of names, a picture's caption: no paragraph as long as this.
_SHORT_WORDS = 40
_MAX_FIELD = 200


def read(data: bytes, source: str) -> Draft:
    """The draft of a PDF.

    Raises TranscriptError for a file that is encrypted, damaged, cut short or holds no text.
    """
    printed, info = read_pages(data, source)
    if not any(page.lines for page in printed):
        reason = "holds no text, only pictures of pages: run text recognition (OCR) over it first"
        raise TranscriptError(source, reason)
    pages, dropped, numbers = strip_furniture(printed)
    blocks = read_paragraphs(pages, numbers)
    speech = _find_speech(blocks, numbers)
    front, fields = blocks[: speech.first], blocks[speech.fields : speech.first]
    timed, codes = put_on_words(blocks[speech.first : speech.last])
    found = sensible_title(info.get("Title"))
    title = title_in(found, (block.text for block in blocks[: speech.first + 10]))
    title = title or (_cover_title(printed[0]) if speech.fields else None)
    draft = read_prose(timed, Metadata(title, _date_of_fields(fields)))
    draft.title = draft.title or found
    draft.date = draft.date or _date_around(front, info)
    draft.names += _names(fields)
    for block in (*front, *blocks[speech.last :]):
        draft.drop(block, "page around the speech")
    draft.dropped = sorted([*draft.dropped, *dropped, *codes], key=lambda one: one.line)
    draft.warnings += _warn_of_pictures(printed)
    keep_forward(draft)
    return draft


@dataclass(frozen=True, slots=True)
class _Speech:
    """Blocks `first` to `last` (exclusive) are speech; from `fields` to `first` its header."""

    fields: int
    first: int
    last: int


def _find_speech(blocks: Sequence[Block], numbers: Mapping[int, str]) -> _Speech:
    at = {block.line: n for n, block in enumerate(blocks)}
    labelled = [piece for piece in read_labels(blocks) if piece.label is not None]
    running = [piece for piece in labelled if piece.block.kind is not Kind.HEADING]
    labelled = running or labelled
    counts = Counter(piece.label.key for piece in labelled if piece.label)
    sure = [piece for piece in labelled if piece.label and counts[piece.label.key] > 1]
    if not sure:
        return _Speech(0, 0, len(blocks))
    first = at[sure[0].block.line]
    begin = _begin(blocks, first, numbers)
    above = range(begin, first)
    fields = [n for n in above if _field(blocks[n]) is not None]
    known = [n for n in fields if _is_known_field(blocks[n])]
    end = _end(blocks, at[labelled[-1].block.line])
    return _Speech(fields[0], known[-1] + 1, end) if known else _Speech(begin, begin, end)


def _begin(blocks: Sequence[Block], first: int, numbers: Mapping[int, str]) -> int:
    """Where the front matter ends: at the page numbered 1, or at the first label's page."""
    page = blocks[first].page or 1
    ones = [number for number, shown in numbers.items() if shown == "1" and number <= page]
    begin = _first_on(blocks, max(ones, default=page))
    front = blocks[:begin]
    short = all(len(block.text.split()) < _SHORT_WORDS for block in front)
    known = any(_FRONT.fullmatch(block.text) for block in front)
    return begin if ones or short or known else 0


def _first_on(blocks: Sequence[Block], page: int) -> int:
    return next(at for at, block in enumerate(blocks) if (block.page or 0) >= page)


def _end(blocks: Sequence[Block], last: int) -> int:
    """Where the back matter begins: a heading such as 'Index' above a page, or an end mark."""
    for at in range(last + 1, len(blocks)):
        over = _OVER.fullmatch(blocks[at].text)
        above = blocks[at].page != blocks[at - 1].page
        if over or (above and _BACK.fullmatch(blocks[at].text)):
            return at
    return len(blocks)


def _field(block: Block) -> tuple[str, str] | None:
    """'INTERVIEWED BY: Ann Berg' as its two sides."""
    split = split_label(block.text)
    return (split[0].key, split[1]) if split and len(split[1]) < _MAX_FIELD else None


def _is_known_field(block: Block) -> bool:
    split = split_label(block.text)
    return split is not None and split[0].is_header_key


def _date_of_fields(fields: Sequence[Block]) -> dt.date | None:
    found = (find_date(block.text) for block in fields)
    return next((date[0] for date in found if date), None)


def _date_around(front: Sequence[Block], info: Mapping[str, str]) -> dt.date | None:
    """The date on the cover, or that of the file where a page names it."""
    for block in front:
        dated = find_date(block.text)
        if dated and len(block.text) - (dated[2] - dated[1]) <= 24:
            return dated[0]
    created = _CREATED.match(info.get("CreationDate", ""))
    try:
        date = dt.date(*(int(part) for part in created.groups())) if created else None
    except ValueError:
        return None
    return date_if_named(date, (block.text for block in front))


def _names(fields: Sequence[Block]) -> tuple[str, ...]:
    """Who is interviewed and by whom, as the header says; a name may stand on the next line."""
    names: list[str] = []
    people = False
    for block in fields:
        field = _field(block)
        people = bool(_PEOPLE.search(field[0])) if field else people
        if people:
            names += re.split(r"\s*(?:;|,|\band\b|&)\s*", field[1] if field else block.text)
    return tuple(fold(name) for name in names if fold(name))


def _cover_title(cover: Page) -> str | None:
    """What is printed largest on a cover, or the line that says what it is with the one above."""
    lines = [line for line in cover.lines if not find_date(line.text)]
    if not lines or any(len(line.text.split()) >= _SHORT_WORDS for line in lines):
        return None
    largest = max(line.size for line in lines)
    if largest > 1.15 * median(line.size for line in lines):
        return fold(" ".join(line.text for line in lines if line.size > 0.97 * largest))
    for at, line in enumerate(lines):
        if _TITLE_WORDS.search(line.text):
            return fold(f"{lines[at - 1].text}: {line.text}" if at else line.text)
    return None


def _warn_of_pictures(pages: Sequence[Page]) -> list[str]:
    """A warning where some pages are pictures without text: speech may stand in them."""
    bare = [str(page.number) for page in pages if page.pictured and not page.lines]
    if not bare:
        return []
    shown = ", ".join(bare[:8]) + (" …" if len(bare) > 8 else "")
    return [f"no text on page {shown}, only a picture: words in it are not read"]
