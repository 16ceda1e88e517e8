"""Printed lines → paragraphs: hard-wrapped lines joined, broken words mended.

Goes by where lines stand. Which of the paragraphs are speech is for `pdf` and `prose` to say.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from indexer.formats.blocks import Block, Kind
from indexer.formats.pdf_lines import Line, Page, body_size
from indexer.labels import split_label, split_time
from indexer.transcript import fold

_SENTENCE_END = re.compile(r"[.!?…:—–][\"'”’»)\]]*$")
_MAX_HEADING_WORDS = 12
_TIGHT = ("—", "–")


def read_paragraphs(pages: Sequence[Page], printed: dict[int, str]) -> list[Block]:
    """Paragraphs of the pages, in order, each with its page. A line with a label begins one."""
    return _Paragraphs(pages, printed).blocks()


class _Paragraphs:
    """Joins the lines of a document to paragraphs."""

    def __init__(self, pages: Sequence[Page], printed: dict[int, str]) -> None:
        self.pages, self.printed = pages, printed
        self.body = body_size(pages)
        lines = [line for page in pages for line in page.lines]
        bold = sum(len(line.text) for line in lines if line.bold)
        self.mostly_bold = bold * 2 > sum(len(line.text) for line in lines)
        self.words = Counter(
            word.strip(".,;:!?()[]\"'“”’").casefold()
            for line in lines
            for word in line.text.split()[: -1 if line.broken else None]
        )
        # What stands before a hyphen within a line: 'co-editor' says how 'co-' is written here.
        self.firsts = Counter(word.partition("-")[0] for word in self.words if "-" in word)
        drops = [
            round(above.y - below.y, 1)
            for page in pages
            for above, below in pairwise(page.lines)
            if above.y > below.y
        ]
        self.leading = min(median(drops), 1.6 * self.body) if drops else 1.2 * self.body
        spread = sum(drop > 1.35 * self.leading for drop in drops)
        self.spaced = spread * 20 >= len(drops)

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        pending: list[Line] = []
        parted = True
        above: _Margins | None = None
        for page in self.pages:
            margins = _Margins(page)
            for line in page.lines:
                begins = above is None or self._begins(pending[-1], line, above, margins)
                above = margins
                labelled = split_label(line.text) is not None
                if pending and (begins or (labelled and not pending[-1].broken)):
                    blocks.append(self._block(pending, parted=parted))
                    pending, parted = [], begins
                pending.append(line)
        if pending:
            blocks.append(self._block(pending, parted=parted))
        return [block for block in blocks if block.text]

    def _begins(self, last: Line, line: Line, above: "_Margins", margins: "_Margins") -> bool:
        """Whether a line begins a paragraph, by where it and the last one stand."""
        if last.broken:
            return False
        if line.text.startswith("[") and split_time(line.text)[0] is not None:
            return True
        indented = line.left > margins.left(line) + 0.5 * line.size
        # The first word of the line would have had room on the last one.
        fits = above.right(last) - last.right > _width_of_first_word(line) + line.size
        ended = _SENTENCE_END.search(last.text) is not None
        if last.page != line.page or last.y <= line.y + 0.2 * line.size:  # another column
            direction = last.text[0] in "[(" and last.text[-1] in ")]"
            apart = self._jumps(last.page, line.page) or indented or direction
            return apart or (fits and (ended or not line.text[0].islower()))
        if abs(last.size - line.size) > 0.15 * line.size:
            return True
        if last.y - line.y > 1.35 * self.leading:
            # A full line that stops within a sentence goes on, however far below.
            full = not (ended or fits or indented) and last.text[-1].islower()
            return not full or last.left > margins.left(last) + 0.5 * last.size
        if indented and last.left < line.left - 0.5 * line.size:
            return ended or fits
        return ended and fits and (indented or not self.spaced or margins.is_short(last))

    def _jumps(self, last: int, page: int) -> bool:
        """Whether pages are missing between two."""
        one, other = self.printed.get(last, ""), self.printed.get(page, "")
        if last == page:
            return False
        return one.isdigit() and other.isdigit() and int(other) - int(one) not in (1, 2)

    def _block(self, lines: Sequence[Line], *, parted: bool) -> Block:
        text = lines[0].text
        for last, line in pairwise(lines):
            text = self._join(text, line.text, broken=last.broken)
        first = lines[0]
        large = first.size > 1.15 * self.body
        bold = not self.mostly_bold and all(line.bold for line in lines)
        short = len(text.split()) <= _MAX_HEADING_WORDS and not _SENTENCE_END.search(text)
        heading = parted and short and (large or bold) and split_label(text) is None
        kind = Kind.HEADING if heading else Kind.TEXT
        return Block(fold(text), first.number, kind, continues=not parted, page=first.page)

    def _join(self, text: str, following: str, *, broken: bool) -> str:
        if text.endswith("\N{SOFT HYPHEN}"):
            return text[:-1] + following
        if broken or (text.endswith("-") and text[-2:-1].isalpha() and following[:1].isalpha()):
            return self._mend(text, following)
        tight = text.endswith(_TIGHT) and text[-2:-1].isalnum() and following[:1].isalnum()
        return f"{text}{following}" if tight else f"{text} {following}"

    def _mend(self, text: str, following: str) -> str:
        """Joins a word broken at a hyphen: without it, unless 'long-term' is what it looks like."""
        head, tail = text.split()[-1], following.split()[0].rstrip(".,;:!?)]\"'”’")
        bare = head.lstrip("([\"'“‘")
        whole, hyphened = (bare[:-1] + tail).casefold(), (bare + tail).casefold()
        if self.words[whole] > self.words[hyphened]:
            return text[:-1] + following
        one, other = bare[:-1].casefold(), tail.casefold()
        both = len(one) > 2 and self.words[one] and self.words[other]
        compound = both or self.words[hyphened] or self.firsts[one]
        keep = compound or not following[:1].islower() or "-" in bare[:-1]
        return text + following if keep else text[:-1] + following


class _Margins:
    """Where the lines of a page begin and end, by column."""

    def __init__(self, page: Page) -> None:
        self.middle = page.width / 2
        right = [line for line in page.lines if line.left > self.middle]
        self.two = len(right) * 4 >= len(page.lines) and len(right) > 4
        self.lefts: dict[bool, float] = {}
        self.rights: dict[bool, float] = {}
        for side in (False, True):
            lines = [line for line in page.lines if self._side(line) is side]
            if lines:
                starts = Counter(round(line.left) for line in lines)
                often = max(starts.values())
                self.lefts[side] = min(x for x, n in starts.items() if n * 2 >= often)
                ends = sorted(line.right for line in lines)
                self.rights[side] = ends[int(0.9 * (len(ends) - 1))]

    def _side(self, line: Line) -> bool:
        return self.two and line.left > self.middle

    def left(self, line: Line) -> float:
        return self.lefts[self._side(line)]

    def right(self, line: Line) -> float:
        return self.rights[self._side(line)]

    def is_short(self, line: Line) -> bool:
        """Whether a line ends far from the margin."""
        return line.right < self.left(line) + 0.7 * (self.right(line) - self.left(line))


def _width_of_first_word(line: Line) -> float:
    word = len(line.text.split(maxsplit=1)[0])
    return (line.right - line.left) * word / max(1, len(line.text))
