"""Metadata in a JSON file beside a transcript (`talk.txt.meta.json`): it overrides what is found.

{"title": "…", "date": "2024-02-03", "url": "https://…", "language": "en", "speakers": ["Ana Berg"]}
"""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Metadata
from indexer.formats.decoding import decode
from indexer.formats.loading import NO_CHARACTER, load
from indexer.transcript import fold

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}", re.IGNORECASE)
_FIELDS = ("title", "date", "url", "language", "speakers")


def read_meta(data: bytes, source: str) -> tuple[Metadata, list[str]]:
    """The metadata in a file of that name, and warnings.

    Raises TranscriptError, with the file and the field, for what is not as it should be.
    """
    fields = _load(data, source)
    metadata = Metadata(
        title=_text(fields, "title", source),
        date=_date(fields, source),
        language=_language(fields, source),
        speakers=_speakers(fields, source),
        url=_url(fields, source),
    )
    unknown = [key for key in fields if key not in _FIELDS]
    name, known = Path(source).name, ", ".join(_FIELDS)
    return metadata, [f"{name}: field {key!r} is not known, only {known}" for key in unknown]


def override(draft: Draft, metadata: Metadata) -> None:
    """Puts what the metadata say over what the document says."""
    draft.title = metadata.title or draft.title
    draft.date = metadata.date or draft.date
    draft.language = metadata.language or draft.language
    draft.names = metadata.speakers or draft.names


def _load(data: bytes, source: str) -> dict[str, Any]:
    fields = load(decode(data, source)[0], source)
    if not isinstance(fields, dict):
        raise TranscriptError(source, "is no JSON object with fields like 'title' and 'date'")
    return fields


def _text(fields: dict[str, Any], key: str, source: str) -> str | None:
    value = fields.get(key)
    return None if value is None else _checked(value, key, source)


def _checked(value: Any, key: str, source: str) -> str:
    text = fold(value) if isinstance(value, str) else ""
    if not text or NO_CHARACTER.search(text):
        raise TranscriptError(source, f"field {key!r} is {_shown(value)}, not a text with words")
    return text


def _date(fields: dict[str, Any], source: str) -> dt.date | None:
    text = _text(fields, "date", source)
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise TranscriptError(source, f"field 'date' is {_shown(text)}, not YYYY-MM-DD") from error


def _language(fields: dict[str, Any], source: str) -> str | None:
    code = _text(fields, "language", source)
    if code is not None and not _LANGUAGE.fullmatch(code):
        raise TranscriptError(source, f"field 'language' is {_shown(code)}, not a code like 'en'")
    return code


def _url(fields: dict[str, Any], source: str) -> str | None:
    url = _text(fields, "url", source)
    if url is not None and not url.startswith(("https://", "http://")):
        raise TranscriptError(source, f"field 'url' is {_shown(url)}, not http:// or https://")
    return url


def _speakers(fields: dict[str, Any], source: str) -> tuple[str, ...]:
    names = fields.get("speakers")
    if names is None:
        return ()
    if not isinstance(names, list):
        raise TranscriptError(source, f"field 'speakers' is {_shown(names)}, not a list of names")
    return tuple(_checked(name, "speakers", source) for name in names)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
