"""Akoma Ntoso debates → turns: `speech`, `question`, `answer`, each `by` a person of the document.

The name that the document lists for a person goes before the one printed in `from`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from indexer.dates import find_date
from indexer.formats.blocks import Draft, Metadata, RawParagraph
from indexer.formats.people import People
from indexer.formats.xmltree import Reader, parse
from indexer.transcript import Role

_ROLES = {"speech": None, "question": Role.QUESTION, "answer": Role.ANSWER}
_PARAGRAPHS = frozenset("p block li tr table item debatesection preface from".split())
_SPACES = frozenset("br eol td th".split())


def read(data: bytes, source: str) -> Draft:
    """The draft of an Akoma Ntoso debate. Raises TranscriptError where it is not well-formed."""
    reader = _AkomaReader(Draft(Metadata()), source)
    parse(data, source, reader)
    draft = reader.draft
    told = any(speech.role for speech in reader.speeches)
    people = People(reader.names, [speech.by for speech in reader.speeches])
    for speech in reader.speeches:
        role = speech.role or (Role.STATEMENT if told else None)
        draft.turns.append(people.turn(speech.by, speech.label, speech.paragraphs, role))
    draft.warnings += people.warnings()
    return draft


@dataclass(slots=True)
class _Speech:
    """One speech, question or answer: `by` refers to a person, `label` is what is printed."""

    by: str
    role: Role | None
    label: str = ""
    paragraphs: list[RawParagraph] = field(default_factory=list)


class _AkomaReader(Reader):
    """Gathers speeches with words, and persons, title, date and language of the metadata."""

    NOT_SPEECH: ClassVar[Mapping[str, str]] = {
        "narrative": "narrative",
        "scene": "stage direction",
        "summary": "summary",
        "remark": "remark",
        "authorialnote": "note",
        "recordedtime": "time line",
        "rollcall": "roll call",
        "heading": "heading",
        "subheading": "heading",
        "num": "number",
        "toc": "table of contents",
    }

    def __init__(self, draft: Draft, source: str) -> None:
        super().__init__(draft, source)
        self.speeches: list[_Speech] = []
        self.names: dict[str, str] = {}
        self._open: list[_Speech] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("tlcperson", "tlcrole", "tlcorganization"):
            one, name = attributes.get("eId") or attributes.get("id"), attributes.get("showAs")
            if one and name:
                self.names[one] = name
        elif tag in ("frbrdate", "docdate"):
            found = find_date(attributes.get("date", ""))
            self.draft.date = self.draft.date or (found[0] if found else None)
        elif tag == "frbrlanguage":
            self.draft.language = self.draft.language or attributes.get("language")
        elif tag in _ROLES:
            self.flush()
            self._open.append(_Speech(attributes.get("by", ""), _ROLES[tag]))
        elif tag == "doctitle":
            self.flush()
        else:
            self._space(tag)

    def end(self, tag: str) -> None:
        if tag in _ROLES:
            self.flush()
            self._open.pop()
        elif tag == "from" and self._open:
            self._open[-1].label = self.take().rstrip(".: ")
        elif tag == "doctitle":
            title = self.take()
            self.draft.title = self.draft.title or title or None
        else:
            self._space(tag)

    def _space(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.flush()
        elif tag in _SPACES:
            self.text(" ")

    def paragraph(self, paragraph: RawParagraph) -> None:
        if self._open:
            if not self._open[-1].paragraphs:
                self.speeches.append(self._open[-1])
            self._open[-1].paragraphs.append(paragraph)
        else:
            self.leave_out("nobody speaks", paragraph.text, paragraph.line)
