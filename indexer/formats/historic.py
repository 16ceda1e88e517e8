"""The digitised historic Hansard → turns: `member` and `membercontribution` in a `p`.

Proceedings ('<i>Ordered,</i> That …'), times and lists of a division are kept apart. A paragraph
without a member is nobody's.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from indexer.dates import find_date
from indexer.formats.blocks import Draft, Metadata, RawParagraph
from indexer.formats.sitting import Speech, turns_of_sitting
from indexer.formats.xmltree import Reader, parse
from indexer.names import read_name

_NUMBER = re.compile(r"[QT]?\d+(?:(?:,| and|, and) \d+)*\.?")
_ASKED = re.compile(r"(?:\([^()]{1,40}\) )?asked\b")
_TIME = re.compile(r"\d{1,2}(?:[.·:]\d{1,2})? ?(?:[ap]\.?m\.?|noon|midnight)", re.IGNORECASE)
_IN_THE_CHAIR = re.compile(r"\[[^\[\]]* in the Chair\.?\]", re.IGNORECASE)
_PARAGRAPHS = frozenset("p lb li tr table ol ul".split())
_SPACES = frozenset("td th quote".split())


def read(data: bytes, source: str) -> Draft:
    """The draft of a file of historic Hansard. Raises TranscriptError if it is not well-formed."""
    reader = _HistoricReader(Draft(Metadata()), source)
    parse(data, source, reader)
    reader.draft.turns = turns_of_sitting(reader.speeches)
    return reader.draft


class _HistoricReader(Reader):
    NOT_SPEECH: ClassVar[Mapping[str, str]] = {
        "division": "division list",
        "memberconstituency": "",
        "col": "",
        "image": "",
    }

    def __init__(self, draft: Draft, source: str) -> None:
        super().__init__(draft, source)
        self.speeches: list[Speech] = []
        self._open: Speech | None = None
        self._section = 0
        # What stands in a paragraph before its member: a question's number, an office.
        self._prefix = ""
        # Of the letters gathered: whether the first is in italics, and whether all are.
        self._begins_italic, self._all_italic = False, True
        # Whether an order of the House stands here: 'Ordered,' came above.
        self._order = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("section", "title", "date"):
            self.flush()
            self._section += tag == "section"
            self._order = False
            if tag == "date" and self.draft.date is None:
                found = find_date(attributes.get("format", ""))
                self.draft.date = found[0] if found else None
        elif tag == "member":
            self._prefix = "" if self._open else self.take()
            self.flush()
        elif tag == "membercontribution":
            between = self.take()
            if between.startswith("(") and between.endswith(")"):
                self.leave_out("stage direction", between, self.line)
            elif between:
                self.text(between + " ")
        else:
            self._space(tag)

    def end(self, tag: str) -> None:
        if tag == "title":
            title = self.take()
            if self.draft.title is None:
                self.draft.title = title or None
            else:
                self.leave_out("heading", title, self.line)
        elif tag == "date":
            self.leave_out("date line")
        elif tag == "member":
            self._open_speech(self.take())
        else:
            self._space(tag)
            if tag == "p":
                self._open = None

    def _space(self, tag: str) -> None:
        if tag in _PARAGRAPHS and not (tag == "lb" and "title" in self.path):
            self.flush()
        elif tag in _SPACES or tag == "lb":
            self.text(" ")

    def text(self, text: str) -> None:
        if any(char.isalnum() for char in text):
            italic = "i" in self.path
            self._begins_italic = italic if not self._words else self._begins_italic
            self._all_italic = italic and (self._all_italic or not self._words)
        super().text(text)

    def paragraph(self, paragraph: RawParagraph) -> None:
        text = paragraph.text
        if self._open is not None:
            if not self._open.paragraphs:
                text = text.removeprefix(":").strip()
                self._open.asked |= bool(_ASKED.match(text))
            if self._all_italic:
                self.leave_out("stage direction", text, paragraph.line)
            elif text:
                if not self._open.paragraphs:
                    self.speeches.append(self._open)
                self._open.paragraphs.append(RawParagraph(text, paragraph.line))
        elif _TIME.fullmatch(text):
            self.leave_out("time line", text, paragraph.line)
        elif self._order or self._begins_italic or _IN_THE_CHAIR.fullmatch(text):
            self.leave_out("proceedings", text, paragraph.line)
            self._order |= self._all_italic and text.endswith(",")
        else:
            self.speeches.append(Speech(None, self._section, paragraphs=[paragraph]))

    def _open_speech(self, member: str) -> None:
        """Begins what a member says: '1. Mr. Douglas', 'The Minister (Mr. David Hunt)'."""
        number, office = "", self._prefix
        if (found := _NUMBER.match(office)) and found.end() == len(office):
            number, office = office, ""
            self.leave_out("number", number, self.line)
        printed = f"{office} {member}".strip()
        outer, _, inner = printed.removesuffix(")").partition("(")
        inner = inner.partition("(")[0].strip()
        named = bool(inner) and bool(read_name(inner).titles)
        self._open = Speech(
            name=(inner if named else printed) or None,
            section=self._section,
            office=outer.strip() if named else "",
            asked=bool(number),
        )
        self._order = False
