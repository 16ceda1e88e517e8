"""What there is to index: files, and members of zip archives; and what is passed over, and why.

Walks, reads and hands over; what the bytes mean is the formats' work.
"""

import os
from collections.abc import Container, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath

from indexer.archives import Archive, why_not_read
from indexer.errors import TranscriptError
from indexer.filenames import (
    META_SUFFIX,
    NO_TEXT,
    is_hidden,
    is_meta_of,
    is_text,
    meta_names,
    owners_of_meta,
    why_odd,
    why_skip_name,
)
from indexer.formats import MAX_FILE_BYTES, parse, read_file
from indexer.formats.beside import read_meta
from indexer.formats.blocks import Parsed

MAX_META_BYTES = 2**20
# Between an archive and its member, in names and identities.
INSIDE = "!/"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of a zip, that is perhaps a transcript.

    `shown` is its name as the person wrote it, `identity` what it is known by in a library:
    the absolute path without links, or `/abs/talks.zip!/day1/talk.txt`. `size` is in bytes.
    """

    shown: str
    identity: str
    size: int
    path: Path
    member: str | None = None
    archive: Archive | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The file's own name, without folders."""
        return PurePosixPath(self.member).name if self.member else self.path.name

    def read(self) -> bytes:
        """Its bytes. Raises TranscriptError where it cannot be read whole."""
        if self.archive is not None and self.member is not None:
            return self.archive.read(self.member, MAX_FILE_BYTES)
        return read_file(self.path)

    def read_meta(self) -> tuple[str, bytes] | None:
        """Name and bytes of the metadata file beside it: `talk.txt.meta.json`, `talk.meta.json`.

        Raises TranscriptError where there is one that cannot be read.
        """
        for name in meta_names(self.name):
            found = self._read_beside(name)
            if found is not None:
                if len(found[1]) > MAX_META_BYTES:
                    raise TranscriptError(found[0], f"is over {MAX_META_BYTES >> 20} MiB")
                return found
        return None

    def _read_beside(self, name: str) -> tuple[str, bytes] | None:
        if self.archive is None or self.member is None:
            path = self.path.with_name(name)
            return (str(path), read_file(path)) if os.path.lexists(path) else None
        member = self.member[: len(self.member) - len(self.name)] + name
        if not self.archive.has(member):
            return None
        return f"{self.path}{INSIDE}{member}", self.archive.read(member, MAX_META_BYTES)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What is not read, and why; `failed` where it should have been.

    `identity` is that which it would have as a source, None where nothing is there.
    """

    shown: str
    reason: str
    identity: str | None
    failed: bool = False


def find_sources(
    paths: Iterable[Path], *, files_only: bool = False
) -> tuple[list[Source], list[PassedOver]]:
    """Sources under the paths in a fixed order, and what was passed over and why.

    A file given by name is taken as it is; in folders and archives hidden files, files of unknown
    formats and such that lead out of them are passed over. Members of an archive stand together.
    Raises TranscriptError for a path that is not there, and for one that is a folder or an archive
    if there should be `files_only`.
    """
    found: dict[str, Source] = {}
    passed: list[PassedOver] = []
    for path in paths:
        if not os.path.lexists(path):
            raise TranscriptError(path, "there is no such file or folder")
        if files_only and (path.is_dir() or is_archive(path)):
            raise TranscriptError(path, "--format is for files that are named one by one")
        for one in _sources(path):
            if isinstance(one, PassedOver):
                passed.append(one)
            else:
                found.setdefault(one.identity, one)
    return list(found.values()), passed


def kept_open(sources: Iterable[Source]) -> Iterator[Source]:
    """The sources one by one; an archive stays open until the last of its members was yielded."""
    for archive, members in groupby(sources, key=attrgetter("archive")):
        with archive or nullcontext():
            yield from members


def parse_source(
    source: Source, data: bytes, meta: tuple[str, bytes] | None, format_name: str | None = None
) -> Parsed:
    """The transcript in what was read of a source, with what the metadata beside it say.

    Raises TranscriptError, whatever a format's library raises: one file that it cannot make sense
    of must not end a run over thousands.
    """
    metadata, warnings = read_meta(meta[1], meta[0]) if meta is not None else (None, [])
    try:
        parsed = parse(data, source.shown, format_name=format_name, metadata=metadata)
    except TranscriptError:
        raise
    except Exception as error:
        reason = f"its reader failed on it ({type(error).__name__}: {error}); please report this"
        raise TranscriptError(source.shown, reason) from error
    return replace(parsed, warnings=(*parsed.warnings, *warnings))


def is_archive(path: Path) -> bool:
    """Whether it is walked into as a zip archive."""
    return path.suffix.lower() == ".zip" and not path.is_dir()


def lies_under(identity: str, root: Path) -> bool:
    """Whether what is known by `identity` is in the folder or the archive `root` (absolute)."""
    return identity.startswith(f"{root}{INSIDE}") or Path(identity).is_relative_to(root)


def _sources(path: Path) -> Iterator[Source | PassedOver]:
    if not path.is_dir():
        yield from _entry(path, named=True)
        return
    for file, owners in _walk(path):
        if isinstance(file, PassedOver):
            yield file
        elif not is_meta_of(file.name, owners):
            reason = _why_skip(file, path)
            if reason is None:
                yield from _entry(file, named=False)
            else:
                there = os.path.realpath(file) if file.exists() else None
                yield PassedOver(str(file), reason, there)


def _entry(path: Path, *, named: bool) -> Iterator[Source | PassedOver]:
    identity = os.path.realpath(path)
    if is_archive(path):
        yield from _members(path, identity)
    elif named and path.name.endswith(META_SUFFIX):
        yield PassedOver(str(path), "metadata, not a transcript", identity)
    elif not is_text(identity):
        yield PassedOver(str(path), NO_TEXT, None)
    else:
        yield Source(str(path), identity, _size(path), path)


def _walk(folder: Path) -> Iterator[tuple[Path | PassedOver, Container[str]]]:
    """Files below the folder in a fixed order, each with what metadata beside it is called after.

    A folder that cannot be read is a failure.
    """
    unread: list[PassedOver] = []

    def failed(error: OSError) -> None:
        reason = f"cannot be read: {(error.strerror or str(error)).lower()}"
        name = str(error.filename)
        unread.append(PassedOver(name, reason, os.path.realpath(name), failed=True))

    for parent, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        owners = owners_of_meta(names)[""]
        for name in sorted(names):
            yield Path(parent) / name, owners
    for one in unread:
        yield one, ()


def _why_skip(file: Path, root: Path) -> str | None:
    if (reason := why_skip_name(file.name, archives=True)) is not None:
        return reason
    if file.is_symlink():
        try:
            inside = file.resolve(strict=True).is_relative_to(root.resolve())
        except (OSError, RuntimeError):
            return "a link that leads nowhere"
        if not inside:
            return "a link out of the folder"
    if not file.is_file():
        return "not a file"
    if _size(file) > MAX_FILE_BYTES and file.suffix.lower() != ".zip":
        return f"over {MAX_FILE_BYTES >> 20} MiB: split it"
    return None


def _members(path: Path, real: str) -> Iterator[Source | PassedOver]:
    """The transcripts in a zip. An archive that cannot be read is a failure."""
    archive = Archive(path)
    try:
        if not path.is_file():
            raise TranscriptError(path, "is no file")
        members = archive.members()
    except TranscriptError as error:
        yield PassedOver(str(path), error.reason, real, failed=True)
        return
    owners = owners_of_meta(info.filename for info in members)
    # Of two members of one name the last is the one that is found by it.
    for name, info in sorted({info.filename: info for info in members}.items()):
        folder, _, own = name.rpartition("/")
        if is_hidden(folder) or is_meta_of(own, owners[folder]):
            continue
        shown, identity = f"{path}{INSIDE}{name}", f"{real}{INSIDE}{name}"
        reason = why_odd(name) or why_skip_name(own, archives=False)
        if reason := reason or why_not_read(info, MAX_FILE_BYTES):
            yield PassedOver(shown, reason, identity)
        else:
            yield Source(shown, identity, info.file_size, path, name, archive)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
