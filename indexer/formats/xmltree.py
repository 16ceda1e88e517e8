"""XML bytes → tags and text as they come, and which transcript format the root tells.

Safe with any input: nothing is fetched, no entity is expanded but for single characters, tags may
not nest without end, and nothing is kept but what a reader keeps. Knows nothing of any format.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from html.entities import html5
from typing import ClassVar
from xml.parsers import expat

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Dropped, Metadata, RawParagraph
from indexer.formats.decoding import decode
from indexer.transcript import fold

MAX_DEPTH = 1000
_SNIFF_BYTES = 2**16
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
# Longer ones, or one of another, are how a small file becomes gigabytes.
_CHARACTERS = re.compile(r"[^&<]{1,8}|&#x?[0-9A-Fa-f]{1,6};")
_TEI_ROOTS = frozenset(("tei", "teicorpus", "tei.2"))
_HANSARD_ROOTS = frozenset(
    "publicwhip hansard housecommons houselords westminsterhall grandcommitteereport "
    "writtenanswers lordswrittenanswers writtenstatements lordswrittenstatements "
    "akomantoso".split()
)
_PUNCTUATION = (",", ".", ";", ":", "!", "?")


class Reader:
    """What a format makes of the tags as they come: `start` and `end` say what they mean.

    Names of tags and attributes come without prefix, those of tags in small letters; `path` holds
    the open tags. Text is gathered until `take` or `flush`. What stands in a tag of `NOT_SPEECH` is
    left out whole, for the reason there; where that is empty, without an account.
    """

    NOT_SPEECH: ClassVar[Mapping[str, str]] = {}

    def __init__(self, draft: Draft, source: str) -> None:
        self.draft, self.source = draft, source
        self.path: list[str] = []
        self.line = 1
        self._words: list[str] = []
        self._words_line = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag opens; `path` ends with it."""

    def end(self, tag: str) -> None:
        """A tag closes; `path` still ends with it."""

    def paragraph(self, paragraph: RawParagraph) -> None:
        """Text that `flush` found; never empty."""

    def reason_to_skip(self, tag: str) -> str | None:
        """Why a tag is left out with all that is in it; None if it is not."""
        return self.NOT_SPEECH.get(tag)

    def parent(self, depth: int = 1) -> str:
        """The tag around the innermost one, or `depth` tags out; "" above the root."""
        return self.path[-1 - depth] if len(self.path) > depth else ""

    def text(self, text: str) -> None:
        """Gathers text. Punctuation joins the word that a skipped tag parted it from."""
        if not self._words:
            if text.isspace():
                return
            self._words_line = self.line
        elif text.startswith(_PUNCTUATION) and self._words[-1][-1:].isspace():
            self._words[-1] = self._words[-1].rstrip()
        self._words.append(text)

    def take(self) -> str:
        """The text gathered since it was last taken, folded."""
        text = fold("".join(self._words))
        self._words.clear()
        return text

    def flush(self) -> None:
        """Ends a paragraph here, if there is any text."""
        line = self._words_line
        if text := self.take():
            self.paragraph(RawParagraph(text, line))

    def leave_out(self, reason: str, text: str | None = None, line: int | None = None) -> None:
        """Accounts for text (that gathered, if none is given) as not speech."""
        line = line if line is not None else self._words_line
        if text := self.take() if text is None else fold(text):
            self.draft.dropped.append(Dropped(line, text, reason))


class _Enough(Exception):
    """The sniffer has seen what it came for."""


class _Sniffer(Reader):
    """Notes the first two tags."""

    def __init__(self) -> None:
        super().__init__(Draft(Metadata()), "")
        self.tags: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.tags.append(tag)
        if len(self.tags) == 2:
            raise _Enough


