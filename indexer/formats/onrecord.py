"""Our own JSON, `onrecord/1` (docs/json.md) → the transcript that `indexer.export` wrote.

Nothing is guessed: turns, roles and answers stand as the file has them.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Metadata
from indexer.formats.clock import MAX_SECONDS
from indexer.formats.loading import NO_CHARACTER, fit
from indexer.transcript import Paragraph, Role, Speaker, Turn, fold

FORMAT = "onrecord/1"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("should be text")  # noqa: TRY004
    if NO_CHARACTER.search(value):
        raise ValueError("holds what is no character: NUL or half of a surrogate pair")
    if not (folded := fold(value)):
        raise ValueError("should not be empty")
    return folded


def _day(value: Any) -> dt.date | None:
    if value is None:
        return None
    if isinstance(value, str) and len(value) == 10:
        return dt.date.fromisoformat(value)
    raise ValueError("should be a day written as YYYY-MM-DD")


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("should be a number of seconds")  # noqa: TRY004
    if not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"should be seconds from 0 to {MAX_SECONDS:.0f}")
    return float(value)


Text = Annotated[StrictStr, BeforeValidator(_text)]
Seconds = Annotated[float | None, BeforeValidator(_number)]
Page = Annotated[StrictInt, Field(ge=0, le=10**6)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Speaker(_Strict):
    name: Text
    named: StrictBool = True
    as_written: Text | None = None

    def speaker(self) -> Speaker:
        return Speaker(self.name, self.named, self.as_written)


class _Paragraph(_Strict):
    text: Text
    start_s: Seconds = None
    end_s: Seconds = None
    page: Page | None = None


class _Turn(_Strict):
    speaker: _Speaker | None = None
    role: Role = Role.STATEMENT
    answers: StrictInt | None = None
    paragraphs: Annotated[list[_Paragraph], Field(min_length=1)]


class _Document(_Strict):
    format: Literal["onrecord/1"]
    id: Text | None = None
    title: Text | None = None
    date: Annotated[dt.date | None, BeforeValidator(_day)] = None
    language: Text | None = None
    source: Text | None = None
    turns: Annotated[list[_Turn], Field(min_length=1)]


def read_document(value: dict[str, Any], source: str) -> Draft:
    """The draft of a transcript of ours, already built."""
    document = fit(_Document, value, source)
    draft = Draft(Metadata(document.title, document.date, document.language))
    turns: list[Turn] = []
    number = 0
    for at, turn in enumerate(document.turns, start=1):
        if turn.answers is not None and not 0 < turn.answers < at:
            raise TranscriptError(source, f"turn {at} answers turn {turn.answers}: none before it")
        try:
            paragraphs = tuple(
                Paragraph(number + n, one.text, one.start_s, one.end_s, one.page)
                for n, one in enumerate(turn.paragraphs, start=1)
            )
            speaker = turn.speaker.speaker() if turn.speaker else None
            turns.append(Turn(at, speaker, turn.role, paragraphs, turn.answers))
        except ValueError as error:
            raise TranscriptError(source, str(error)) from error
        number += len(paragraphs)
    draft.built = tuple(turns)
    return draft
