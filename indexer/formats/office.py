"""A word processor's paragraphs and tables → draft, whatever the file's format was.

Knows nothing of zip, XML or RTF; what it says of itself is believed where the text bears it out.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.formats.blocks import Draft, Dropped, Metadata
from indexer.formats.office_parts import Para, Part, Table, blocks_of
from indexer.formats.office_turns import (
    names_speaker,
    read_styled,
    read_table,
    speaks_by_style,
    speech_table,
)
from indexer.formats.properties import date_if_named, sensible_title, title_in
from indexer.formats.prose import read_prose
from indexer.formats.timecodes import keep_forward, put_on_words
from indexer.transcript import fold

# Microsoft Teams writes who started and stopped the recording.
_MACHINE_NOTE = re.compile(r".{1,80}\s(?:started|stopped) (?:the )?(?:transcription|recording)\.?")
_HEAD_PARTS = 30


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself: a title, the day it was made, its language."""

    title: str | None = None
    created: dt.date | None = None
    language: str | None = None


def read_document(
    parts: Iterable[Part], properties: Properties, footnotes: Sequence[str] = ()
) -> Draft:
    """The draft of a document in parts; `footnotes` are kept apart from what is said."""
    numbered, notes = _number(parts)
    head = [fold(part.text) for _, part in numbered[:_HEAD_PARTS] if isinstance(part, Para)]
    known = sensible_title(properties.title)
    titled = (fold(p.text) for _, p in numbered if isinstance(p, Para) and p.is_title)
    title = next(filter(None, titled), None) or title_in(known, head)
    metadata = Metadata(title, language=properties.language)
    if speaks_by_style(numbered):
        first = next(
            at for at, (_, p) in enumerate(numbered) if isinstance(p, Para) and names_speaker(p)
        )
        draft = _read_head(numbered[:first], metadata)
        read_styled(numbered[first:], draft)
    else:
        draft = _read_tables(numbered, metadata) or _read_text(numbered, metadata)
    draft.title = draft.title or known
    draft.date = draft.date or date_if_named(properties.created, head)
    draft.dropped += [*notes, *(Dropped(0, fold(note), "footnote") for note in footnotes)]
    keep_forward(draft)
    return draft


def _number(parts: Iterable[Part]) -> tuple[list[tuple[int, Part]], list[Dropped]]:
    """Parts with the lines where they begin, and the machine's own notes taken out."""
    numbered: list[tuple[int, Part]] = []
    notes: list[Dropped] = []
    line = 1
    for part in parts:
        if isinstance(part, Table):
            numbered.append((line, part))
            line += len(part.rows)
            continue
        if _MACHINE_NOTE.fullmatch(part.text.strip()):
            notes.append(Dropped(line, fold(part.text), "note of the recorder"))
        else:
            numbered.append((line, part))
        line += 1 + part.text.count("\n")
    return numbered, notes


def _read_text(parts: Sequence[tuple[int, Part]], metadata: Metadata) -> Draft:
    blocks, codes = put_on_words(blocks_of(parts))
    draft = read_prose(blocks, metadata)
    draft.dropped += codes
    return draft


def _read_tables(parts: Sequence[tuple[int, Part]], metadata: Metadata) -> Draft | None:
    """The draft of a document whose words stand for the most part in tables; None for others."""
    tables = [
        (at, columns)
        for at, (_, part) in enumerate(parts)
        if isinstance(part, Table) and (columns := speech_table(part))
    ]
    chosen = {at for at, _ in tables}
    within = sum(_words(part) for at, (_, part) in enumerate(parts) if at in chosen)
    if within * 2 <= sum(_words(part) for _, part in parts):
        return None
    draft = _read_head(parts[: tables[0][0]], metadata)
    columns_of = dict(tables)
    for at, (line, part) in enumerate(parts):
        if isinstance(part, Table) and at in chosen:
            read_table(part, line, columns_of[at], draft)
        elif at > tables[0][0]:
            for block in blocks_of([(line, part)]):
                draft.drop(block, "text beside the table")
    return draft


def _words(part: Part) -> int:
    if isinstance(part, Para):
        return len(part.text.split())
    return sum(len(cell.split()) for row in part.rows for cell in row)


def _read_head(parts: Sequence[tuple[int, Part]], metadata: Metadata) -> Draft:
    """Title and date of what stands above the speech; nothing of it is speech."""
    blocks = blocks_of(parts)
    draft = read_prose(blocks, metadata)
    spoken = {paragraph.line for turn in draft.turns for paragraph in turn.paragraphs}
    draft.turns.clear()
    for block in blocks:
        if block.line in spoken:
            draft.drop(block, "text above the speech")
    return draft
