"""A transcript in the form that is asked for: the API's JSON, or a file. The HTTP edge only."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from fastapi import Response

from indexer.export import to_markdown, to_text, to_vtt
from indexer.transcript import Transcript
from service.api.schemas import TranscriptShape


class TranscriptForm(StrEnum):
    """The forms of a transcript."""

    JSON = "json"
    TEXT = "txt"
    MARKDOWN = "md"
    WEBVTT = "vtt"


_FILES: dict[TranscriptForm, tuple[str, Callable[[Transcript], str]]] = {
    TranscriptForm.TEXT: ("text/plain", to_text),
    TranscriptForm.MARKDOWN: ("text/markdown", to_markdown),
    TranscriptForm.WEBVTT: ("text/vtt", to_vtt),
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind: {"schema": {"type": "string"}, "example": example}
            for kind, example in {
                "text/plain": "Talks\n\n2017-06-16\n\nIvo Lund: We signed the treaty.\n",
                "text/markdown": '---\ntitle: "Talks"\n---\n\n# Talks\n\n**Ivo:** We signed.\n',
                "text/vtt": "WEBVTT\n\n00:00:08.500 --> 00:00:09.700\n<v Ivo Lund>We signed.\n",
            }.items()
        }
    }
}


def written(transcript: Transcript, form: TranscriptForm) -> TranscriptShape | Response:
    """The transcript in that form; raises TranscriptError where captions would have no times."""
    if form is TranscriptForm.JSON:
        return TranscriptShape.of(transcript)
    media_type, write = _FILES[form]
    name = quote(f"{transcript.id}.{form}", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(write(transcript), media_type=media_type, headers=headers)
