"""Bytes → text: UTF-8, UTF-16 by its mark, or the likeliest old encoding, with a warning."""

import re
from pathlib import Path

from indexer.errors import TranscriptError

_LATE_MARK = re.compile(r"^(\s*)\ufeff")
GUESS_BYTES = 2**16


def decode(data: bytes, source: Path | str) -> tuple[str, list[str]]:
    """Text of the bytes and warnings. UTF-8, or UTF-16 by its mark, or the likeliest encoding."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        # Some files have their mark only after blanks.
        return _LATE_MARK.sub(r"\1", text, count=1), []
    if b"\0" in data:
        raise TranscriptError(source, "is not text (it holds NUL bytes)")
    return _guess(data, source)


def _guess(data: bytes, source: Path | str) -> tuple[str, list[str]]:
    """Text in an encoding that is told by nothing: mostly UTF-8 with a slip, or an old one."""
    replaced = data.decode("utf-8-sig", errors="replace")
    if replaced.count("\N{REPLACEMENT CHARACTER}") * 1000 < len(replaced):
        line = replaced[: replaced.index("\N{REPLACEMENT CHARACTER}")].count("\n") + 1
        return replaced, [f"not quite UTF-8: a broken character in line {line} was replaced"]
    encoding = _old_encoding(data[:GUESS_BYTES])
    try:
        return data.decode(encoding), [
            f"not UTF-8: read as {encoding}; save it as UTF-8 if letters look wrong"
        ]
    except UnicodeDecodeError as error:
        raise TranscriptError(source, "its encoding is not known: save it as UTF-8") from error


def _old_encoding(sample: bytes) -> str:
    """The likeliest encoding of text that is not UTF-8.

    Where few bytes are not ASCII it is a Latin script, and charset-normalizer takes French for
    Czech as often as not: then the Western one, by far the most frequent.
    """
    beyond = sum(byte > 127 for byte in sample)
    if beyond * 5 < len(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    guess = from_bytes(sample).best()
    return guess.encoding if guess else "cp1252"
