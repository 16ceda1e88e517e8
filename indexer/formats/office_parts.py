"""What a word processor's document is made of, and its paragraphs → blocks.

A label is bold and ends with a colon, fills its paragraph, or is set apart from the words by a
tab or a line break; a label that is not bold is for `labelling` to find.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.formats.blocks import Block, Kind
from indexer.formats.clock import read_clock
from indexer.labels import read_label, split_label, split_time
from indexer.transcript import fold

# Older exports of Microsoft Teams: time and time, a name, the words, each on a line.
_RANGE = re.compile(r"\s*(?P<start>[\d:.,]{5,14})\s*-->\s*[\d:.,]{5,14}\s*")
# What names of paragraph styles say, in the languages of templates.
_HEADING = re.compile(
    r"\b(?:sub)?(?:title|titel|titre|t[ií]tol|t[ií]tulo|titolo)\b|\bheading\b|\bkop \d|überschrift",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"speaker|intervin|orador|orateur|redner|sprecher|locuteur|hablante|interviewe[re]",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"stage|direction|acotaci|didascal|regieanweisung", re.IGNORECASE)
_BULLET = re.compile(r"list[ _]bullet", re.IGNORECASE)
_SET_APART = re.compile(r"\s*(?:\t|\n|\s{2,})\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; a line break in it is a newline, a tab a tab."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. What its style says: `is_title` that it is the document's title,
    `names_speaker` that it says who speaks, `is_aside` that it tells what went on in the room.
    """

    runs: tuple[Run, ...]
    kind: Kind = Kind.TEXT
    is_title: bool = False
    names_speaker: bool = False
    is_aside: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, line breaks between the paragraphs of a cell."""

    rows: tuple[tuple[str, ...], ...]


Part = Para | Table


def styled(runs: tuple[Run, ...], style: str, kind: Kind = Kind.TEXT) -> Para:
    """A paragraph with what the name of its style says of it."""
    if _HEADING.search(style):
        kind = Kind.HEADING
    elif _BULLET.match(style):
        kind = Kind.ITEM
    speaker, aside = _SPEAKER.search(style), _ASIDE.search(style)
    title = style.casefold() == "title"
    return Para(runs, kind, title, names_speaker=bool(speaker), is_aside=bool(aside))


def blocks_of(parts: Sequence[tuple[int, Part]]) -> list[Block]:
    """Blocks of parts with their lines; a table's rows, as they stand, are blocks too."""
    apart = Counter(
        found.label
        for _, part in parts
        if isinstance(part, Para) and (found := _bold_label(part, 0, apart=True)) and found.label
    )
    often = {label for label, count in apart.items() if count > 1}
    blocks: list[Block] = []
    for line, part in parts:
        if isinstance(part, Table):
            rows = ("\t".join(filter(str.strip, cells)) for cells in part.rows)
            blocks += [Block(row, line + at) for at, row in enumerate(rows) if row.strip()]
        elif part.text.strip():
            blocks += _blocks(part, line, often)
    return blocks


def _blocks(para: Para, line: int, often: set[str]) -> Iterator[Block]:
    if para.kind is Kind.HEADING:
        yield Block(fold(para.text), line, para.kind)
        return
    bold = _bold_label(para, line)
    if bold is None and (found := _bold_label(para, line, apart=True)) and found.label in often:
        bold = found
    if bold is not None:
        yield bold
        return
    lines = para.text.split("\n")
    if timed := _timed_range(lines, line):
        yield timed
        return
    pending, first = "", line
    for at, text in enumerate(lines):
        begins = split_label(text.strip()) is not None or split_time(text)[0] is not None
        if pending.strip() and begins:
            yield Block(pending.strip(), first, para.kind, continues=first > line)
            pending = ""
        first = first if pending.strip() else line + at
        pending += f"{text}\n"
    if pending.strip():
        yield Block(pending.strip(), first, para.kind, continues=first > line)


def _timed_range(lines: Sequence[str], line: int) -> Block | None:
    """'0:0:0.0 --> 0:0:2.5', a name and the words, where they are one paragraph."""
    match = _RANGE.fullmatch(lines[0])
    if match is None or len(lines) < 3 or read_label(lines[1]) is None:
        return None
    words = "\n".join(lines[2:]).strip()
    return Block(words, line, label=fold(lines[1]), start_s=read_clock(match["start"]))


def _bold_label(para: Para, line: int, *, apart: bool = False) -> Block | None:
    """The paragraph with its bold label taken off, None where it has none.

    `apart` asks for labels that only a gap parts from the words.
    """
    text = para.text
    start_s, rest = split_time(text)
    start = len(text) - len(rest.lstrip()) if start_s is not None else 0
    bold = [run.bold for run in para.runs for _ in run.text]
    end = start
    while end < len(text) and (bold[end] or text[end].isspace()):
        end += 1
    stretch, after = text[start:end], text[end:]
    name = stretch.strip()
    if not name or read_label(name) is None:
        return None
    if apart:
        gap = stretch[len(stretch.rstrip()) :] + after[: len(after) - len(after.lstrip())]
        if not after.strip() or not _SET_APART.fullmatch(gap):
            return None
    elif not (name.endswith(":") or after.lstrip().startswith(":") or not after.strip()):
        return None
    words = after.strip().removeprefix(":").strip()
    block = Block(words, line, para.kind, name.rstrip(": "), start_s=start_s)
    return _without_time(block)


def _without_time(block: Block) -> Block:
    """Takes a time off that stands between label and words: 'Anna Berg  0:03', then the words."""
    first, _, rest = block.text.partition("\n")
    start_s = read_clock(first.strip("[]() \t:")) if ":" in first else None
    if start_s is not None:
        return replace(block, text=rest.strip(), start_s=start_s)
    start_s, words = split_time(block.text)
    return block if start_s is None else replace(block, text=words, start_s=start_s)
