"""The web application: the API, the pages, and what holds for every answer.

`create_app` takes the way to open the parts; the lifespan opens them, so nothing is loaded by
importing or building the application.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import OnRecordError
from service.answer import Answerer
from service.api.routes import api, health
from service.errors import problem, problem_of, problem_of_status
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
_DESCRIPTION = (
    "Ask questions of transcripts and get the passages that answer, each cited by speaker and "
    "paragraph, quoted to the letter."
)


def create_app(open_answerer: Callable[[], AbstractContextManager[Answerer]]) -> FastAPI:
    """The application; `open_answerer` is called once, when it starts, and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = open_answerer()
        app.state.answerer = await run_in_threadpool(opened.__enter__)
        try:
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
    app.include_router(health)
    mount_pages(app)
    _answer_errors(app)
    app.add_middleware(SecurityHeaders)
    return app


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
        return _problem(problem_of(error))

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
        return _problem(problem(500, "internal", "the service met an error that it did not expect"))


def _problem(body: dict[str, Any], headers: Any = None) -> JSONResponse:
    return JSONResponse(
        body, body["status"], headers=headers, media_type="application/problem+json"
    )
