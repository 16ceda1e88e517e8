"""Off a printed page what is not text: running heads, page and line numbers, footnotes.

Goes by where lines stand and how large they are; what is speech is for others to say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.formats.blocks import Dropped
from indexer.formats.pdf_lines import Line, Page, body_size
from indexer.labels import split_label, split_time

# So many lines at the top and at the foot of a page may be running heads, one after another.
_EDGE_LINES = 3
_MIN_RECURRING, _RECURRING_SHARE = 3, 0.4
_SAME_PLACE = 9  # points
_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_PAGE_NUMBER = re.compile(
    rf"(?:page\s+)?[-–—\[(]?\s?(?P<number>\d{{1,4}}|{_ROMAN})\s?[-–—\])]?"
    r"(?:\s?(?:of|/)\s?\d{1,4})?",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_–—-]{10,}")
_NOTE_MARK = re.compile(r"(?P<mark>\d{1,3}|\*{1,4}|[†‡§])(?=\D|$)")
_LINE_NUMBER = re.compile(r"(?P<number>\d{1,2})(?:\s+(?P<text>\S.*)|$)")
_STAR = re.compile(r"(?<=[^\s*])\*{1,4}(?![\w*])")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def strip_furniture(
    pages: Sequence[Page],
) -> tuple[list[Page], list[Dropped], dict[int, str]]:
    """Pages without what is not text, what was taken off, and the number printed on each page."""
    dropped: list[Dropped] = []
    kept = [_strip_line_numbers(page) for page in pages]
    printed: dict[int, str] = {}
    # Twice: the lines under a head of three may recur too. No further, lest speech be eaten.
    for _ in range(2):
        recurring = _recurring(kept)
        bare: list[Page] = []
        for page in kept:
            gone = {line for line, key in _edges(page) if key in recurring}
            if page.number not in printed:
                gone |= _page_number(page, printed)
            for line in gone:
                figure = _PAGE_NUMBER.fullmatch(line.text) is not None
                reason = "page number" if figure else "running head"
                dropped.append(Dropped(line.number, line.text, reason))
            bare.append(_without(page, gone))
        kept = bare
    body = body_size(kept)
    notes: list[Line] = []
    for at, page in enumerate(kept):
        notes = _footnotes(page, body, going_on=bool(notes))
        dropped += [Dropped(line.number, line.text, "footnote") for line in notes]
        marks = {match["mark"] for line in notes if (match := _NOTE_MARK.match(line.text))}
        rest = _without(page, set(notes))
        kept[at] = replace(rest, lines=tuple(_unmark(line, marks) for line in rest.lines))
    return kept, dropped, printed


def _without(page: Page, gone: set[Line]) -> Page:
    return replace(page, lines=tuple(line for line in page.lines if line not in gone))


def _strip_line_numbers(page: Page) -> Page:
    """Takes off the figures 1, 2, 3 … that stand before the lines of a court's transcript."""
    expected, numbered = 1, dict[Line, str]()
    for line in sorted(page.lines, key=lambda line: -line.y):
        match = _LINE_NUMBER.fullmatch(line.text)
        if match is not None and int(match["number"]) == expected:
            numbered[line] = match["text"] or ""
            expected += 1
    if len(numbered) < 10 or len(numbered) * 10 < len(page.lines) * 4:
        return page
    lines = (replace(line, text=numbered.get(line, line.text)) for line in page.lines)
    return replace(page, lines=tuple(line for line in lines if line.text))


_Key = tuple[str, int]


def _edges(page: Page) -> Iterator[tuple[Line, _Key]]:
    """The uppermost and the lowest lines of a page with what they say and where they stand.

    Not those that begin with a label or a time: 'A. Yes.' may well stand above many pages.
    """
    by_height = sorted(page.lines, key=lambda line: -line.y)
    for line in {*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]}:
        if split_time(line.text)[0] is None and split_label(line.text) is None:
            yield line, (re.sub(r"\d+", "#", line.text), round(line.y / _SAME_PLACE))


def _recurring(pages: Sequence[Page]) -> set[_Key]:
    """What stands at the edge of many pages in the same place."""
    counts = Counter(key for page in pages for key in {key for _, key in _edges(page)})
    filled = sum(bool(page.lines) for page in pages)
    least = max(_MIN_RECURRING, _RECURRING_SHARE * filled)

    def near(key: _Key) -> int:
        text, place = key
        return sum(counts.get((text, place + by), 0) for by in (-1, 0, 1))

    return {key for key in counts if near(key) >= least}


def _page_number(page: Page, printed: dict[int, str]) -> set[Line]:
    """The line that is only a page number, at the top or the foot."""
    by_height = sorted(page.lines, key=lambda line: -line.y)
    for line in {*by_height[:1], *by_height[-1:]}:
        match = _PAGE_NUMBER.fullmatch(line.text)
        if match is not None:
            printed[page.number] = match["number"].lower()
            return {line}
    return set()


def _footnotes(page: Page, body: float, *, going_on: bool) -> list[Line]:
    """Lines below a rule near the foot, or small ones at the foot that begin with a mark.

    `going_on` says that the page before has footnotes: one may go on here without a mark.
    """
    by_height = sorted(page.lines, key=lambda line: line.y)
    rule = next((line for line in by_height if _RULE.fullmatch(line.text)), None)
    if rule is not None:
        below = [line for line in by_height if line.y <= rule.y]
        first = below[-2] if len(below) > 1 else None
        if first is not None and _NOTE_MARK.match(first.text) and len(below) * 2 < len(by_height):
            return below
    small: list[Line] = []
    for line in by_height:
        if line.size > 0.9 * body:
            break
        small.append(line)
    else:
        return []
    while small and not going_on and not _NOTE_MARK.match(small[-1].text):
        small.pop()
    return small if len(small) * 2 < len(by_height) else []


def _unmark(line: Line, marks: set[str]) -> Line:
    """Takes the marks of footnotes off a line; other raised figures stay raised."""
    text = line.text
    for start, end in reversed(line.raised):
        figure = text[start:end]
        shown = "" if figure in marks else figure.translate(_SUPERSCRIPT)
        text = text[:start] + shown + text[end:]
    if any(mark.startswith("*") for mark in marks):
        text = _STAR.sub(lambda found: "" if found[0] in marks else found[0], text)
    return replace(line, text=text, raised=())
