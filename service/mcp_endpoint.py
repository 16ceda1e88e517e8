"""/mcp: the Model Context Protocol over streamable HTTP, in the application's lifespan.

Without sessions: each request stands for itself, so there is nothing to leak or to expire. The SDK
is imported at the first request, as its import costs as much as that of all the rest.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from anyio.abc import TaskGroup, TaskStatus
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from service.answer import Answerer

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


class McpEndpoint:
    """Takes requests while `running`; the body limit and host names are the application's."""

    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._running: tuple[Answerer, TaskGroup] | None = None
        self._manager: StreamableHTTPSessionManager | None = None

    def route(self) -> Route:
        """POST alone: without sessions the server has nothing to say unasked."""
        return Route("/mcp", self, methods=["POST"], include_in_schema=False)

    @asynccontextmanager
    async def running(self, answerer: Answerer) -> AsyncIterator[None]:
        """Answers from the answerer until the end; to be entered by the lifespan."""
        async with anyio.create_task_group() as group:
            self._running = answerer, group
            try:
                yield
            finally:
                group.cancel_scope.cancel()
                self._running = self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            raise HTTPException(403, "a page of another origin asks: none may use these tools")
        manager = self._manager or await self._started()
        await manager.handle_request(scope, receive, send)

    async def _started(self) -> "StreamableHTTPSessionManager":
        async with self._lock:
            if self._manager is None:
                if self._running is None:
                    raise HTTPException(503, "the service is not running")
                answerer, group = self._running
                manager = await run_in_threadpool(_build, answerer)
                await group.start(_run, manager)
                self._manager = manager
            return self._manager


def _build(answerer: Answerer) -> "StreamableHTTPSessionManager":
    try:
        from mcp.server.transport_security import TransportSecuritySettings

        from service.mcp_server import build_server
    except ModuleNotFoundError as error:
        missing = "the Model Context Protocol is not installed here: pip install onrecord[mcp]"
        raise HTTPException(501, missing) from error
    server = build_server(answerer)
    server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return server.session_manager


async def _run(
    manager: "StreamableHTTPSessionManager",
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    async with manager.run():
        task_status.started()
        await anyio.sleep_forever()
