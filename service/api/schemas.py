"""The shapes of requests and of transcripts under /v1, with examples; the HTTP edge only."""

import datetime as dt
import re
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from indexer.filters import Filters
from indexer.records import TranscriptSummary
from indexer.search import MAX_QUESTION_CHARS
from indexer.transcript import Role, Speaker, Transcript
from service.citations import transcript_href

MAX_K = 50
K = Annotated[int, Field(ge=1, le=MAX_K, description="how many citations at the most")]
Question = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_QUESTION_CHARS,
        description="in plain language",
        examples=["Is al-Baghdadi dead?"],
    ),
]
WithHints = Annotated[
    bool,
    Field(description="whether names and times in the question count for more than other words"),
]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _iso(value: object) -> object:
    if value is None or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written like 2024-05-21")


AsWritten = Annotated[
    str | None,
    Field(description="the name as the document has it, where it was merged with the one shown"),
]
Day = Annotated[dt.date | None, BeforeValidator(_iso)]


class Shape(BaseModel):
    """Base of all shapes: unknown fields are refused, so that a misspelt filter is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterShape(Shape):
    """What a citation must be; every part given must hold."""

    speaker: str | None = Field(
        None,
        max_length=200,
        description="any name of the person, in any case",
        examples=["Sergey Lavrov"],
    )
    role: list[Role] = Field(
        default_factory=list,
        max_length=3,
        description="without it or a speaker, questions are left out",
    )
    date_from: Day = Field(None, description="first day, included")
    date_to: Day = Field(None, description="last day, included")
    transcript: list[str] = Field(
        default_factory=list, max_length=1000, description="ids of transcripts"
    )

    def to_domain(self) -> Filters:
        """Raises QueryError where the dates are crossed."""
        return Filters(
            speaker=self.speaker,
            roles=frozenset(self.role),
            date_from=self.date_from,
            date_to=self.date_to,
            transcript_ids=frozenset(self.transcript),
        )


class AskRequest(FilterShape):
    """A question, and whose words may answer it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "Is al-Baghdadi dead?", "k": 3, "speaker": "Sergey Lavrov"},
                {"question": "What was said about gas?", "date_from": "2024-01-01"},
                {"question": "What did Lavrov say in June 2017?", "hints": False},
            ]
        }
    )

    question: Question
    k: K = 5
    hints: WithHints = True


class TranscriptSummaryShape(Shape):
    """A transcript without its words."""

    id: str
    title: str
    date: dt.date | None
    language: str | None
    source: str = Field(description="name of the file")
    turns: int
    paragraphs: int
    passages: int
    href: str

    @classmethod
    def of(cls, summary: TranscriptSummary) -> Self:
        return cls(
            id=summary.id,
            title=summary.title,
            date=summary.date,
            language=summary.language,
            source=summary.source,
            turns=summary.turns,
            paragraphs=summary.paragraphs,
            passages=summary.passages,
            href=transcript_href(summary.id),
        )


class TranscriptsShape(Shape):
    """A page of transcripts in the order of their ids; `next` is the `after` of the next page."""

    transcripts: list[TranscriptSummaryShape]
    next: str | None


class ParagraphShape(Shape):
    """A spoken paragraph; seconds and page where the source has them."""

    number: int
    text: str
    start_s: float | None
    end_s: float | None
    page: int | None


class TurnShape(Shape):
    """What one speaker says without another; `answers` is the number of the question's turn."""

    number: int
    speaker: str | None
    speaker_as_written: AsWritten
    speaker_named: bool
    role: Role
    answers: int | None
    paragraphs: list[ParagraphShape]


class TranscriptShape(Shape):
    """A whole transcript."""

    id: str
    title: str
    date: dt.date | None
    language: str | None
    source: str
    sha256: str = Field(description="of the bytes of the file")
    turns: list[TurnShape]

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        return cls(
            id=transcript.id,
            title=transcript.title,
            date=transcript.date,
            language=transcript.language,
            source=transcript.source,
            sha256=transcript.sha256,
            turns=[
                TurnShape(
                    number=turn.number,
                    speaker=name_of(turn.speaker),
                    speaker_as_written=as_written(turn.speaker),
                    speaker_named=bool(turn.speaker and turn.speaker.named),
                    role=turn.role,
                    answers=turn.answers,
                    paragraphs=[
                        ParagraphShape(
                            number=paragraph.number,
                            text=paragraph.text,
                            start_s=paragraph.start_s,
                            end_s=paragraph.end_s,
                            page=paragraph.page,
                        )
                        for paragraph in turn.paragraphs
                    ],
                )
                for turn in transcript.turns
            ],
        )


class HealthShape(Shape):
    """`status` is 'ok'; the counts say what can be asked."""

    status: str
    transcripts: int
    passages: int
    model: str | None


class ProblemShape(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:onrecord:problem:not-found"])
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def name_of(speaker: Speaker | None) -> str | None:
    """The name, where there is one."""
    return speaker.name if speaker else None


def as_written(speaker: Speaker | None) -> str | None:
    """The name as the document has it, where it was merged with another."""
    return speaker.as_written if speaker else None
