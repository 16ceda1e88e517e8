"""Bytes → transcripts: one module a format, `parse` picks one."""

import datetime as dt
import re
from hashlib import sha256
from pathlib import Path

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Metadata, Parsed
from indexer.formats.markdown import read_markdown
from indexer.formats.plain import read_blocks
from indexer.formats.prose import read_prose
from indexer.speakers import build_turns
from indexer.transcript import Transcript, fold, slug

# A part of what makes a file's parse: raise it when the same bytes would come out otherwise.
PARSER_VERSION = 1
SUFFIXES = {".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown"}
MAX_FILE_BYTES = 64 * 2**20
GUESS_BYTES = 2**16


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


def parse(data: bytes, source: Path | str) -> Parsed:
    """The transcript in the bytes of the file `source`.

    Its id is a slug of the file's name. Raises TranscriptError where nothing can be made of it.
    """
    name = Path(source).name
    kind = SUFFIXES.get(Path(source).suffix.lower())
    if kind is None:
        known = ", ".join(sorted(SUFFIXES))
        raise TranscriptError(source, f"format not known: give one of {known}")
    text, warnings = decode(data, source)
    if not text.strip():
        raise TranscriptError(source, "is empty: there is no text in it")
    if kind == "markdown":
        blocks, metadata = read_markdown(text, str(source))
    else:
        blocks, metadata = read_blocks(text), Metadata()
    draft = read_prose(blocks, metadata)
    if not draft.turns:
        raise TranscriptError(source, "nothing in it was understood as speech")
    turns = build_turns(draft)
    if all(turn.speaker is None for turn in turns):
        warnings.append("no speaker is named in it")
    transcript = Transcript(
        id=slug(Path(name).stem),
        title=draft.title or _title_from(name),
        date=draft.date or _date_from(name),
        language=draft.language,
        source=name,
        sha256=sha256(data).hexdigest(),
        turns=tuple(turns),
    )
    return Parsed(transcript, tuple(draft.dropped), tuple(warnings))


def decode(data: bytes, source: Path | str) -> tuple[str, list[str]]:
    """Text of the bytes and warnings. UTF-8, or UTF-16 by its mark, or the likeliest encoding."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        return text, []
    if b"\0" in data:
        raise TranscriptError(source, "is not text (it holds NUL bytes)")
    return _guess(data, source)


def _guess(data: bytes, source: Path | str) -> tuple[str, list[str]]:
    """Text in an encoding that is told by nothing: mostly UTF-8 with a slip, or an old one."""
    replaced = data.decode("utf-8-sig", errors="replace")
    if replaced.count("\N{REPLACEMENT CHARACTER}") * 1000 < len(replaced):
        line = replaced[: replaced.index("\N{REPLACEMENT CHARACTER}")].count("\n") + 1
        return replaced, [f"not quite UTF-8: a broken character in line {line} was replaced"]
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:GUESS_BYTES]).best()
    encoding = guess.encoding if guess else "cp1252"
    try:
        return data.decode(encoding), [f"not UTF-8: read as {encoding}"]
    except UnicodeDecodeError as error:
        raise TranscriptError(source, "its encoding is not known: save it as UTF-8") from error


def _title_from(name: str) -> str:
    return fold(re.sub(r"[-_]+", " ", Path(name).stem)) or name


def _date_from(name: str) -> dt.date | None:
    found = find_date(name)
    return found[0] if found else None
