"""ETags of what is read, from the library's state: an unchanged library is not sent again.

Belongs to operations that answer the same as long as nothing is indexed, deleted or renamed.
"""

from collections.abc import Callable, Coroutine
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from indexer.library import Library, State

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What `If-None-Match` names is what there is now"}
}


class Revalidated(APIRoute):
    """A route that gives an ETag and answers 304 to an `If-None-Match` that has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, asked only where there is something else than the client has."""
        handle = super().get_route_handler()

        async def revalidated(request: Request) -> Response:
            library: Library = request.app.state.answerer.library
            # Before the answer is made: an ETag that is too old only costs a client one more look.
            etag = _etag(await run_in_threadpool(library.state), request)
            headers = {"etag": etag, "cache-control": "no-cache"}
            held = _held(request)
            if etag in held:
                return Response(status_code=304, headers=headers)
            response = await handle(request)
            if response.status_code != 200:
                return response
            if "*" in held:
                return Response(status_code=304, headers=headers)
            response.headers.update(headers)
            return response

        return revalidated


def _etag(state: State, request: Request) -> str:
    """Of this address in this state, so that none was given for what there is not."""
    known = f"{_version()}\0{state.token}\0{request.url}"
    return f'"{sha256(known.encode()).hexdigest()[:32]}"'


def _held(request: Request) -> set[str]:
    given = request.headers.getlist("if-none-match")
    return {tag.strip().removeprefix("W/") for line in given for tag in line.split(",")}


@cache
def _version() -> str:
    return version("onrecord")
