"""Which format a file has: by what stands in it, and only where that is silent by its name.

Looks at the first bytes, at the root of an XML file and at the directory of a zip; reads nothing
else and judges no speech.
"""

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import Path

from indexer.archives import BROKEN, open_zip
from indexer.errors import TranscriptError

HEAD = 8192
# These begin with a mark of their own: without it a file is not one, whatever its name says.
_MARKED = frozenset({"pdf", "rtf", "docx", "odt", "ods"})
_TEXTUAL = frozenset({"text", "markdown"})
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_CUE = re.compile(r"\d{1,9}[ \t]*\r?\n[ \t]*\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}[ \t]*-->")
_WEBVTT = re.compile(r"WEBVTT(?:[ \t\r\n]|$)")
_JSON = re.compile(r'(?:\[\s{0,99})?\{\s{0,99}(?:\}|"(?:[^"\\\n]|\\.){0,200}"\s{0,99}:)')
_HTML = re.compile(
    r"(?>(?:<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->|\s+){0,20})<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"<(?:\?xml\s|!DOCTYPE\s|!--|[A-Za-z_][\w.:-]{0,99}[\s/>])")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Detected:
    """The name of a format, and a warning where the file's name says another."""

    format: str
    warning: str | None = None


def detect(data: bytes, name: str) -> Detected | None:
    """The format of a file of that name, None where it is none that is known.

    Raises TranscriptError for a container that plainly holds something else than a transcript.
    """
    named = _by_name(name)
    found = _by_content(data, name, named)
    if found is None and named and named[0] not in _MARKED:
        found = named[0]
    if found is None and _is_readable(data):
        found = "markdown" if _has_front_matter(data, name) else "text"
    if found is None:
        if named:
            raise TranscriptError(name, f"is no {named[0].upper()} file, whatever its name says")
        return None
    if not named or found in named or {found, named[0]} <= _TEXTUAL | {"table"}:
        return Detected(found)
    suffix = Path(name).suffix
    return Detected(found, f"is named {suffix}, but holds {found}: read as {found}")


def _by_name(name: str) -> tuple[str, ...]:
    from indexer.formats import FORMATS

    suffix = Path(name).suffix.lower()
    return tuple(one.name for one in FORMATS.values() if suffix in one.suffixes)


def _by_content(data: bytes, name: str, named: tuple[str, ...]) -> str | None:
    start = data[:HEAD].lstrip()
    if start.startswith(b"%PDF-") or ("pdf" in named and b"%PDF-" in data[:1024]):
        return "pdf"
    if start.startswith(rb"{\rtf"):
        return "rtf"
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _in_zip(data, name)
    head = _head(data)
    if _WEBVTT.match(head):
        return "webvtt"
    if _CUE.match(head):
        return "srt"
    if _HTML.match(head):
        return "html"
    if _XML.match(head) and (found := _xml(data, name, named)):
        return found
    if _JSON.match(head):
        return "json"
    if "text" in named and _has_front_matter(data, name):
        return "markdown"
    if "text" in named and _has_tabbed_header(head):
        return "table"
    return None


def _has_tabbed_header(head: str) -> bool:
    """Whether the first line names columns of a transcript, between tabs."""
    from indexer.formats.columns import find_columns

    cells = head.partition("\n")[0].split("\t")
    return len(cells) > 2 and find_columns(cells) is not None


def _head(data: bytes) -> str:
    """The first characters, without mark and white space; wrong bytes do not matter here."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) : HEAD].decode(encoding, errors="replace").lstrip()
    return data[:HEAD].decode("utf-8", errors="replace").lstrip()


def _in_zip(data: bytes, name: str) -> str:
    """The office format of a zip. Raises TranscriptError where it is something else."""
    try:
        with open_zip(io.BytesIO(data)) as archive:
            entries = archive.namelist()
            mimetype = b""
            if "mimetype" in entries:
                with archive.open("mimetype") as file:
                    mimetype = file.read(200).strip()
    except BROKEN as error:
        raise TranscriptError(name, "is a zip that is damaged or cut off") from error
    if mimetype in _OPEN_DOCUMENT:
        return _OPEN_DOCUMENT[mimetype]
    if "word/document.xml" in entries:
        return "docx"
    reason = "is a zip without a Word or OpenDocument text in it"
    raise TranscriptError(name, f"{reason}: give an archive of transcripts the ending .zip")


def _xml(data: bytes, name: str, named: tuple[str, ...]) -> str | None:
    """The format of an XML file by its root; text that only begins with '<' is none."""
    from indexer.formats.xmltree import root_tags, xml_format

    found = xml_format(data)
    if found is None and "tei" in named and (tags := root_tags(data)):
        known = "the roots of TEI, Hansard and OHMS"
        raise TranscriptError(name, f"is XML with the root <{tags[0][:40]}>: known are {known}")
    return found


def _has_front_matter(data: bytes, name: str) -> bool:
    from indexer.formats.decoding import decode
    from indexer.formats.markdown import split_front_matter

    if not _head(data).startswith("---"):
        return False
    try:
        return split_front_matter(decode(data, name)[0], name)[2] > 0
    except TranscriptError:
        return True  # Its reader says what is wrong with it.


def _is_readable(data: bytes) -> bool:
    """Whether bytes of which nothing is known may be words: hardly a control code among them."""
    head = _head(data)
    odd = sum(char < " " and char not in "\t\n\r\f" for char in head)
    return bool(head) and odd * 100 <= len(head) and "\0" not in head
