"""DOCX → paragraphs and tables, by python-docx. Text that tracked changes took out is not there.

Footnotes, comments, text boxes, headers and footers are not in the run of the text.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from indexer.archives import BROKEN, open_zip, why_not_read
from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Kind
from indexer.formats.office import Properties, read_document
from indexer.formats.office_parts import Para, Part, Run, Table, styled
from indexer.transcript import fold

if TYPE_CHECKING:
    from docx.document import Document

# Of all members together, and of one: words are far smaller, pictures hardly shrink.
MAX_INFLATED = 128 * 2**20
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What holds blocks or runs and is itself no text; of a moved stretch only where it went.
_WRAPPERS = frozenset(
    f"{_W}{name}"
    for name in (
        "sdt sdtContent customXml smartTag ins moveTo hyperlink fldSimple dir bdo body".split()
    )
)
_CONTENTS = re.compile(r"toc\b|table of (?:figures|authorities)", re.IGNORECASE)


def read(data: bytes, source: str) -> Draft:
    """The draft of a DOCX file; raises TranscriptError where it is none or cannot be opened."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml import etree

    check_zip(data, source, "DOCX")
    try:
        document = docx.Document(io.BytesIO(data))
        parts = list(_parts(document.element.body, _Styles(document)))
        core = document.core_properties
        created = core.created.date() if isinstance(core.created, dt.datetime) else None
        properties = Properties(core.title or None, created, core.language or None)
        footnotes = _footnotes(document)
    except etree.XMLSyntaxError as error:
        raise TranscriptError(source, "is a damaged DOCX: its XML does not parse") from error
    except (PackageNotFoundError, KeyError, TypeError, AttributeError, *BROKEN) as error:
        raise TranscriptError(source, "is no DOCX file, or a damaged one") from error
    return read_document(parts, properties, footnotes)


def check_zip(data: bytes, source: str, what: str) -> None:
    """Raises TranscriptError for an archive that is damaged, or that would fill the memory."""
    if data.startswith(_COMPOUND_FILE):
        raise TranscriptError(source, f"is encrypted or an old .doc: save it anew as {what}")
    try:
        with open_zip(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except BROKEN as error:
        raise TranscriptError(source, f"is no {what} file, or one that is cut short") from error
    for member in members:
        folder = member.filename.endswith("/")
        reason = None if folder else why_not_read(member, MAX_INFLATED)
        if reason is not None:
            raise TranscriptError(source, f"its part {member.filename} {reason}")
    if sum(member.file_size for member in members) > MAX_INFLATED:
        raise TranscriptError(source, f"would inflate to over {MAX_INFLATED >> 20} MiB: split it")


class _Styles:
    """What the styles of a document say of paragraphs and runs."""

    def __init__(self, document: "Document") -> None:
        styles = list(document.styles.element.iter(f"{_W}style"))
        self.elements: dict[str, Any] = {style.get(f"{_W}styleId", ""): style for style in styles}
        self.default = next(
            (
                style.get(f"{_W}styleId", "")
                for style in styles
                if style.get(f"{_W}type") == "paragraph"
                and style.get(f"{_W}default") in ("1", "true", "on")
            ),
            "",
        )

    def name(self, paragraph: Any) -> str:
        style = self.elements.get(self._of(paragraph, "pPr", "pStyle") or self.default)
        name = style.find(f"{_W}name") if style is not None else None
        return name.get(f"{_W}val", "") if name is not None else ""

    def is_bold(self, paragraph: Any, run: Any) -> bool:
        """Bold by the run itself, else by its style, else by the paragraph's."""
        for own in (
            _toggle(run.find(f"{_W}rPr"), "b"),
            self._styled(self._of(run, "rPr", "rStyle")),
            self._styled(self._of(paragraph, "pPr", "pStyle") or self.default),
        ):
            if own is not None:
                return own
        return False

    def _styled(self, identity: str | None) -> bool | None:
        """Whether a style is bold, or the one that it is based on."""
        seen: set[str] = set()
        while identity and identity not in seen and identity in self.elements:
            seen.add(identity)
            style = self.elements[identity]
            own = _toggle(style.find(f"{_W}rPr"), "b")
            if own is not None:
                return own
            based = style.find(f"{_W}basedOn")
            identity = based.get(f"{_W}val") if based is not None else None
        return None

    def _of(self, element: Any, properties: str, style: str) -> str | None:
        found = element.find(f"{_W}{properties}/{_W}{style}")
        return found.get(f"{_W}val") if found is not None else None


def _toggle(properties: Any, name: str) -> bool | None:
    """A property that is on or off; None where it is not told."""
    found = properties.find(f"{_W}{name}") if properties is not None else None
    if found is None:
        return None
    return found.get(f"{_W}val", "1") not in ("0", "false", "off")


def _parts(parent: Any, styles: _Styles) -> Iterator[Part]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield from _paragraph(child, styles)
        elif child.tag == f"{_W}tbl":
            yield Table(tuple(_rows(child, styles)))
        elif child.tag in _WRAPPERS:
            yield from _parts(child, styles)


def _rows(table: Any, styles: _Styles) -> Iterator[tuple[str, ...]]:
    for row in _children(table, "tr"):
        yield tuple(_cell(cell, styles) for cell in _children(row, "tc"))


def _children(parent: Any, name: str) -> Iterator[Any]:
    for child in parent:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, name)


def _cell(cell: Any, styles: _Styles) -> str:
    texts: list[str] = []
    for part in _parts(cell, styles):
        if isinstance(part, Table):
            texts += [text for row in part.rows for text in row]
        else:
            texts.append(part.text)
    return "\n".join(text for text in texts if text.strip())


def _paragraph(paragraph: Any, styles: _Styles) -> Iterator[Para]:
    name = styles.name(paragraph)
    if _CONTENTS.match(name):
        return
    runs = tuple(Run(text, styles.is_bold(paragraph, run)) for run, text in _runs(paragraph))
    outlined = paragraph.find(f"{_W}pPr/{_W}outlineLvl") is not None
    yield styled(runs, name, Kind.HEADING if outlined else Kind.TEXT)


def _runs(parent: Any) -> Iterator[tuple[Any, str]]:
    """Runs with their text, in order; deleted, hidden and moved-away ones left out."""
    for child in parent:
        if child.tag == f"{_W}r":
            if not _toggle(child.find(f"{_W}rPr"), "vanish"):
                yield child, str(child.text)
        elif child.tag in _WRAPPERS:
            yield from _runs(child)


def _footnotes(document: "Document") -> list[str]:
    """The footnotes and endnotes, without the lines that separate them."""
    from docx.oxml.parser import parse_xml

    notes: list[str] = []
    for part in document.part.package.iter_parts():
        if part.partname in ("/word/footnotes.xml", "/word/endnotes.xml"):
            for note in parse_xml(part.blob):
                texts = [text for p in note.iter(f"{_W}p") for _, text in _runs(p)]
                if f"{_W}type" not in note.attrib and fold("".join(texts)):
                    notes.append("".join(texts))
    return notes
