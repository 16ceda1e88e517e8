"""A Python client of the HTTP API, with its own shapes: for notebooks and programs.

Loads no model, no index and no server; asks a service that runs (`onrecord serve`). Each method of
`OnRecord` is one of `AsyncOnRecord` too, to be awaited.

OnRecordError
└── ClientError              no answer, or one that says what is wrong
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from indexer.transcript import Role
from models.errors import OnRecordError
from service.api.answers import AnswerShape, CitationShape, SourceShape
from service.api.schemas import (
    HealthShape,
    ProblemShape,
    TranscriptShape,
    TranscriptsShape,
    TranscriptSummaryShape,
)
from service.api.speakers import SpeakerShape, SpeakersShape

LOCAL = "http://127.0.0.1:8000"
TIMEOUT_S = 30.0
_PAGE = 500
_S = TypeVar("_S", bound=BaseModel)


class ClientError(OnRecordError):
    """The service gave no answer, or said what is wrong; `problem` is then what it said."""

    def __init__(self, message: str, problem: ProblemShape | None = None) -> None:
        self.problem = problem
        super().__init__(message)

    @property
    def status(self) -> int | None:
        """The HTTP status of the problem."""
        return self.problem.status if self.problem else None


class Filters(TypedDict, total=False):
    """What a citation must be; every part given must hold. Days are included."""

    speaker: str | None
    role: Sequence[Role | str]
    date_from: dt.date | str | None
    date_to: dt.date | str | None
    transcript: Sequence[str]
    hints: bool


@dataclass(frozen=True, slots=True)
class _Call(Generic[_S]):
    """A request, and the shape of what it gives."""

    method: str
    path: str
    shape: type[_S]
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None


class OnRecord:
    """A connection to a service, to be closed: `with OnRecord() as record: record.ask(…)`.

    `options` go to `httpx.Client` (headers, verify, transport). All methods raise ClientError.
    """

    def __init__(
        self, base_url: str = LOCAL, *, timeout_s: float = TIMEOUT_S, **options: Any
    ) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=timeout_s, **options)

    def ask(self, question: str, *, k: int = 5, **filters: Unpack[Filters]) -> AnswerShape:
        """The `k` best citations for a question, or why nobody answers it."""
        return self._send(_ask(question, k, filters))

    def search(self, question: str, *, k: int = 10, **filters: Unpack[Filters]) -> AnswerShape:
        """The same by GET /v1/search."""
        return self._send(_search(question, k, filters))

    def transcripts(self) -> Iterator[TranscriptSummaryShape]:
        """All transcripts in the order of their ids, without their words; fetched page by page."""
        after: str | None = ""
        while after is not None:
            page = self._send(_transcripts(after))
            yield from page.transcripts
            after = page.next

    def transcript(self, transcript_id: str) -> TranscriptShape:
        """A whole transcript."""
        return self._send(_transcript(transcript_id))

    def speakers(self, limit: int = 1000) -> list[SpeakerShape]:
        """Who speaks, those with the most turns first."""
        return self._send(_speakers(limit)).speakers

    def ready(self) -> HealthShape:
        """How much can be asked now."""
        return self._send(_READY)

    def url(self, place: CitationShape | SourceShape | TranscriptSummaryShape) -> str:
        """The whole address of a citation, of where else it is said, or of a transcript."""
        return str(self._http.base_url.join(place.href))

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, call: _Call[_S]) -> _S:
        try:
            response = self._http.request(
                call.method, call.path, params=call.params, json=call.json
            )
        except httpx.HTTPError as error:
            raise _unreached(self._http.base_url, error) from error
        return _read(response, call.shape)


class AsyncOnRecord:
    """`OnRecord` for asyncio: `async with AsyncOnRecord() as record: await record.ask(…)`.

    `options` go to `httpx.AsyncClient`. All methods raise ClientError.
    """

    def __init__(
        self, base_url: str = LOCAL, *, timeout_s: float = TIMEOUT_S, **options: Any
    ) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout_s, **options)

    async def ask(self, question: str, *, k: int = 5, **filters: Unpack[Filters]) -> AnswerShape:
        """The `k` best citations for a question, or why nobody answers it."""
        return await self._send(_ask(question, k, filters))

    async def search(
        self, question: str, *, k: int = 10, **filters: Unpack[Filters]
    ) -> AnswerShape:
        """The same by GET /v1/search."""
        return await self._send(_search(question, k, filters))

    async def transcripts(self) -> AsyncIterator[TranscriptSummaryShape]:
        """All transcripts in the order of their ids, without their words; fetched page by page."""
        after: str | None = ""
        while after is not None:
            page = await self._send(_transcripts(after))
            for one in page.transcripts:
                yield one
            after = page.next

    async def transcript(self, transcript_id: str) -> TranscriptShape:
        """A whole transcript."""
        return await self._send(_transcript(transcript_id))

    async def speakers(self, limit: int = 1000) -> list[SpeakerShape]:
        """Who speaks, those with the most turns first."""
        return (await self._send(_speakers(limit))).speakers

    async def ready(self) -> HealthShape:
        """How much can be asked now."""
        return await self._send(_READY)

    def url(self, place: CitationShape | SourceShape | TranscriptSummaryShape) -> str:
        """The whole address of a citation, of where else it is said, or of a transcript."""
        return str(self._http.base_url.join(place.href))

    async def close(self) -> None:
        """Closes the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _send(self, call: _Call[_S]) -> _S:
        try:
            response = await self._http.request(
                call.method, call.path, params=call.params, json=call.json
            )
        except httpx.HTTPError as error:
            raise _unreached(self._http.base_url, error) from error
        return _read(response, call.shape)


_READY = _Call("GET", "/readyz", HealthShape)


def _ask(question: str, k: int, filters: Filters) -> _Call[AnswerShape]:
    body = {"question": question, "k": k, **_plain(filters)}
    return _Call("POST", "/v1/ask", AnswerShape, json=body)


def _search(question: str, k: int, filters: Filters) -> _Call[AnswerShape]:
    params = {"q": question, "k": k, **_plain(filters)}
    return _Call("GET", "/v1/search", AnswerShape, params=params)


def _transcripts(after: str) -> _Call[TranscriptsShape]:
    params = {"after": after, "limit": _PAGE}
    return _Call("GET", "/v1/transcripts", TranscriptsShape, params=params)


def _transcript(transcript_id: str) -> _Call[TranscriptShape]:
    return _Call("GET", f"/v1/transcripts/{quote(transcript_id, safe='')}", TranscriptShape)


def _speakers(limit: int) -> _Call[SpeakersShape]:
    return _Call("GET", "/v1/speakers", SpeakersShape, params={"limit": limit})


def _plain(filters: Filters) -> dict[str, Any]:
    """What was given, with days as the API takes them."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in filters.items()
        if value is not None
    }


def _read(response: httpx.Response, shape: type[_S]) -> _S:
    try:
        if response.is_success:
            return shape.model_validate_json(response.content)
        problem = ProblemShape.model_validate_json(response.content)
    except ValidationError as error:
        told = f"{response.url} answers {response.status_code} with what is not the API's"
        raise ClientError(f"{told}: is On the Record of this version there?") from error
    raise ClientError(problem.detail, problem)


def _unreached(base_url: httpx.URL, error: httpx.HTTPError) -> ClientError:
    reason = str(error) or type(error).__name__
    return ClientError(f"no answer from {base_url}: {reason}; start it with `onrecord serve`")
