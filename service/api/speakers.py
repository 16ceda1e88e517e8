"""The shapes of speakers under /v1; the HTTP edge only."""

import datetime as dt
from typing import Self

from pydantic import Field

from indexer.records import SpeakerSummary
from service.api.schemas import Shape


class SpeakerShape(Shape):
    """One speaker over all transcripts."""

    name: str
    also: list[str] = Field(description="other names that were merged into this one")
    named: bool
    turns: int
    transcripts: int
    first_date: dt.date | None
    last_date: dt.date | None

    @classmethod
    def of(cls, summary: SpeakerSummary) -> Self:
        return cls(
            name=summary.name,
            also=list(summary.also),
            named=summary.named,
            turns=summary.turns,
            transcripts=summary.transcripts,
            first_date=summary.first_date,
            last_date=summary.last_date,
        )


class SpeakersShape(Shape):
    """Speakers, those with the most turns first."""

    speakers: list[SpeakerShape]
