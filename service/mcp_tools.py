"""What agents may do by the Model Context Protocol: search, fetch, ask, and see what there is.

Reads only. Words of transcripts go out as data in fields of their own; nothing in them changes what
a tool does. Imports the SDK, so it is itself imported where a server is made.
"""

import datetime as dt
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from pydantic import Field
from starlette.requests import Request

from indexer.dates import spoken_date
from indexer.errors import NotFound
from indexer.export import to_text
from indexer.filters import Filters
from indexer.lookup import headings
from indexer.spoken import Stretch
from indexer.transcript import Role
from service.answer import Answerer
from service.api.answers import AnswerShape, CitationShape
from service.api.schemas import (
    Day,
    K,
    Question,
    Shape,
    TranscriptsShape,
    TranscriptSummaryShape,
    WithHints,
)
from service.api.speakers import SpeakerShape, SpeakersShape
from service.citations import Citation, paragraph_href, transcript_href

SEARCHED = 10
_Limit = Annotated[int, Field(ge=1, le=500, description="how many at the most")]
_Text = Annotated[str | None, Field(max_length=200)]


class Result(Shape):
    """A passage that was found."""

    id: str
    title: str = Field(description="who, when, and where")
    url: str


class Results(Shape):
    """Passages, the best first."""

    results: list[Result]


class Document(Shape):
    """A passage or a transcript; `text` is quoted from it."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]


class LinkedCitation(CitationShape):
    """A citation with the whole address of its paragraph."""

    url: str


class LinkedAnswer(AnswerShape):
    """The answer of /v1/ask, whose citations have whole addresses."""

    citations: list[LinkedCitation]  # type: ignore[assignment]


class Tools:
    """The tools over an answerer; the address of the web page is the request's, or `base`."""

    def __init__(self, answerer: Answerer, base: str | None = None) -> None:
        self.answerer = answerer
        self.library = answerer.library
        self.base = base

    def search(self, query: Question, context: Context[Any, Any]) -> Results:
        """Find passages of transcripts, by meaning and by words; `fetch` gives the text of one."""
        base = self._base(context)
        found = self.answerer.ask(query, k=SEARCHED).citations
        return Results(
            results=[
                Result(id=one.passage_id, title=_title(one), url=f"{base}{one.href}")
                for one in found
            ]
        )

    def fetch(
        self,
        id: Annotated[str, Field(min_length=1, max_length=300)],  # noqa: A002
        context: Context[Any, Any],
    ) -> Document:
        """The words of a passage that was found, or of a whole transcript, by its id."""
        base = self._base(context)
        try:
            return self._passage(id, base)
        except NotFound:
            return self._transcript(id, base)

    def ask(
        self,
        question: Question,
        context: Context[Any, Any],
        k: K = 5,
        speaker: _Text = None,
        role: list[Role] | None = None,
        date_from: Day = None,
        date_to: Day = None,
        transcript: Annotated[list[str] | None, Field(max_length=1000)] = None,
        hints: WithHints = True,
    ) -> LinkedAnswer:
        """Ask a question: who answers it, quoted to the letter; or that nobody does, and why.

        `speaker` takes any name of the person, `transcript` ids, dates are like 2024-05-21.
        """
        base = self._base(context)
        filters = Filters(
            speaker=speaker,
            roles=frozenset(role or ()),
            date_from=date_from,
            date_to=date_to,
            transcript_ids=frozenset(transcript or ()),
        )
        answer = self.answerer.ask(question, k=k, filters=filters, hints=hints)
        shape = AnswerShape.of(answer).model_dump()
        linked = [{**one, "url": f"{base}{one['href']}"} for one in shape["citations"]]
        return LinkedAnswer.model_validate({**shape, "citations": linked})

    def list_speakers(self, name: _Text = None, limit: _Limit = 100) -> SpeakersShape:
        """Who speaks, those with the most turns first; `name` is a part of any of their names."""
        wanted = (name or "").casefold()
        found = [
            SpeakerShape.of(one)
            for one in self.library.speakers()
            if any(wanted in known.casefold() for known in (one.name, *one.also))
        ]
        return SpeakersShape(speakers=found[:limit])

    def list_transcripts(
        self,
        title: _Text = None,
        date_from: Day = None,
        date_to: Day = None,
        after: Annotated[str, Field(max_length=200, description="`next` of the page before")] = "",
        limit: _Limit = 100,
    ) -> TranscriptsShape:
        """Transcripts in the order of their ids; `title` is a part of the title.

        With a first or last day those without a date are left out.
        """
        wanted = (title or "").casefold()
        first, last = date_from or dt.date.min, date_to or dt.date.max
        dated = date_from is not None or date_to is not None
        page: list[TranscriptSummaryShape] = []
        for one in self.library.transcripts(after):
            in_dates = not dated or (one.date is not None and first <= one.date <= last)
            if in_dates and wanted in one.title.casefold():
                if len(page) == limit:
                    return TranscriptsShape(transcripts=page, next=page[-1].id)
                page.append(TranscriptSummaryShape.of(one))
        return TranscriptsShape(transcripts=page, next=None)

    def _base(self, context: Context[Any, Any]) -> str:
        if self.base is not None:
            return self.base
        request: Request | None = context.request_context.request
        if request is None:
            raise RuntimeError("without a request the tools need the base of their links")
        return str(request.base_url).rstrip("/")

    def _passage(self, passage_id: str, base: str) -> Document:
        with self.library.read() as connection:
            passage = self.library.passage(passage_id)
            first, last = passage.first_paragraph, passage.last_paragraph
            stretch = Stretch(passage.transcript_id, passage.turn, first, last)
            turn = self.library.stretches([stretch])[stretch]
            title, date = headings(connection, [passage.transcript_id])[passage.transcript_id]
            asked = None
            if turn.answers is not None:
                question = Stretch(passage.transcript_id, turn.answers)
                asked = self.library.stretches([question])[question].text
        metadata = {
            "transcript_id": passage.transcript_id,
            "speaker": turn.speaker.name if turn.speaker else None,
            "role": turn.role.value,
            "date": date.isoformat() if date else None,
            "paragraphs": f"{first}" if first == last else f"{first}-{last}",
            "asked": asked,
        }
        return Document(
            id=passage.id,
            title=title,
            text=passage.text,
            url=f"{base}{paragraph_href(passage.transcript_id, first)}",
            metadata={key: value for key, value in metadata.items() if value is not None},
        )

    def _transcript(self, transcript_id: str, base: str) -> Document:
        try:
            found = self.library.transcript(transcript_id)
        except NotFound:
            raise NotFound(
                f"no passage or transcript {transcript_id!r} in this library: search gives ids"
            ) from None
        metadata = {
            "date": found.date.isoformat() if found.date else None,
            "language": found.language,
            "source": found.source,
            "sha256": found.sha256,
        }
        return Document(
            id=found.id,
            title=found.title,
            text=to_text(found),
            url=f"{base}{transcript_href(found.id)}",
            metadata={key: value for key, value in metadata.items() if value is not None},
        )


def _title(citation: Citation) -> str:
    speaker = citation.speaker.name if citation.speaker else "Speaker not named"
    date = spoken_date(citation.date) if citation.date else "undated"
    return f"{speaker}, {date}: {citation.title}, paragraph {citation.paragraph}"
