"""The web application: the API, the pages, and what holds for every answer.

`create_app` takes the way to open the parts; the lifespan opens them, so nothing is loaded by
importing or building the application.
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.cores import usable_cores
from models.errors import OnRecordError
from service.answer import Answerer
from service.api.batch import batch
from service.api.exports import exports
from service.api.passages import passages
from service.api.routes import api, health, reads
from service.api.verify import verification
from service.errors import problem, problem_of, problem_of_status
from service.mcp_endpoint import McpEndpoint
from service.openai_api import openai
from service.web.pages import mount_pages

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LOOPBACK = ("127.0.0.1", "localhost")
MAX_BODY_BYTES = 64 * 2**10
_TOO_LARGE = f"the body is over {MAX_BODY_BYTES >> 10} KiB: ask a shorter question"
_LOG = logging.getLogger("onrecord")
_DESCRIPTION = (
    "Ask questions of transcripts and get the passages that answer, each cited by speaker and "
    "paragraph, quoted to the letter."
)


def create_app(
    open_answerer: Callable[[], AbstractContextManager[Answerer]], hosts: Sequence[str] = ()
) -> FastAPI:
    """The application; `open_answerer` is called once, when it starts, and closed when it ends.

    `hosts` are names under which it may be asked for, beside those of this machine: any other
    page in the user's browser could else point its own name here and read the library.
    """

    mcp = McpEndpoint()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Questions beyond the cores would only make each other slow: they wait their turn.
        current_default_thread_limiter().total_tokens = usable_cores() + 1
        opened = open_answerer()
        app.state.answerer = await run_in_threadpool(opened.__enter__)
        try:
            async with mcp.running(app.state.answerer):
                yield
        finally:
            opened.__exit__(None, None, None)

    app = FastAPI(
        title="On the Record",
        description=_DESCRIPTION,
        version=version("onrecord"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(api)
    app.include_router(reads)
    app.include_router(health)
    app.include_router(batch)
    app.include_router(verification)
    app.include_router(passages)
    app.include_router(exports)
    app.include_router(openai)
    app.router.routes.append(mcp.route())
    mount_pages(app)
    _answer_errors(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(BodyLimit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *hosts])
    return app


class BodyLimit:
    """Refuses a body of over `MAX_BODY_BYTES`, by what it says and by what comes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
            await _problem(problem_of_status(413, _TOO_LARGE))(scope, receive, send)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self.app(scope, limited, send)


class SecurityHeaders:
    """Sets the same security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [(k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(OnRecordError)
    async def ours(request: Request, error: OnRecordError) -> JSONResponse:
        body = problem_of(error)
        if body["status"] >= 500:
            _LOG.error("%s %s: %s", request.method, request.url.path, error)
        return _problem(body)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"at": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
            for one in error.errors()[:20]
        ]
        detail = "; ".join(f"{one['at']}: {one['message']}" for one in errors[:3])
        return _problem(problem(422, "invalid", detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        return _problem(problem_of_status(error.status_code, str(error.detail)), error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        # This answer is made outside of all middleware.
        body = problem(500, "internal", "the service met an error that it did not expect")
        return _problem(body, SECURITY_HEADERS)


def _problem(body: dict[str, Any], headers: Any = None) -> JSONResponse:
    return JSONResponse(
        body, body["status"], headers=headers, media_type="application/problem+json"
    )
