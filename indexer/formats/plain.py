"""Plain text → blocks: paragraphs between blank lines, hard-wrapped lines rejoined."""

import re
from collections.abc import Iterable, Iterator

from indexer.formats.blocks import Block, Draft, Kind, Metadata
from indexer.formats.decoding import decode
from indexer.formats.prose import read_prose
from indexer.labels import split_label, strip_time

# Wider than any hard-wrapped text is set; a longer line is a whole paragraph.
WRAP_WIDTH = 120
_BULLET = re.compile(r"\s*[•·▪◦‣]\s*|\s+[-*]\s+")


def read(data: bytes, source: str) -> Draft:
    """The draft of a plain text file."""
    text, warnings = decode(data, source)
    draft = read_prose(read_blocks(text), Metadata())
    draft.warnings += warnings
    return draft


def read_blocks(text: str) -> list[Block]:
    """Blocks of a plain text. A line that begins with a label begins a block of its own."""
    blocks: list[Block] = []
    for line, lines in _stanzas(text.splitlines()):
        blocks.extend(_read_stanza(line, lines))
    return blocks


def _stanzas(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    start, stanza = 0, list[str]()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            start = start if stanza else number
            stanza.append(line)
        elif stanza:
            yield start, stanza
            stanza = []
    if stanza:
        yield start, stanza


def _read_stanza(start: int, lines: list[str]) -> Iterator[Block]:
    wrapped = max(len(line) for line in lines) <= WRAP_WIDTH
    pending: list[str] = []
    first = start
    for number, line in enumerate(lines, start=start):
        bullet = _BULLET.match(line)
        labelled = split_label(strip_time(line.strip())[1]) is not None
        if pending and (bullet or labelled or not wrapped):
            yield Block("\n".join(pending), first, continues=wrapped and first > start)
            pending = []
        if bullet:
            yield Block(line[bullet.end() :].strip(), number, Kind.ITEM)
        else:
            first = first if pending else number
            pending.append(line.strip())
    if pending:
        yield Block("\n".join(pending), first, continues=wrapped and first > start)