class _Walk:
    """Leads a reader through a document; expat reads the XML."""

    def __init__(self, source: str, reader: Reader, encoding: str | None) -> None:
        self.source, self.reader = source, reader
        self.skipped: list[str] | None = None
        self.skip_from = self.skip_line = 0
        self.reason = ""
        # As made, an expat parser reads neither external entities nor a DTD in another file.
        self.parser = parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        # A default value in the DTD would be repeated with every tag.
        parser.specified_attributes = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.EntityDeclHandler = self.entity
        parser.SkippedEntityHandler = self.unknown_entity

    def run(self, data: bytes, *, final: bool) -> None:
        try:
            self.parser.Parse(data, final)
        except expat.ExpatError as error:
            reason = f"is not well-formed XML: {expat.ErrorString(error.code)}"
            raise TranscriptError(self.source, reason, error.lineno) from error
        except (LookupError, ValueError) as error:
            reason = "is in an encoding that is not known: save it as UTF-8"
            raise TranscriptError(self.source, reason, 1) from error

    def fail(self, reason: str) -> TranscriptError:
        return TranscriptError(self.source, reason, self.parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        reader = self.reader
        tag = name.rpartition(":")[2].casefold()
        reader.path.append(tag)
        if len(reader.path) > MAX_DEPTH:
            raise self.fail(f"nests tags more than {MAX_DEPTH} deep: no transcript does")
        if self.skipped is not None:
            return
        reader.line = self.parser.CurrentLineNumber
        reason = reader.reason_to_skip(tag)
        if reason is None:
            reader.start(tag, {key.rpartition(":")[2]: attributes[key] for key in attributes})
        else:
            self.skipped, self.reason = [], reason
            self.skip_from, self.skip_line = len(reader.path), reader.line

    def end(self, name: str) -> None:
        reader = self.reader
        if self.skipped is None:
            reader.line = self.parser.CurrentLineNumber
            reader.end(reader.path[-1])
        elif len(reader.path) == self.skip_from:
            if self.reason:
                reader.leave_out(self.reason, "".join(self.skipped), self.skip_line)
            self.skipped = None
        reader.path.pop()

    def text(self, text: str) -> None:
        if self.skipped is not None:
            self.skipped.append(text)
        else:
            self.reader.text(text)

    def entity(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system_id: str | None,
        public_id: str | None,
        notation: str | None,
    ) -> None:
        """Lets pass what stands for a character, and what is not expanded anyway."""
        if is_parameter or notation is not None:
            return
        if value is None:
            raise self.fail(f"takes the entity {name!r} from another file: put its text in place")
        if not _CHARACTERS.fullmatch(value):
            raise self.fail(f"declares the entity {name!r} for more than a character: expand it")

    def unknown_entity(self, name: str, is_parameter: bool) -> None:
        """A character by its name in HTML, declared in a DTD that is not at hand."""
        if is_parameter:
            return
        if f"{name};" not in html5:
            raise self.fail(f"uses the entity {name!r}, which it does not declare: expand it")
        self.text(html5[f"{name};"])


def parse(data: bytes, source: str, reader: Reader) -> None:
    """Leads `reader` through the whole document.

    Raises TranscriptError, with the line, for what is not well-formed or not safe.
    """
    encoding = None
    declared = _DECLARED.match(data[:_SNIFF_BYTES])
    if declared is None or declared[1].lower() in (b"utf-8", b"utf8"):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            text, warnings = decode(data, source)
            data, encoding = text.encode(), "utf-8"
            reader.draft.warnings += warnings
    _Walk(source, reader, encoding).run(data, final=True)
    reader.flush()
    reader.draft.dropped.sort(key=lambda dropped: dropped.line)


def root_tags(data: bytes) -> list[str]:
    """The root and the first tag in it, in small letters; fewer where the beginning has fewer."""
    sniffer = _Sniffer()
    opening = data[:_SNIFF_BYTES]
    if opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        with suppress(TranscriptError, _Enough):
            _Walk("", sniffer, None).run(opening, final=False)
    return sniffer.tags


def xml_format(data: bytes) -> str | None:
    """The transcript format that the root of an XML document tells: "tei", "hansard" or "ohms"."""
    tags = root_tags(data)
    if tags and tags[0] in _TEI_ROOTS:
        return "tei"
    if tags and tags[0] in _HANSARD_ROOTS:
        return "hansard"
    return "ohms" if tags == ["root", "record"] else None
