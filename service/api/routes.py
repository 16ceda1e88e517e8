"""The operations under /v1 and the health checks. Thin: each asks the service and shapes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from service.answer import Answer, Answerer
from service.api.answers import AnswerShape
from service.api.etags import UNCHANGED, Revalidated
from service.api.schemas import (
    AskRequest,
    FilterShape,
    HealthShape,
    K,
    ProblemShape,
    Question,
    TranscriptShape,
    TranscriptsShape,
    TranscriptSummaryShape,
    WithHints,
)
from service.api.speakers import SpeakerShape, SpeakersShape
from service.api.streaming import STREAMED, stream, wants_events
from service.api.transcripts import FILES, TranscriptForm, written


def get_answerer(request: Request) -> Answerer:
    """The answerer that the application's lifespan opened."""
    answerer: Answerer = request.app.state.answerer
    return answerer


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the errors of an operation."""
    return {
        status: {"model": ProblemShape, "content": {"application/problem+json": {}}}
        for status in statuses
    }


Service = Annotated[Answerer, Depends(get_answerer)]
api = APIRouter(prefix="/v1", tags=["ask"])
reads = APIRouter(prefix="/v1", tags=["read"], route_class=Revalidated)
health = APIRouter(tags=["health"])


class SearchQuery(FilterShape):
    """Parameters of a search."""

    q: Question
    k: K = 10
    hints: WithHints = True


@api.post("/ask", response_model=AnswerShape, responses=STREAMED | problems(404, 422, 503))
def ask(body: AskRequest, service: Service, request: Request) -> Response:
    """Asks a question: the passages that answer, best first, each a citation to the letter.

    With `Accept: text/event-stream` it comes in events, each as soon as it is known.
    """
    if wants_events(request.headers.get("accept", "")):
        return stream(service, body)
    return _answered(
        service.ask(body.question, k=body.k, filters=body.to_domain(), hints=body.hints)
    )


@api.get("/search", response_model=AnswerShape, responses=problems(404, 422, 503))
def search(query: Annotated[SearchQuery, Query()], service: Service) -> Response:
    """The same as asking, for links and scripts: everything stands in the address."""
    return _answered(service.ask(query.q, k=query.k, filters=query.to_domain(), hints=query.hints))


def _answered(answer: Answer) -> Response:
    # As a response: FastAPI would validate what was valid when it was made, field by field.
    return Response(AnswerShape.of(answer).model_dump_json(), media_type="application/json")


@reads.get("/transcripts", responses=UNCHANGED | problems(422, 503))
def list_transcripts(
    service: Service,
    after: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TranscriptsShape:
    """The transcripts of the library, page by page, in the order of their ids."""
    summaries: list[TranscriptSummaryShape] = []
    for summary in service.library.transcripts(after):
        if len(summaries) == limit:
            return TranscriptsShape(transcripts=summaries, next=summaries[-1].id)
        summaries.append(TranscriptSummaryShape.of(summary))
    return TranscriptsShape(transcripts=summaries, next=None)


@reads.get(
    "/transcripts/{transcript_id}",
    response_model=TranscriptShape,
    responses=FILES | UNCHANGED | problems(404, 422, 503),
)
def get_transcript(
    transcript_id: str,
    service: Service,
    format: Annotated[  # noqa: A002
        TranscriptForm, Query(description="captions (vtt) only where each paragraph has its time")
    ] = TranscriptForm.JSON,
) -> TranscriptShape | Response:
    """A whole transcript with its turns and numbered paragraphs."""
    return written(service.library.transcript(transcript_id), format)


@reads.get("/speakers", responses=UNCHANGED | problems(422, 503))
def list_speakers(
    service: Service, limit: Annotated[int, Query(ge=1, le=1000)] = 1000
) -> SpeakersShape:
    """Who speaks in the library, by all their names, those with the most turns first."""
    return SpeakersShape(
        speakers=[SpeakerShape.of(summary) for summary in service.library.speakers(limit)]
    )


@health.get("/healthz", responses=problems(503))
def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@health.get("/readyz", responses=problems(503))
def readyz(service: Service) -> HealthShape:
    """Model and library are open, and questions can be asked."""
    stats = service.library.stats()
    return HealthShape(
        status="ok", transcripts=stats.transcripts, passages=stats.passages, model=stats.model
    )
