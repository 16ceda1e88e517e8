"""One table from errors to HTTP, in the form of RFC 9457 (application/problem+json).

OnRecordError
└── ServiceError             what is wrong with a setting or a request
"""

from typing import Any

from indexer import errors as indexer_errors
from models.errors import ModelError, OnRecordError


class ServiceError(OnRecordError):
    """A setting or a request makes no sense as it stands."""


# The first class that fits counts: subclasses stand before their bases.
STATUS: tuple[tuple[type[OnRecordError], int, str], ...] = (
    (indexer_errors.NotFound, 404, "not-found"),
    (indexer_errors.QueryError, 422, "bad-query"),
    (indexer_errors.TranscriptError, 422, "bad-transcript"),
    (ServiceError, 400, "bad-request"),
    (indexer_errors.LibraryError, 503, "library-unavailable"),
    (ModelError, 503, "model-unavailable"),
)
_TITLES = {
    "not-found": "There is nothing here",
    "bad-query": "The question cannot be asked like this",
    "bad-transcript": "This cannot be read as a transcript",
    "bad-request": "The request cannot be served",
    "library-unavailable": "The library cannot be used now",
    "model-unavailable": "The model cannot be used now",
    "too-large": "The request is too large",
    "invalid": "The request does not fit its schema",
    "method-not-allowed": "This address does not take that method",
    "internal": "Something went wrong here",
}
_OURS = "the service cannot answer now; its log says why"
_KINDS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 422: "invalid"}


def problem(status: int, kind: str, detail: str, **more: Any) -> dict[str, Any]:
    """The body of an RFC 9457 answer; `type` is a stable name, `detail` a sentence for people."""
    return {
        "type": f"urn:onrecord:problem:{kind}",
        "title": _TITLES[kind],
        "status": status,
        "detail": detail,
        **more,
    }


def problem_of(error: OnRecordError) -> dict[str, Any]:
    """The problem that an error of ours is to a client."""
    for kind_of_error, status, kind in STATUS:
        if isinstance(error, kind_of_error):
            # What goes wrong with the server's own files is told to the log, not to clients.
            return problem(status, kind, str(error) if status < 500 else _OURS)
    return problem(500, "internal", _OURS)


def problem_of_status(status: int, detail: str) -> dict[str, Any]:
    """The problem of an error that the framework itself raised."""
    fallback = "bad-request" if status < 500 else "internal"
    return problem(status, _KINDS.get(status, fallback), detail)
