"""What every text-like format is reduced to before the speech in it is looked for.

A block is a paragraph, a heading or a list item, with the line where it begins. Finding
speakers and turns in blocks is `prose`'s work; here is no judgement but on white space.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from indexer.transcript import Transcript


class Kind(StrEnum):
    """What the format itself says that a block is."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that stands by itself in the source.

    `line` counts from 1. `label` is a speaker's label that the format marks as such (bold, a
    voice tag), already taken off the text. `continues` says that the block was split from the
    one above only because it may begin with a label: if it does not, the two are one.
    """

    text: str
    line: int
    kind: Kind = Kind.TEXT
    label: str | None = None
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """What stands beside the speech: front matter, document properties. None where unknown."""

    title: str | None = None
    date: dt.date | None = None
    language: str | None = None
    speakers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stretch of the source that is not speech, and why we think so."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A transcript and an account of what did not go into it."""

    transcript: Transcript
    dropped: Sequence[Dropped] = field(default_factory=tuple)
    warnings: Sequence[str] = field(default_factory=tuple)
