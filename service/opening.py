"""Opens the parts that a command or the web application needs: model, library, answerer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.library import Library
from service.errors import ServiceError
from service.settings import Settings

if TYPE_CHECKING:
    from models.embedder import Embedder
    from service.answer import Answerer


def open_embedder(settings: Settings) -> "Embedder":
    """The embedder that the settings name. Raises ModelError."""
    from models.load import load_embedder

    return load_embedder(
        settings.model,
        cache=settings.cache,
        threads=settings.threads,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
        precision=settings.precision,
        device=settings.device,
    )


@contextmanager
def open_answerer(settings: Settings, *, create: bool = False) -> Iterator["Answerer"]:
    """An answerer over the library, closed at the end; `create` makes an empty library."""
    from indexer.search import Searcher
    from service.answer import Answerer
    from service.confidence import load_confidence

    with Library.open(settings.library, create=create) as library:
        embedder = open_embedder(settings)
        confidence = load_confidence(embedder.fingerprint)
        yield Answerer(Searcher(library, embedder), confidence, settings.threshold)


@contextmanager
def listen(settings: Settings) -> Iterator[socket.socket]:
    """A socket on the host and port of the settings; raises ServiceError where that is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        reason = (error.strerror or str(error)).lower()
        raise ServiceError(
            f"cannot listen on {place}: {reason}; choose another with --host and --port"
        ) from error
    with listener:
        # asyncio does so only for sockets that name their protocol, which this one does not. An
        # answer would else wait 40 ms for the acknowledgement of what went before it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener
