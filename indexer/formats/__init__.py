"""Bytes → transcripts: one module a format, `parse` picks one by content and name.

Every module has `read(data, source) -> Draft`; what is the same for all stands here.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.beside import override
from indexer.formats.blocks import Draft, Metadata, Parsed
from indexer.formats.detection import Detected, detect
from indexer.language import detect_language
from indexer.speakers import build_turns
from indexer.transcript import Transcript, fold, slug

# A part of what makes a file's parse: raise it when the same bytes would come out otherwise.
PARSER_VERSION = 4
MAX_FILE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name for `--format`, the endings of its files, the module that reads it.

    `extra` is the extra of this package that brings the library it needs, if it is none that
    every installation has.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    extra: str | None = None


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("text", (".txt", ".text"), "plain"),
        Format("markdown", (".md", ".markdown"), "markdown"),
        Format("html", (".html", ".htm", ".xhtml"), "html", "html"),
        Format("pdf", (".pdf",), "pdf", "pdf"),
        Format("docx", (".docx",), "docx", "office"),
        Format("odt", (".odt",), "odt", "office"),
        Format("rtf", (".rtf",), "rtf", "office"),
        Format("webvtt", (".vtt",), "webvtt"),
        Format("srt", (".srt",), "srt"),
        Format("json", (".json",), "jsons"),
        Format("tei", (".xml",), "tei"),
        Format("hansard", (".xml",), "hansard"),
        Format("ohms", (".xml",), "ohms"),
        Format("table", (".csv", ".tsv", ".nlp"), "tables"),
        Format("ods", (".ods",), "tables", "office"),
    )
}


def parse(
    data: bytes,
    source: Path | str,
    *,
    format_name: str | None = None,
    metadata: Metadata | None = None,
) -> Parsed:
    """The transcript in the bytes of the file `source`.

    Its id is a slug of the file's name. `format_name` overrides what content and name tell,
    `metadata` what the document says of itself. Raises TranscriptError where nothing can be made
    of it.
    """
    name = Path(source).name
    if not data.strip():
        raise TranscriptError(source, "is empty: there is no text in it")
    found = Detected(format_name) if format_name else _detect(data, str(source))
    draft = _read(FORMATS[found.format], data, str(source))
    if metadata is not None:
        override(draft, metadata)
    parsed = assemble(draft, data, source, name)
    return replace(
        parsed,
        transcript=replace(parsed.transcript, source=(metadata and metadata.url) or name),
        warnings=(*filter(None, [found.warning]), *parsed.warnings),
        format=found.format,
    )


def _detect(data: bytes, name: str) -> Detected:
    found = detect(data, name)
    if found is None:
        known = ", ".join(dict.fromkeys(end for one in FORMATS.values() for end in one.suffixes))
        raise TranscriptError(name, f"format not known: give one of {known}, or --format")
    return found


def _read(kind: Format, data: bytes, source: str) -> Draft:
    try:
        # A format's library is imported when its module reads.
        read: Callable[[bytes, str], Draft] = import_module(f"indexer.formats.{kind.module}").read
        return read(data, source)
    except ModuleNotFoundError as error:
        if kind.extra is None or str(error.name).startswith("indexer"):
            raise
        needed = f"reading {kind.name} needs {error.name}"
        raise TranscriptError(source, f"{needed}: pip install 'onrecord[{kind.extra}]'") from error


def assemble(draft: Draft, data: bytes, source: Path | str, name: str) -> Parsed:
    """The transcript of a draft; raises TranscriptError where nobody speaks in it."""
    if not draft.turns and not draft.built:
        raise TranscriptError(source, "nothing in it was understood as speech")
    turns = draft.built or build_turns(draft)
    spoken = (paragraph.text for turn in turns for paragraph in turn.paragraphs)
    language = draft.language or (None if draft.built else detect_language(spoken))
    warnings = list(draft.warnings)
    if all(turn.speaker is None for turn in turns):
        warnings.append("no speaker is named in it")
    transcript = Transcript(
        id=slug(Path(name).stem),
        title=draft.title or _title_from(name),
        date=draft.date if draft.built else draft.date or _date_from(name),
        language=language,
        source=name,
        sha256=sha256(data).hexdigest(),
        turns=tuple(turns),
    )
    return Parsed(transcript, tuple(draft.dropped), tuple(warnings))


def read_file(path: Path) -> bytes:
    """The bytes of a transcript file. Raises TranscriptError if it cannot be read whole."""
    try:
        if not path.is_file():
            # A pipe would be waited on for ever.
            raise TranscriptError(path, "is no file" if path.exists() else "there is no such file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TranscriptError(path, f"cannot be read: {reason.lower()}") from error
    if len(data) > MAX_FILE_BYTES:
        raise TranscriptError(path, f"is over {MAX_FILE_BYTES >> 20} MiB: split it")
    return data


def _title_from(name: str) -> str:
    return fold(re.sub(r"[-_]+", " ", Path(name).stem)) or name


def _date_from(name: str) -> dt.date | None:
    found = find_date(name)
    return found[0] if found else None
