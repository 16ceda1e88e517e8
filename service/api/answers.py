"""The shapes of answers under /v1, with an example; the HTTP edge only."""

import datetime as dt
from typing import Self

from pydantic import ConfigDict, Field

from indexer.transcript import Role
from service.abstention import Reason, ReasonKind
from service.answer import Answer, Citation
from service.api.schemas import AsWritten, Shape, as_written, name_of
from service.citations import Asked, Source
from service.suggestions import Suggestion, SuggestionKind


class AskedShape(Shape):
    """The question that the cited words answer."""

    speaker: str | None
    speaker_as_written: AsWritten
    paragraph: int
    text: str

    @classmethod
    def of(cls, asked: Asked) -> Self:
        return cls(
            speaker=name_of(asked.speaker),
            speaker_as_written=as_written(asked.speaker),
            paragraph=asked.paragraph,
            text=asked.text,
        )


class HighlightShape(Shape):
    """The sentence that answers, in characters of the paragraph; `end` is exclusive."""

    start: int
    end: int


class SourceShape(Shape):
    """Where else the same person says the same."""

    transcript_id: str
    title: str
    date: dt.date | None
    paragraph: int
    href: str

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(
            transcript_id=source.transcript_id,
            title=source.title,
            date=source.date,
            paragraph=source.paragraph,
            href=source.href,
        )


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
    components: dict[str, float] = Field(description="parts of the score: cosines, BM25 and hints")
    href: str = Field(description="the paragraph in the web page")
    sha256: str = Field(description="of the whole paragraph's text in UTF-8")
    also: list[SourceShape] = Field(description="where else the same person says the same")

    @classmethod
    def of(cls, citation: Citation) -> Self:
        return cls(
            rank=citation.rank,
            passage_id=citation.passage_id,
            transcript_id=citation.transcript_id,
            title=citation.title,
            date=citation.date,
            speaker=name_of(citation.speaker),
            speaker_as_written=as_written(citation.speaker),
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
            also=[SourceShape.of(source) for source in citation.also],
        )


class ReasonShape(Shape):
    """Why there is no answer."""

    kind: ReasonKind
    detail: str = Field(description="a sentence for people")
    without: list[str] = Field(
        description="filters (speaker, dates, transcript, role) without which there is an answer"
    )

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(kind=reason.kind, detail=reason.detail, without=list(reason.without))


class SuggestionShape(Shape):
    """A filter that the question names in words: to be added to the request, or left."""

    kind: SuggestionKind
    label: str = Field(description="the filter in words")
    speaker: str | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None

    @classmethod
    def of(cls, suggestion: Suggestion) -> Self:
        return cls(
            kind=suggestion.kind,
            label=suggestion.label,
            speaker=suggestion.speaker,
            date_from=suggestion.date_from,
            date_to=suggestion.date_to,
        )


class AnswerShape(Shape):
    """Citations, best first; where nobody says so, the nearest ones, and the reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "What did Lavrov say about gas in June 2017?",
                    "answered": False,
                    "confidence": 0.07,
                    "reason": {
                        "kind": "not-in-these-transcripts",
                        "detail": "Nobody in these transcripts says so.",
                        "without": [],
                    },
                    "suggestions": [
                        {
                            "kind": "dates",
                            "label": "June 2017",
                            "date_from": "2017-06-01",
                            "date_to": "2017-06-30",
                        }
                    ],
                    "citations": [],
                    "took_ms": 12.3,
                }
            ]
        }
    )

    question: str
    answered: bool = Field(description="false: `reason` says why, `citations` are the nearest")
    confidence: float | None = Field(
        description="probability that the first citation answers; null where none is known"
    )
    reason: ReasonShape | None
    suggestions: list[SuggestionShape]
    citations: list[CitationShape]
    took_ms: float

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            question=answer.question,
            answered=answer.answered,
            confidence=None if answer.confidence is None else round(answer.confidence, 4),
            reason=ReasonShape.of(answer.reason) if answer.reason else None,
            suggestions=[SuggestionShape.of(one) for one in answer.suggestions],
            citations=[CitationShape.of(citation) for citation in answer.citations],
            took_ms=round(answer.took_ms, 1),
        )
