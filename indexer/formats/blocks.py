"""What every text-like format is reduced to before the speech in it is looked for.

A block is a paragraph, a heading or a list item, with the line where it begins. Finding
speakers and turns in blocks is `prose`'s work; here is no judgement but on white space.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from enum import StrEnum

from indexer.labels import Label
from indexer.transcript import Role, Speaker, Transcript, Turn, fold


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
    one above only because it may begin with a label: if it does not, the two are one. `markup`
    is what the format's own syntax took off the front ('#', '1.'): it was perhaps spoken. `page`
    and `start_s` say where and when, in pages of the source and seconds of the recording.
    """

    text: str
    line: int
    kind: Kind = Kind.TEXT
    label: str | None = None
    continues: bool = False
    markup: str = ""
    page: int | None = None
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What stands beside the speech: front matter, document properties. None where unknown."""

    title: str | None = None
    date: dt.date | None = None
    language: str | None = None
    speakers: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stretch of the source that is not speech, and why we think so."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawParagraph:
    """A folded paragraph with where it stands: line or page of the source, seconds of the tape."""

    text: str
    line: int = 0
    start_s: float | None = None
    end_s: float | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class RawTurn:
    """Paragraphs under one label, or under none.

    `speaker` and `role` are set only where the source itself says them (a TEI `who`); then they
    stand. `nobody` says that the words are certainly not the host's, though no label tells whose.
    """

    label: Label | None
    paragraphs: tuple[RawParagraph, ...]
    speaker: Speaker | None = None
    role: Role | None = None
    nobody: bool = False


@dataclass(slots=True)
class Draft:
    """A document between its format and its transcript.

    `built` is set only where the source is a transcript of ours: its turns, title and date then
    stand as they are, and `turns` is not looked at.
    """

    metadata: InitVar[Metadata]
    title: str | None = None
    date: dt.date | None = None
    language: str | None = None
    names: tuple[str, ...] = ()
    turns: list[RawTurn] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    built: tuple[Turn, ...] | None = None

    def __post_init__(self, metadata: Metadata) -> None:
        self.title, self.date = metadata.title, metadata.date
        self.language, self.names = metadata.language, metadata.speakers

    def drop(self, block: Block, reason: str) -> None:
        self.dropped.append(Dropped(block.line, fold(block.text), reason))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A transcript, an account of what did not go into it, and the format it was read as."""

    transcript: Transcript
    dropped: Sequence[Dropped] = field(default_factory=tuple)
    warnings: Sequence[str] = field(default_factory=tuple)
    format: str = ""
