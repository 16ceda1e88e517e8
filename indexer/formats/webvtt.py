"""WebVTT → draft: header, notes, styles and regions apart, its cues read as captions.

Follows the parser of the W3C's recommendation, but loses no words where a file is broken.
"""

import re

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Dropped, Metadata
from indexer.formats.captions import read_captions
from indexer.formats.cues import Line, Slips, read_cues, read_timing, split_lines
from indexer.formats.decoding import decode
from indexer.transcript import fold

_FIELD = re.compile(r"\s*(?:NOTE\s+)?(?P<key>[A-Za-z]{1,20})\s*[:=]\s*(?P<value>\S.{0,499})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
_NO_SPEECH = frozenset(("chapters", "metadata"))
_FURNITURE = {"NOTE": "note", "STYLE": "style", "REGION": "region", "WEBVTT": "header"}


def read(data: bytes, source: str) -> Draft:
    """The draft of a WebVTT file. Raises TranscriptError where it has no captions."""
    text, warnings = decode(data, source)
    draft = read_text(text, source)
    draft.warnings[:0] = warnings
    return draft


def read_text(text: str, source: str) -> Draft:
    """The draft of WebVTT that stands in another file."""
    lines = list(enumerate(split_lines(text.lstrip("\ufeff")), start=1))
    slips = Slips()
    header = _read_header(lines)
    fields = _fields(header)
    kind = fields.get("kind", "").casefold()
    if kind in _NO_SPEECH:
        raise TranscriptError(source, f"holds {kind}, no captions: give the captions of it")
    draft = Draft(_metadata(header, fields))
    if not header:
        draft.warnings.append("no WEBVTT line at the top: read as WebVTT all the same")
    elif len(header) > 1 or draft.title is None:
        shown = fold(" ".join(text for _, text in header))
        if shown != "WEBVTT":
            draft.dropped.append(Dropped(header[0][0], shown, "header"))
    body = lines[header[-1][0] :] if header else lines
    cues = read_cues(body, _furniture, draft, slips, numbered=False)
    if not cues:
        raise TranscriptError(source, "holds no captions: there are no words below a line of times")
    notes = _fields([line for line in body if line[0] < cues[0].line])
    draft.title = draft.title or notes.get("title")
    draft.language = draft.language or _language(notes.get("language"))
    return read_captions(cues, draft, slips)


def _read_header(lines: list[Line]) -> list[Line]:
    """The lines from WEBVTT to the first empty one; none where there is no such line."""
    start = next((at for at, (_, text) in enumerate(lines) if text.strip()), 0)
    if _furniture(lines[start][1]) != "header":
        return []
    end = start + 1
    while end < len(lines) and lines[end][1] and read_timing(lines[end][1]) is None:
        end += 1
    # An identifier may stand right before the first times.
    if start + 1 < end < len(lines) and lines[end][1] and _FIELD.match(lines[end - 1][1]) is None:
        end -= 1
    return lines[start:end]


def _furniture(first: str) -> str | None:
    """Why a stanza that begins with this line is no speech."""
    word = first.strip().split(maxsplit=1)[:1]
    if word and word[0].startswith("X-TIMESTAMP-MAP"):
        return "header"
    if word and word[0] in ("STYLE", "REGION") and first.strip() not in (*word, f"{word[0]}:"):
        return None
    return _FURNITURE.get(word[0].rstrip(":")) if word else None


def _fields(lines: list[Line]) -> dict[str, str]:
    """`Key: value` of a header or of notes, one a line, or parted by ';' behind WEBVTT."""
    found: dict[str, str] = {}
    for _, text in lines:
        first = text.strip().startswith("WEBVTT")
        for piece in text.strip().removeprefix("WEBVTT").split(";") if first else [text]:
            if match := _FIELD.match(piece):
                found.setdefault(match["key"].casefold(), fold(match["value"]))
    return found


def _metadata(header: list[Line], fields: dict[str, str]) -> Metadata:
    title = fields.get("title")
    if title is None and header:
        beside = fold(header[0][1].strip().removeprefix("WEBVTT").strip(" \t-–—:"))
        told = any(_FIELD.match(piece) for piece in beside.split(";"))
        title = beside if beside and not told else None
    dated = find_date(fields.get("date", ""))
    return Metadata(title, dated[0] if dated else None, _language(fields.get("language")))


def _language(value: str | None) -> str | None:
    return value if value and _LANGUAGE.fullmatch(value) else None
