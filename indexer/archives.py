"""Zip archives read with suspicion: bounded directory, bounded members, nothing unpacked to disk.

Knows nothing of transcripts; what a member is called and holds is for others to judge.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from indexer.errors import TranscriptError

# Some 100,000 members. The standard library reads the directory whole.
MAX_DIRECTORY_BYTES = 8 * 2**20
# Words seldom shrink to a tenth; a bomb shrinks to a thousandth, the most that deflate can.
MAX_RATIO = 200
SMALL_BYTES = PIECE_BYTES = 2**20
_BOMB = "would inflate like a zip bomb"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What the standard library raises for an archive that was cut off or tampered with.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class Archive:
    """A zip file on disk. Within `with` it stays open once it is used; else each call opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keep = False
        self._zip: zipfile.ZipFile | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._keep = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._keep = False
        self._close()

    def _close(self) -> None:
        self._zip = None
        self._stack.close()

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        if self._zip is None:
            self._zip = self._open()
        try:
            yield self._zip
        finally:
            if not self._keep:
                self._close()

    def _open(self) -> zipfile.ZipFile:
        try:
            with ExitStack() as stack:
                file = stack.enter_context(self.path.open("rb"))
                opened = stack.enter_context(open_zip(file))
                self._stack = stack.pop_all()
                return opened
        except BROKEN as error:
            raise TranscriptError(self.path, _why_broken(error)) from error

    def members(self) -> list[zipfile.ZipInfo]:
        """All but folders, in the archive's order. Raises TranscriptError if it is no sound zip."""
        with self._opened() as opened:
            # Not `is_dir`, that fails for a member without a name.
            members = [info for info in opened.infolist() if not info.filename.endswith("/")]
        # Members may lie over one another, so that each alone looks sound.
        if _is_bomb(sum(info.file_size for info in members), self.path.stat().st_size):
            raise TranscriptError(self.path, _BOMB)
        return members

    def has(self, member: str) -> bool:
        """Whether there is a member of that name."""
        with self._opened() as opened:
            return member in opened.NameToInfo

    def read(self, member: str, limit: int) -> bytes:
        """The bytes of a member. Raises TranscriptError if it is damaged or over `limit` bytes."""
        shown = f"{self.path}!/{member}"
        with self._opened() as opened:
            try:
                info = opened.getinfo(member)
                if reason := why_not_read(info, limit):
                    raise TranscriptError(shown, reason)
                # Piece by piece inflates no more than was declared, and a checksum tells of more.
                with opened.open(info) as file:
                    return b"".join(iter(partial(file.read, PIECE_BYTES), b""))
            except KeyError as error:
                raise TranscriptError(shown, "is no longer in the archive") from error
            except BROKEN as error:
                raise TranscriptError(shown, "is damaged in the archive") from error


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """The zip in an open file. Raises one of BROKEN where it is none, or a monstrous one."""
    return zipfile.ZipFile(cast(IO[bytes], _SmallReads(file)))


def why_not_read(info: zipfile.ZipInfo, limit: int) -> str | None:
    """Why a member is better left alone, None where it can be read."""
    if info.flag_bits & 1:
        return "is encrypted: unpack it and index the file"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is not a file"
    if info.compress_type not in _METHODS:
        return "is packed in a way that is not read here: use deflate"
    if info.file_size > limit:
        return f"is over {limit >> 20} MiB"
    return _BOMB if _is_bomb(info.file_size, info.compress_size) else None


def _is_bomb(inflated: int, packed: int) -> bool:
    return inflated > max(SMALL_BYTES, MAX_RATIO * packed)


def _why_broken(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    if isinstance(error, _TooLarge):
        return "is an archive of too many files: split it"
    return "is no zip archive, or one that is damaged or cut off"


class _TooLarge(zipfile.BadZipFile):
    pass


class _SmallReads:
    """A file of which never more than a directory's allowance is read at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise _TooLarge("directory too large")
        return self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
