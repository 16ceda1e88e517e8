"""What can be wrong with a file, a library or a query.

OnRecordError
├── TranscriptError          a file cannot be read as a transcript
├── LibraryError             the library on disk cannot be used
│   └── ModelMismatch        it was made with another model
├── NotFound                 no transcript, speaker or passage of that name
└── QueryError               the question or a filter makes no sense
"""

from pathlib import Path

from models.errors import OnRecordError


class TranscriptError(OnRecordError):
    """A file cannot be read as a transcript; names the file and, where known, the line."""

    def __init__(self, source: Path | str, reason: str, line: int | None = None) -> None:
        self.source, self.reason, self.line = str(source), reason, line
        place = f"{source}:{line}" if line is not None else str(source)
        super().__init__(f"{place}: {reason}")


class LibraryError(OnRecordError):
    """The library on disk is missing, damaged, or of another format version."""


class ModelMismatch(LibraryError):
    """The library was embedded with another model; names both."""

    def __init__(self, library_model: str, given_model: str) -> None:
        super().__init__(
            f"the library was indexed with {library_model}, but the model now is {given_model}: "
            "set ONRECORD_MODEL back, or index into a new library"
        )


class NotFound(OnRecordError):
    """There is no transcript, speaker or passage of that name."""


class QueryError(OnRecordError):
    """A question or a filter makes no sense as it stands."""
