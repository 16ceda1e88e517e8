"""JSON → draft: which of the known shapes a file has, by its keys, and what is said in it.

Our own is read back exactly (`onrecord`). In none of the others are names or roles guessed here.
"""

import re
from collections.abc import Mapping
from typing import Any

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Metadata
from indexer.formats.clock import mend_times
from indexer.formats.decoding import decode
from indexer.formats.engines import read_aws, read_deepgram, read_rev
from indexer.formats.loading import load
from indexer.formats.onrecord import FORMAT, read_document
from indexer.formats.oyez import read_oyez
from indexer.formats.shapes import TEXT_KEYS, WORD_KEYS, read_items
from indexer.transcript import fold

# Where the list of what was said may stand.
_LISTS = (
    "segments",
    "utterances",
    "turns",
    "transcript",
    "transcripts",
    "transcription",
    "chunks",
    "entries",
    "captions",
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_]\w{1,8}){0,3}")
_KNOWN = (
    f"{FORMAT}, Whisper, WhisperX, OpenAI, whisper.cpp, Deepgram, AssemblyAI, Rev, AWS Transcribe, "
    "Otter, podcast segments, Oyez, or a list of objects with 'speaker', 'text', 'start', 'end'"
)


def read(data: bytes, source: str) -> Draft:
    """The draft of a JSON file in any of the known shapes.

    Raises TranscriptError for one that is none of them or breaks its own rules.
    """
    text, warnings = decode(data, source)
    value = load(text, source)
    if isinstance(value, dict) and "turns" in value and _is_ours(value, source):
        draft = read_document(value, source)
    else:
        draft = _read_foreign(value, source)
        draft.turns, mended = mend_times(draft.turns)
        draft.warnings += mended
    draft.warnings += warnings
    return draft


def _is_ours(value: Mapping[str, Any], source: str) -> bool:
    named = value.get("format")
    if not isinstance(named, str) or not named.startswith("onrecord"):
        return False
    if named != FORMAT:
        raise TranscriptError(source, f"is {named[:40]}: this program reads {FORMAT}")
    return True


def _read_foreign(value: Any, source: str) -> Draft:
    root = value if isinstance(value, dict) else {}
    draft = Draft(_metadata(root))
    results, transcript = root.get("results"), root.get("transcript")
    if isinstance(root.get("monologues"), list):
        draft.turns = read_rev(root, source)
    elif isinstance(results, dict) and ("channels" in results or "utterances" in results):
        draft.turns, language = read_deepgram(root, source)
        draft.language = draft.language or language
    elif isinstance(results, dict) and isinstance(results.get("items"), list):
        draft.turns, language = read_aws(root, source)
        draft.language = draft.language or language
    elif isinstance(transcript, dict) and "sections" in transcript:
        read_oyez(root, source, draft)
    else:
        key, entries = _find_list(value, source)
        ms = True if "audio_url" in root else None
        found = read_items(entries, root.get("speakers"), source, at=key, ms=ms)
        draft.turns, draft.warnings = found
    return draft


def _find_list(value: Any, source: str) -> tuple[str, list[Any]]:
    """The list of what was said, and its key; words alone are one entry."""
    if isinstance(value, list):
        if _says(value):
            return "", value
        raise TranscriptError(source, f"is a list of no known shape: known are {_KNOWN}")
    if not isinstance(value, dict):
        raise TranscriptError(source, f"is no object and no list: known shapes are {_KNOWN}")
    for key in _LISTS:
        if _says(value.get(key)):
            return key, value[key]
    words = value.get("words")
    if isinstance(words, list) and words and _says(words, WORD_KEYS):
        return "", [value]
    keys = ", ".join(list(value)[:6])[:100] or "none"
    raise TranscriptError(source, f"its keys ({keys}) are of no known shape: known are {_KNOWN}")


def _says(entries: Any, keys: frozenset[str] = frozenset((*TEXT_KEYS, "words"))) -> bool:
    listed = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    return listed and (not entries or any(keys & entry.keys() for entry in entries))


def _metadata(root: Mapping[str, Any]) -> Metadata:
    def text(*keys: str) -> str | None:
        values = (root.get(key) for key in keys)
        return next((fold(one) for one in values if isinstance(one, str) and fold(one)), None)

    dated = find_date(text("date", "recorded_at", "recording_date") or "")
    result = root.get("result")
    inner = result.get("language") if isinstance(result, dict) else None
    language = text("language", "language_code") or (inner if isinstance(inner, str) else None)
    # Whisper writes 'english' at times: then the words tell.
    coded = language if language and _LANGUAGE.fullmatch(language) else None
    return Metadata(text("title"), dated[0] if dated else None, coded)
