"""TheyWorkForYou's Hansard (`publicwhip`) → turns: `speech` with the name of who speaks.

Written answers (`ques`, `reply`) too. Proceedings ('Question put and agreed to.') are kept apart:
they stand in italics, or under nobody's name.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from indexer.dates import find_date
from indexer.formats.blocks import Draft, Metadata, RawParagraph
from indexer.formats.sitting import Speech, turns_of_sitting
from indexer.formats.xmltree import Reader, parse
from indexer.transcript import Role

_ENTRIES = {"speech": None, "ques": Role.QUESTION, "reply": Role.ANSWER}
_ROLES = {"question": Role.QUESTION, "answer": Role.ANSWER}
_TITLES = {
    "debate": "House of Commons debates",
    "lords": "House of Lords debates",
    "westminhall": "Westminster Hall debates",
    "standing": "Public bill committee",
    "wrans": "Written answers",
    "wms": "Written ministerial statements",
}
_ID = re.compile(r"uk\.org\.publicwhip/(\w+)/")
_PARAGRAPHS = frozenset("p tr li table".split())
_SPACES = frozenset("td th br".split())


def read(data: bytes, source: str) -> Draft:
    """The draft of a `publicwhip` file. Raises TranscriptError where it is not well-formed."""
    reader = _PublicWhipReader(Draft(Metadata()), source)
    parse(data, source, reader)
    reader.draft.turns = turns_of_sitting(reader.speeches)
    return reader.draft


class _PublicWhipReader(Reader):
    NOT_SPEECH: ClassVar[Mapping[str, str]] = {"division": "division list", "gidredirect": ""}

    def __init__(self, draft: Draft, source: str) -> None:
        super().__init__(draft, source)
        self.speeches: list[Speech] = []
        self._open: Speech | None = None
        self._section = 0
        self._class = ""
        # Whether an order of the House stands here: 'Resolved,' came above.
        self._order = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.endswith("-heading") or tag in _ENTRIES:
            self.flush()
            self._head(attributes.get("id", ""))
        if tag.endswith("-heading"):
            self._section += 1
        elif tag in _ENTRIES:
            self._open_speech(tag, attributes)
        elif tag in _PARAGRAPHS:
            self.flush()
            self._class = attributes.get("class", "") if tag == "p" else self._class
        elif tag in _SPACES:
            self.text(" ")

    def end(self, tag: str) -> None:
        if tag.endswith("-heading"):
            self.leave_out("heading")
        elif tag in _PARAGRAPHS or tag in _ENTRIES:
            self.flush()
        if tag in _ENTRIES:
            self._open = None

    def paragraph(self, paragraph: RawParagraph) -> None:
        italic = "italic" in self._class
        if italic:
            self._order = paragraph.text.endswith(",")
        elif not self._class:
            self._order = False
        if self._open is None or italic or self._order:
            self.leave_out("proceedings", paragraph.text, paragraph.line)
        else:
            if not self._open.paragraphs:
                self.speeches.append(self._open)
            self._open.paragraphs.append(paragraph)

    def _open_speech(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._order, self._class, self._open = False, "", None
        if attributes.get("nospeaker") == "true":
            return
        kind = attributes.get("type", "").casefold()
        self._open = Speech(
            name=attributes.get("speakername") or None,
            section=self._section,
            office=attributes.get("speakeroffice", ""),
            role=next((_ROLES[word] for word in _ROLES if word in kind), _ENTRIES[tag]),
            asked="oral-qnum" in attributes,
            whole=True,
        )

    def _head(self, one: str) -> None:
        """Takes date and title from the first id that tells them."""
        if self.draft.date is None and (found := find_date(one)):
            self.draft.date = found[0]
        if self.draft.title is None and (kind := _ID.match(one)):
            self.draft.title = _TITLES.get(kind[1])
