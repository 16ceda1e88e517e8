"""TEI → turns: utterances as in ParlaMint (`u`, `seg`), speeches as in plays (`sp`, `speaker`).

Who speaks is what `who` points to in the document. Where the persons are listed in another file,
an id that reads as a name ('#PetraVelicka.1980') is taken for one, with a warning. Notes,
incidents and their like are kept apart. Does not read the times of a `timeline`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from indexer.dates import find_date
from indexer.formats.blocks import Block, Draft, Dropped, Kind, Metadata, RawParagraph, RawTurn
from indexer.formats.people import People
from indexer.formats.prose import read_prose
from indexer.formats.xmltree import Reader, parse
from indexer.transcript import Role

_SPEECHES = ("u", "sp")
_PARAGRAPHS = frozenset(
    "p ab lg list item castitem table row div div1 div2 head front body back".split()
)
_SPACES = frozenset("l lb cell".split())
_TOKENS = ("w", "pc")
_PERSONS = ("person", "persongrp", "role")
_NAME_PARTS = ("forename", "namelink", "surname")


def read(data: bytes, source: str) -> Draft:
    """The draft of a TEI document; one without `u` and `sp` is read as running text.

    Raises TranscriptError where it is not well-formed.
    """
    reader = _TeiReader(Draft(Metadata()), source)
    parse(data, source, reader)
    draft = reader.draft
    draft.title = reader.titles.get(draft.language or "") or next(
        iter(reader.titles.values()), None
    )
    draft.date = next((found[0] for text in reader.dates if (found := find_date(text))), None)
    if not reader.speeches:
        prose = read_prose(reader.blocks, Metadata(draft.title, draft.date, draft.language))
        prose.dropped += draft.dropped
        prose.warnings += draft.warnings
        return prose
    draft.dropped += [
        Dropped(
            block.line, block.text, "heading" if block.kind is Kind.HEADING else "nobody speaks"
        )
        for block in reader.blocks
    ]
    draft.dropped.sort(key=lambda dropped: dropped.line)
    draft.turns = _turns(reader)
    return draft


@dataclass(slots=True)
class _Speech:
    """One `u` or `sp`: `who` as its attribute, `label` as its `speaker` says."""

    who: str
    role: Role | None
    label: str = ""
    paragraphs: list[RawParagraph] = field(default_factory=list)


class _TeiReader(Reader):
    """Gathers speeches with words, what stands outside them, and names, titles and dates.

    `silent` counts the speeches without words.
    """

    NOT_SPEECH: ClassVar[Mapping[str, str]] = {
        "note": "note",
        "incident": "incident",
        "vocal": "sound without words",
        "kinesic": "gesture",
        "writing": "writing that was shown",
        "gap": "gap",
        "stage": "stage direction",
        "del": "deleted",
        "figure": "figure",
        "fw": "page furniture",
        "linkgrp": "",
    }

    def __init__(self, draft: Draft, source: str) -> None:
        super().__init__(draft, source)
        self.speeches: list[_Speech] = []
        self.silent = 0
        self.blocks: list[Block] = []
        self.names: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.dates: list[str] = []
        self._open: _Speech | None = None
        self._attributes: Mapping[str, str] = {}
        self._person = self._block_who = ""
        self._name_parts: dict[str, str] = {}
        self._tokens = False

    def reason_to_skip(self, tag: str) -> str | None:
        if tag in ("sic", "orig", "abbr") and self.parent() == "choice":
            return ""
        return super().reason_to_skip(tag)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("tei", "text") and attributes.get("lang"):
            self.draft.language = attributes["lang"]
        if tag in _PERSONS and attributes.get("id"):
            self.flush()
            self._person = attributes["id"]
        elif self._in_header():
            if tag not in _NAME_PARTS:
                self.take()
                self._attributes = attributes
            if tag == "language":
                self.draft.language = self.draft.language or attributes.get("ident")
        elif tag in _SPEECHES:
            self.flush()
            role = Role.STATEMENT if "#chair" in attributes.get("ana", "").split() else None
            self._open = _Speech(attributes.get("who") or self._block_who, role)
        elif tag == "annotationblock":
            self._block_who = attributes.get("who", "")
        elif tag in _TOKENS:
            self._tokens = True
            self._attributes = attributes if self.parent() not in _TOKENS else self._attributes
        else:
            self._space(tag)

    def end(self, tag: str) -> None:
        if self._in_header():
            self._end_of_header(tag)
        elif tag in _SPEECHES:
            self.flush()
            self.silent += self._open is not None and not self._open.paragraphs
            self._open = None
        elif tag == "speaker" and self._open is not None:
            self._open.label = self.take()
        elif tag in _TOKENS:
            if self.parent() not in _TOKENS and self._attributes.get("join") not in (
                "right",
                "both",
            ):
                super().text(" ")
        else:
            self._space(tag)

    def _space(self, tag: str) -> None:
        """Ends a paragraph, or a word, where a tag that stands for that opens or closes."""
        if tag in _PARAGRAPHS or tag == "speaker" or (tag == "seg" and self.parent() == "u"):
            self.flush()
        elif tag in _SPACES:
            super().text(" ")

    def text(self, text: str) -> None:
        """Gathers text; between the tokens of an annotated text the blanks mean nothing."""
        if not (self._tokens and text.isspace() and self.path[-1] not in _TOKENS):
            super().text(text)

    def paragraph(self, paragraph: RawParagraph) -> None:
        self._tokens = False
        if self._open is not None:
            if not self._open.paragraphs:
                self.speeches.append(self._open)
            self._open.paragraphs.append(paragraph)
        elif "text" in self.path:
            kind = Kind.HEADING if self.path[-1] == "head" else Kind.TEXT
            self.blocks.append(Block(paragraph.text, paragraph.line, kind))

    def _in_header(self) -> bool:
        return bool(self._person) or "teiheader" in self.path

    def _end_of_header(self, tag: str) -> None:
        if tag in _NAME_PARTS:
            self._name_parts.setdefault(tag, self.take())
        elif self._person and tag in ("persname", "name", "role"):
            parts = [self._name_parts[part] for part in _NAME_PARTS if part in self._name_parts]
            rest = self.take()
            if name := " ".join(parts) or rest:
                self.names.setdefault(self._person, name)
            self._name_parts.clear()
        elif tag == "title" and self.parent() == "titlestmt" and self.parent(2) == "filedesc":
            title = self.take()
            if title and self._attributes.get("type", "main") == "main":
                self.titles.setdefault(self._attributes.get("lang", ""), title)
        elif tag == "date" and {"sourcedesc", "settingdesc", "creation"} & set(self.path):
            given = self._attributes.get("when") or self._attributes.get("from")
            at = 0 if "settingdesc" in self.path else len(self.dates)
            self.dates.insert(at, given or self.take())
        if tag in _PERSONS:
            self._person = ""
        self.take()


def _turns(reader: _TeiReader) -> list[RawTurn]:
    """The turns of all speeches, each with the speaker that its `who` tells."""
    people = People(reader.names, [speech.who for speech in reader.speeches])
    turns = [
        people.turn(speech.who, speech.label.rstrip(".: "), speech.paragraphs, speech.role)
        for speech in reader.speeches
    ]
    reader.draft.warnings += people.warnings()
    if reader.silent:
        reader.draft.warnings.append(f"{reader.silent} of its utterances hold no words")
    return turns
