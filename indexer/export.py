"""Transcripts → files: our own JSON, which reads back exactly, and text, Markdown and WebVTT.

The last three are for people and players: they do not hold all that a transcript knows.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from indexer.errors import TranscriptError
from indexer.formats.onrecord import FORMAT
from indexer.transcript import Paragraph, Speaker, Transcript, Turn

UNKNOWN = "Unknown Speaker"
# A caption without an end stands as long as its words take to say, unless another follows.
_SECONDS_A_WORD = 0.4
_MARKUP = re.compile(r"[\\`*_\[\]<>#&|~]|^(?:[-+=]|\d{1,9}(?=[.)]))")


def to_json(transcript: Transcript) -> str:
    """The transcript as `onrecord/1` (docs/json.md), a line a paragraph's field.

    Read again it gives the same transcript; only `source` and `sha256` are then of the new file,
    and `id` is of its name.
    """
    value = {
        "format": FORMAT,
        "id": transcript.id,
        "title": transcript.title,
        "date": transcript.date.isoformat() if transcript.date else None,
        "language": transcript.language,
        "source": transcript.source,
        "turns": [_turn(turn) for turn in transcript.turns],
    }
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "speaker": _speaker(turn.speaker) if turn.speaker else None,
        "role": turn.role.value,
        "answers": turn.answers,
        "paragraphs": [_paragraph(paragraph) for paragraph in turn.paragraphs],
    }


def _speaker(speaker: Speaker) -> dict[str, Any]:
    written = {"as_written": speaker.as_written} if speaker.as_written is not None else {}
    return {"name": speaker.name, "named": speaker.named, **written}


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    where = {"start_s": paragraph.start_s, "end_s": paragraph.end_s, "page": paragraph.page}
    return {
        "text": paragraph.text,
        **{key: value for key, value in where.items() if value is not None},
    }


def to_text(transcript: Transcript) -> str:
    """Title, date, and each turn under its speaker's label, an empty line between paragraphs."""
    date = [transcript.date.isoformat()] if transcript.date else []
    paragraphs = [
        f"{label}: {paragraph.text}" if label else paragraph.text
        for label, paragraph in _labelled(transcript)
    ]
    return "\n\n".join((transcript.title, *date, *paragraphs)) + "\n"


def to_markdown(transcript: Transcript) -> str:
    """Front matter, title, and turns with bold labels; what Markdown could take is escaped."""
    fields = {
        "title": transcript.title,
        "date": transcript.date.isoformat() if transcript.date else None,
        "language": transcript.language,
    }
    # A JSON text is a YAML text too.
    matter = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value
    ]
    paragraphs = [
        f"**{_escaped(label)}:** {_escaped(paragraph.text)}" if label else _escaped(paragraph.text)
        for label, paragraph in _labelled(transcript)
    ]
    front = "\n".join(("---", *matter, "---"))
    return "\n\n".join((front, f"# {_escaped(transcript.title)}", *paragraphs)) + "\n"


def to_vtt(transcript: Transcript) -> str:
    """WebVTT with a cue for a paragraph and its speaker as a voice.

    Raises TranscriptError where a paragraph has no time: its words would be lost.
    """
    cues = ["WEBVTT"]
    for turn, paragraph, end_s in _timed(transcript):
        voice = f"<v {html.escape(turn.speaker.name, quote=False)}>" if turn.speaker else ""
        times = f"{_clock(paragraph.start_s or 0.0)} --> {_clock(end_s)}"
        cues.append(f"{times}\n{voice}{html.escape(paragraph.text, quote=False)}")
    return "\n\n".join(cues) + "\n"


def _timed(transcript: Transcript) -> Iterator[tuple[Turn, Paragraph, float]]:
    """Paragraphs with their turns and the seconds when each ends: as told, or as may be."""
    pairs = [(turn, paragraph) for turn in transcript.turns for paragraph in turn.paragraphs]
    for at, (turn, paragraph) in enumerate(pairs):
        start = paragraph.start_s
        if start is None:
            reason = f"paragraph {paragraph.number} has no time: captions need one for each"
            raise TranscriptError(transcript.id, reason)
        following = pairs[at + 1][1].start_s if at + 1 < len(pairs) else None
        spoken = start + _SECONDS_A_WORD * len(paragraph.text.split())
        likely = following if following is not None and following > start else spoken
        yield turn, paragraph, paragraph.end_s if paragraph.end_s is not None else likely


def _labelled(transcript: Transcript) -> Iterator[tuple[str, Paragraph]]:
    """Paragraphs, the first of a turn with its label: without one, words would be the last's."""
    nobody = UNKNOWN if any(turn.speaker for turn in transcript.turns) else ""
    for turn in transcript.turns:
        label = turn.speaker.name if turn.speaker else nobody
        for at, paragraph in enumerate(turn.paragraphs):
            yield "" if at else label, paragraph


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: _escape(found[0]), text)


def _escape(mark: str) -> str:
    # '1985.' would begin a list: its stop is what makes it one, so a digit is written as entity.
    return f"&#{ord(mark[0])};{mark[1:]}" if mark[0].isdecimal() else f"\\{mark}"


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, thousandths = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"
