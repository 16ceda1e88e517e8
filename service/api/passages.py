"""`GET /v1/passages/{passage_id}`: a passage and what stands around it. Shapes and the route."""

import datetime as dt
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field

from indexer.transcript import Role
from service.api.etags import UNCHANGED, Revalidated
from service.api.routes import Service, problems
from service.api.schemas import AsWritten, ParagraphShape, Shape, as_written, name_of
from service.passages import Said, Surroundings, surroundings

MAX_CONTEXT = 20
passages = APIRouter(prefix="/v1", tags=["read"], route_class=Revalidated)
_EXAMPLE_PARAGRAPH: dict[str, Any] = {
    "text": "Is the captain dead?",
    "start_s": 8.5,
    "end_s": 9.7,
    "page": 1,
}
_EXAMPLE_SPEAKER: dict[str, Any] = {
    "speaker": "Ivo Lund",
    "speaker_as_written": "Mr Lund",
    "speaker_named": True,
}


class SaidShape(ParagraphShape):
    """A paragraph with its turn's number, speaker and role."""

    turn: int
    speaker: str | None
    speaker_as_written: AsWritten
    speaker_named: bool
    role: Role

    @classmethod
    def of(cls, said: Said) -> Self:
        paragraph, turn = said.paragraph, said.turn
        return cls(
            number=paragraph.number,
            text=paragraph.text,
            start_s=paragraph.start_s,
            end_s=paragraph.end_s,
            page=paragraph.page,
            turn=turn.number,
            speaker=name_of(turn.speaker),
            speaker_as_written=as_written(turn.speaker),
            speaker_named=bool(turn.speaker and turn.speaker.named),
            role=turn.role,
        )


class PassageShape(Shape):
    """What is embedded and found: a stretch of one turn, with the paragraphs around it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "talks:p3",
                    "transcript_id": "talks",
                    "title": "Talks",
                    "date": "2017-06-16",
                    "text": "I heard these reports but cannot confirm them.",
                    "start": 0,
                    "end": 46,
                    "href": "/transcripts/talks#p3",
                    "before": [
                        _EXAMPLE_PARAGRAPH
                        | _EXAMPLE_SPEAKER
                        | {"number": 2, "turn": 2, "role": "question"}
                    ],
                    "paragraphs": [
                        _EXAMPLE_PARAGRAPH
                        | _EXAMPLE_SPEAKER
                        | {"number": 3, "turn": 3, "role": "answer"}
                        | {"text": "I heard these reports but cannot confirm them."}
                    ],
                    "after": [],
                }
            ]
        }
    )

    id: str
    transcript_id: str
    title: str
    date: dt.date | None
    text: str = Field(description="verbatim; paragraphs are joined by a line feed")
    start: int = Field(description="first character in the first of `paragraphs`")
    end: int = Field(description="character after the last, in the last of `paragraphs`")
    href: str = Field(description="its first paragraph in the web page")
    before: list[SaidShape] = Field(description="paragraphs before it, in order")
    paragraphs: list[SaidShape] = Field(description="its own paragraphs, whole")
    after: list[SaidShape] = Field(description="paragraphs after it, in order")

    @classmethod
    def of(cls, around: Surroundings) -> Self:
        passage = around.quoted.passage
        return cls(
            id=passage.id,
            transcript_id=passage.transcript_id,
            title=around.quoted.title,
            date=around.quoted.date,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            href=around.quoted.href,
            before=[SaidShape.of(said) for said in around.before],
            paragraphs=[SaidShape.of(said) for said in around.paragraphs],
            after=[SaidShape.of(said) for said in around.after],
        )


@passages.get("/passages/{passage_id}", responses=UNCHANGED | problems(404, 422, 503))
def get_passage(
    passage_id: Annotated[str, Path(max_length=200, examples=["talks:p3"])],
    service: Service,
    context: Annotated[
        int, Query(ge=0, le=MAX_CONTEXT, description="how many paragraphs before and after")
    ] = 2,
) -> PassageShape:
    """A passage with its whole paragraphs and those around them."""
    return PassageShape.of(surroundings(service.library, passage_id, context))
