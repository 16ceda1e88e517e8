"""`POST /v1/verify`: whether a citation holds. Shapes and the route; see service.verification."""

import datetime as dt
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from service.api.routes import Service, problems
from service.api.schemas import AsWritten, Shape, as_written, name_of
from service.verification import Nearest, Verdict, Verification, verify

MAX_QUOTE_CHARS = 20_000
verification = APIRouter(prefix="/v1", tags=["verify"])


class VerifyRequest(Shape):
    """A citation, as somebody gives it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "transcript_id": "press-conference",
                    "paragraph": 4,
                    "quote": "I heard these reports but cannot confirm them.",
                    "speaker": "Sergey Lavrov",
                }
            ]
        }
    )

    transcript_id: Annotated[str, Field(min_length=1, max_length=200)]
    paragraph: int = Field(ge=1, le=10**9, description="numbered from 1")
    quote: str = Field(min_length=1, max_length=MAX_QUOTE_CHARS, description="the words in doubt")
    speaker: str | None = Field(
        None, min_length=1, max_length=200, description="any name of the person, in any case"
    )


class NearestShape(Shape):
    """Words of the paragraph: the quote itself, or what stands there instead."""

    text: str
    start: int = Field(description="first character in the paragraph")
    end: int = Field(description="character after the last")
    similarity: float = Field(description="share of words that are the same, 0 to 1")

    @classmethod
    def of(cls, nearest: Nearest) -> Self:
        return cls(
            text=nearest.text,
            start=nearest.start,
            end=nearest.end,
            similarity=round(nearest.similarity, 4),
        )


class VerificationShape(Shape):
    """Whether the words stand there, and whose they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "stands": False,
                    "verdict": "not-found",
                    "speaker_right": True,
                    "transcript_id": "press-conference",
                    "title": "Press conference",
                    "date": "2017-06-16",
                    "paragraph": 4,
                    "speaker": "Sergey Lavrov",
                    "speaker_as_written": "Foreign Minister Sergey Lavrov",
                    "nearest": {
                        "text": "I heard these reports but cannot confirm them.",
                        "start": 0,
                        "end": 46,
                        "similarity": 0.875,
                    },
                    "href": "/transcripts/press-conference#p4",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ]
        }
    )

    stands: bool = Field(description="the words are there, and the speaker is right where given")
    verdict: Verdict
    speaker_right: bool | None = Field(description="null where no speaker was given")
    transcript_id: str
    title: str
    date: dt.date | None
    paragraph: int
    speaker: str | None = Field(description="who says this paragraph")
    speaker_as_written: AsWritten
    nearest: NearestShape | None = Field(description="null where no word of the quote is there")
    href: str = Field(description="the paragraph in the web page")
    sha256: str = Field(description="of the whole paragraph's text in UTF-8")

    @classmethod
    def of(cls, verified: Verification) -> Self:
        return cls(
            stands=verified.stands,
            verdict=verified.verdict,
            speaker_right=verified.speaker_right,
            transcript_id=verified.transcript_id,
            title=verified.title,
            date=verified.date,
            paragraph=verified.paragraph,
            speaker=name_of(verified.speaker),
            speaker_as_written=as_written(verified.speaker),
            nearest=NearestShape.of(verified.nearest) if verified.nearest else None,
            href=verified.href,
            sha256=verified.sha256,
        )


@verification.post("/verify", name="verify", responses=problems(404, 422, 503))
def check(body: VerifyRequest, service: Service) -> VerificationShape:
    """Whether a quote stands to the letter in that paragraph, by that speaker."""
    return VerificationShape.of(
        verify(service.library, body.transcript_id, body.paragraph, body.quote, body.speaker)
    )
