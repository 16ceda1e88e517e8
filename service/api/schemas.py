"""The shapes of requests and answers under /v1, with an example for each; the HTTP edge only."""

import datetime as dt
import re
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from indexer.filters import Filters
from indexer.records import TranscriptSummary
from indexer.search import MAX_QUESTION_CHARS
from indexer.transcript import Role, Speaker, Transcript
from service import answer as domain

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
        default_factory=list, max_length=3, description="questions are left out unless asked for"
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
            ]
        }
    )

    question: Question
    k: K = 5


class AskedShape(Shape):
    """The question that the cited words answer."""

    speaker: str | None
    speaker_as_written: AsWritten
    paragraph: int
    text: str

    @classmethod
    def of(cls, asked: domain.Asked) -> Self:
        return cls(
            speaker=_name(asked.speaker),
            speaker_as_written=_as_written(asked.speaker),
            paragraph=asked.paragraph,
            text=asked.text,
        )


class HighlightShape(Shape):
    """The sentence that answers, in characters of the paragraph; `end` is exclusive."""

    start: int
    end: int


class CitationShape(Shape):
    """A promise: `quote` stands verbatim at `start` to `end` of that paragraph, by that speaker."""

    rank: int = Field(description="1 is the best")
    passage_id: str
    transcript_id: str
    title: str
    date: dt.date | None
    speaker: str | None = Field(description="null where the transcript does not tell")
    speaker_as_written: AsWritten
    speaker_named: bool = Field(description="false where the name is only a role ('Question')")
    role: Role
    paragraph: int = Field(description="where the quote stands, numbered from 1")
    paragraphs: list[int] = Field(description="all paragraphs of the passage that was found")
    quote: str
    start: int = Field(description="first character of the quote in the paragraph")
    end: int = Field(description="character after the last")
    highlight: HighlightShape
    asked: AskedShape | None = Field(description="the question that these words answer")
    score: float = Field(description="0 to 1, higher is better; comparable within one answer only")
    components: dict[str, float] = Field(description="parts of the score: cosine and BM25")
    href: str = Field(description="the paragraph in the web page")
    sha256: str = Field(description="of the whole paragraph's text in UTF-8")

    @classmethod
    def of(cls, citation: domain.Citation) -> Self:
        return cls(
            rank=citation.rank,
            passage_id=citation.passage_id,
            transcript_id=citation.transcript_id,
            title=citation.title,
            date=citation.date,
            speaker=_name(citation.speaker),
            speaker_as_written=_as_written(citation.speaker),
            speaker_named=bool(citation.speaker and citation.speaker.named),
            role=citation.role,
            paragraph=citation.paragraph,
            paragraphs=list(citation.paragraphs),
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            highlight=HighlightShape(start=citation.highlight[0], end=citation.highlight[1]),
            asked=AskedShape.of(citation.asked) if citation.asked else None,
            score=round(citation.score, 6),
            components={name: round(value, 6) for name, value in citation.components.items()},
            href=citation.href,
            sha256=citation.sha256,
        )


class AnswerShape(Shape):
    """Citations, best first. `answered` is false where nothing was found."""

    question: str
    answered: bool
    citations: list[CitationShape]
    took_ms: float

    @classmethod
    def of(cls, answer: domain.Answer) -> Self:
        return cls(
            question=answer.question,
            answered=answer.answered,
            citations=[CitationShape.of(citation) for citation in answer.citations],
            took_ms=round(answer.took_ms, 1),
        )


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
            href=domain.transcript_href(summary.id),
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
                    speaker=_name(turn.speaker),
                    speaker_as_written=_as_written(turn.speaker),
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


def _name(speaker: Speaker | None) -> str | None:
    return speaker.name if speaker else None


def _as_written(speaker: Speaker | None) -> str | None:
    return speaker.as_written if speaker else None
