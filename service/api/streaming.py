"""`POST /v1/ask` as server-sent events: what is known is told as soon as it is known.

`status`, `passages`, a `citation` for each, `answer`, and at the end `done`, `abstain` or `error`;
the data of each is a JSON object. A client that goes away ends the work behind it.
"""

import logging
import math
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Literal, Self

import anyio
from anyio import from_thread, to_thread
from anyio.streams.memory import MemoryObjectSendStream
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from indexer.transcript import Hit
from models.errors import OnRecordError
from service.answer import Answer, Answerer
from service.api.answers import AnswerShape, CitationShape, ReasonShape
from service.api.schemas import AskRequest, ProblemShape, Shape
from service.errors import problem, problem_of

# Proxies close a connection on which nothing comes for a minute.
HEARTBEAT_S = 15.0
_LOG = logging.getLogger("onrecord")
_JSON, _EVENTS = "application/json", "text/event-stream"
_EXAMPLE = (
    'event: status\ndata: {"state":"searching"}\n\n'
    'event: passages\ndata: {"passages":[{"passage_id":"talks:p5","transcript_id":"talks",'
    '"paragraphs":[5],"score":0.71}]}\n\n'
    'event: citation\ndata: {"rank":1,"passage_id":"talks:p5", …}\n\n'
    'event: answer\ndata: {"question":"Who has seen the boat?","answered":true, …}\n\n'
    'event: done\ndata: {"took_ms":12.3}\n\n'
)
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {_EVENTS: {"schema": {"type": "string"}, "example": _EXAMPLE}}}
}

Events = MemoryObjectSendStream[ServerSentEvent]


class StatusEvent(Shape):
    """What is being done."""

    state: Literal["searching"] = "searching"


class FoundShape(Shape):
    """A passage before it is cited."""

    passage_id: str
    transcript_id: str
    paragraphs: list[int]
    score: float = Field(description="as in its citation")

    @classmethod
    def of(cls, hit: Hit) -> Self:
        passage = hit.passage
        return cls(
            passage_id=passage.id,
            transcript_id=passage.transcript_id,
            paragraphs=list(range(passage.first_paragraph, passage.last_paragraph + 1)),
            score=round(hit.score, 6),
        )


class PassagesEvent(Shape):
    """What was found, best first."""

    passages: list[FoundShape]


class DoneEvent(Shape):
    """The end of an answer."""

    took_ms: float


def wants_events(accept: str) -> bool:
    """Whether a request's Accept names events, and JSON not before them or with more weight."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().casefold() for piece in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        weights.setdefault(kind, float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0)
    ours = [kind for kind in weights if kind in (_JSON, _EVENTS)]
    best = max(ours, key=lambda kind: weights[kind], default=_JSON)
    return best == _EVENTS and weights[best] > 0


def stream(service: Answerer, asked: AskRequest) -> EventSourceResponse:
    """The answer as events, with comments as heartbeats while nothing else comes."""
    send, receive = anyio.create_memory_object_stream[ServerSentEvent](math.inf)

    async def events() -> AsyncIterator[ServerSentEvent]:
        async with receive:
            async for event in receive:
                yield event

    async def work() -> None:
        async with send:
            await _tell(service, asked, send)

    return EventSourceResponse(
        events(), data_sender_callable=work, ping=HEARTBEAT_S, media_type=_EVENTS
    )


async def _tell(service: Answerer, asked: AskRequest, events: Events) -> None:
    def found(hits: Sequence[Hit]) -> None:
        # In the thread that asks: raises where the client has gone, and so ends the work.
        from_thread.check_cancelled()
        shape = PassagesEvent(passages=[FoundShape.of(hit) for hit in hits])
        from_thread.run_sync(events.send_nowait, _event("passages", shape))

    events.send_nowait(_event("status", StatusEvent()))
    try:
        filters = asked.to_domain()
        ask = partial(service.ask, asked.question, k=asked.k, filters=filters, hints=asked.hints)
        answer = await to_thread.run_sync(partial(ask, found=found))
    except OnRecordError as error:
        body = problem_of(error)
        if body["status"] >= 500:
            _LOG.error("POST /v1/ask: %s", error)
        events.send_nowait(_event("error", ProblemShape(**body)))
    except Exception:  # noqa: BLE001  (the stream has begun: only an event can tell it now)
        _LOG.exception("POST /v1/ask")
        unforeseen = problem(500, "internal", "the service met an error that it did not expect")
        events.send_nowait(_event("error", ProblemShape(**unforeseen)))
    else:
        for event in _events_of(answer):
            events.send_nowait(event)


def _events_of(answer: Answer) -> list[ServerSentEvent]:
    last = (
        _event("done", DoneEvent(took_ms=round(answer.took_ms, 1)))
        if answer.reason is None
        else _event("abstain", ReasonShape.of(answer.reason))
    )
    return [
        *(_event("citation", CitationShape.of(one)) for one in answer.citations),
        _event("answer", AnswerShape.of(answer)),
        last,
    ]


def _event(name: str, data: BaseModel) -> ServerSentEvent:
    return ServerSentEvent(data.model_dump_json(), event=name)
