"""ODT → paragraphs and tables. The archive by zipfile, its XML by defusedxml.

Tracked deletions, comments, indexes and text boxes are not in the run of the text; footnotes
are kept apart.
"""

import datetime as dt
import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from indexer.archives import BROKEN, open_zip
from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Kind
from indexer.formats.docx import check_zip
from indexer.formats.office import Properties, read_document
from indexer.formats.office_parts import Para, Part, Run, Table, styled
from indexer.transcript import fold

_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _STYLE, _TEXT = (_NAMESPACE % name for name in ("office", "style", "text"))
_TABLE, _META = (_NAMESPACE % name for name in ("table", "meta"))
_FO = _NAMESPACE % "xsl-fo-compatible"
_DC = "{http://purl.org/dc/elements/1.1/}"
_APART = frozenset(
    (
        *(
            f"{_TEXT}{name}"
            for name in "tracked-changes table-of-content alphabetical-index".split()
        ),
        *(f"{_TEXT}{name}" for name in "illustration-index table-index bibliography note".split()),
        f"{_OFFICE}annotation",
        f"{_NAMESPACE % 'drawing'}frame",
    )
)
_MAX_SPACES = 8


def read(data: bytes, source: str) -> Draft:
    """The draft of an ODT file; raises TranscriptError where it is none or cannot be opened."""
    check_zip(data, source, "ODT")
    members = _read_members(data, source)
    if b"encryption-data" in members["META-INF/manifest.xml"]:
        raise TranscriptError(source, "is encrypted: save it without a password")
    content = _parse(members["content.xml"], source)
    text = None if content is None else content.find(f"{_OFFICE}body/{_OFFICE}text")
    if content is None or text is None:
        raise TranscriptError(source, "is no ODT file: there is no text document in it")
    styles = _Styles([content, _parse(members["styles.xml"], source)])
    properties = _properties(_parse(members["meta.xml"], source))
    try:
        parts = list(_parts(text, styles))
        notes = [_plain(note) for note in text.iter(f"{_TEXT}note-body")]
    except RecursionError as error:
        raise TranscriptError(source, "is nested too deeply to be a text") from error
    return read_document(parts, properties, [note for note in notes if fold(note)])


def _read_members(data: bytes, source: str) -> dict[str, bytes]:
    names = ("content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml")
    try:
        with open_zip(io.BytesIO(data)) as archive:
            held = set(archive.namelist())
            return {name: archive.read(name) if name in held else b"" for name in names}
    except BROKEN as error:
        raise TranscriptError(source, "is a damaged ODT: it cannot be unpacked") from error


def _parse(data: bytes, source: str) -> Element | None:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if not data:
        return None
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise TranscriptError(source, "is a damaged ODT: its XML does not parse") from error
    return root


class _Styles:
    """The styles of a document by name: what each is called and whether it is bold."""

    def __init__(self, roots: list[Element | None]) -> None:
        self.styles = {
            style.get(f"{_STYLE}name", ""): style
            for root in roots
            if root is not None
            for style in root.iter(f"{_STYLE}style")
        }

    def chain(self, name: str | None) -> Iterator[Element]:
        """A style and those that it is derived from."""
        seen: set[str] = set()
        while name and name not in seen and name in self.styles:
            seen.add(name)
            yield self.styles[name]
            name = self.styles[name].get(f"{_STYLE}parent-style-name")

    def name(self, name: str | None) -> str:
        """What the style is called where it has a name for people, its parent's else."""
        for style in self.chain(name):
            own = style.get(f"{_STYLE}display-name") or style.get(f"{_STYLE}name") or ""
            if not (own[:1] == "P" and own[1:].isdigit()):
                return own.replace("_20_", " ")
        return (name or "").replace("_20_", " ")

    def is_bold(self, name: str | None) -> bool | None:
        for style in self.chain(name):
            for properties in style.iter(f"{_STYLE}text-properties"):
                weight = properties.get(f"{_FO}font-weight")
                if weight is not None:
                    return weight == "bold" or (weight.isdecimal() and int(weight) >= 600)
        return None


def _properties(meta: Element | None) -> Properties:
    def text(name: str) -> str | None:
        found = None if meta is None else meta.find(f"{_OFFICE}meta/{name}")
        return fold(found.text or "") or None if found is not None else None

    try:
        created = dt.date.fromisoformat((text(f"{_META}creation-date") or "")[:10])
    except ValueError:
        created = None
    return Properties(text(f"{_DC}title"), created, text(f"{_DC}language"))


def _parts(parent: Element, styles: _Styles) -> Iterator[Part]:
    for child in parent:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield _paragraph(child, styles)
        elif child.tag == f"{_TABLE}table":
            yield Table(tuple(_rows(child)))
        elif child.tag not in _APART:
            yield from _parts(child, styles)


def _paragraph(element: Element, styles: _Styles) -> Para:
    style = element.get(f"{_TEXT}style-name")
    runs = tuple(_runs(element, styles, styles.is_bold(style) or False))
    kind = Kind.HEADING if element.tag == f"{_TEXT}h" else Kind.TEXT
    return styled(runs, styles.name(style), kind)


def _runs(element: Element, styles: _Styles, bold: bool) -> Iterator[Run]:
    if element.text:
        yield Run(_squeeze(element.text), bold)
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield Run(" " * (min(int(count), _MAX_SPACES) if count.isdecimal() else 1), bold)
        elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            yield Run("\t" if child.tag == f"{_TEXT}tab" else "\n", bold)
        elif child.tag not in _APART:
            own = styles.is_bold(child.get(f"{_TEXT}style-name"))
            yield from _runs(child, styles, bold if own is None else own)
        if child.tail:
            yield Run(_squeeze(child.tail), bold)


def _squeeze(text: str) -> str:
    """White space as OpenDocument reads it: a run of any is one blank."""
    lead = " " if text[:1].isspace() else ""
    trail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{' '.join(text.split())}{trail}"


def _rows(table: Element) -> Iterator[tuple[str, ...]]:
    for row in _children(table, "table-row"):
        yield tuple(_plain(cell) for cell in _children(row, "table-cell"))


def _children(parent: Element, name: str) -> Iterator[Element]:
    for child in parent:
        if child.tag == f"{_TABLE}{name}":
            yield child
        elif child.tag.startswith((f"{_TABLE}table-header", f"{_TABLE}table-row")):
            yield from _children(child, name)


def _plain(element: Element) -> str:
    """The paragraphs within an element, a line each."""
    styles = _Styles([])
    texts = ("".join(run.text for run in _runs(p, styles, False)) for p in _lines(element))
    return "\n".join(text for text in texts if text.strip())


def _lines(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield child
        elif child.tag not in _APART:
            yield from _lines(child)
