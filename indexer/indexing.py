"""Files → library: walks, parses, splits, embeds and stores, one transcript at a time.

A bad file is reported and the rest goes on. Every step is committed as it is done, so a run that
was broken off goes on where it was. Prints nothing: `Progress` is told what happens.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np

from indexer.errors import TranscriptError
from indexer.formats import FORMATS, PARSER_VERSION, parse, read_file
from indexer.library import Library
from indexer.live import LiveVectors
from indexer.passages import SPLITTER_VERSION, embedding_hash, embedding_text, split
from indexer.records import SourceFile
from indexer.transcript import Passage
from models.embedder import Embedder, Vectors

PARSER = f"parser {PARSER_VERSION}, passages {SPLITTER_VERSION}"
EMBED_BATCH = 256
# What a folder of transcripts holds beside them.
_NOT_TRANSCRIPTS = frozenset("readme license licence changelog contributing sources".split())


class Status(StrEnum):
    """What became of a file."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file; `reason` says why it failed or was skipped."""

    path: str
    status: Status
    transcript_id: str | None = None
    passages: int = 0
    reason: str | None = None
    warnings: tuple[str, ...] = ()


class Progress(Protocol):
    """Is told how a run goes on."""

    def started(self, total_bytes: int) -> None:
        """The size of all files that will be looked at."""
        ...

    def embedded(self, passages: int) -> None:
        """So many more passages have their vectors."""
        ...

    def done(self, outcome: Outcome, file_bytes: int) -> None:
        """One file, of that size, is dealt with."""
        ...


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Outcome]]:
    """Transcript files under the paths in a fixed order, and what was passed over and why.

    A path given by name is taken as it is; in a folder hidden files, files of unknown formats
    and links out of the folder are skipped. Raises TranscriptError for a path that is not there.
    """
    files: dict[Path, None] = {}
    passed_over: list[Outcome] = []
    for path in paths:
        if not os.path.lexists(path):
            raise TranscriptError(path, "there is no such file or folder")
        if not path.is_dir():
            files[path] = None
            continue
        for file in _walk(path, passed_over):
            reason = _why_skip(file, path)
            if reason is None:
                files[file] = None
            else:
                passed_over.append(Outcome(str(file), Status.SKIPPED, reason=reason))
    return list(files), passed_over


def _walk(folder: Path, passed_over: list[Outcome]) -> Iterator[Path]:
    """Files below the folder in a fixed order; a folder that cannot be read is a failure."""

    def failed(error: OSError) -> None:
        reason = f"{error.filename}: cannot be read: {(error.strerror or str(error)).lower()}"
        passed_over.append(Outcome(str(error.filename), Status.FAILED, reason=reason))

    for parent, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(names))


def _why_skip(file: Path, root: Path) -> str | None:
    if not _is_text(file.name):
        return "its name is not text that can be written down"
    if file.name.startswith("."):
        return "hidden"
    if not any(file.suffix.lower() in one.suffixes for one in FORMATS.values()):
        return "format not known"
    if file.stem.casefold() in _NOT_TRANSCRIPTS:
        return "not a transcript, by its name"
    if file.is_symlink():
        try:
            inside = file.resolve(strict=True).is_relative_to(root.resolve())
        except (OSError, RuntimeError):
            return "a link that leads nowhere"
        if not inside:
            return "a link out of the folder"
    return None if file.is_file() else "not a file"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def index_paths(
    library: Library,
    embedder: Embedder,
    paths: Sequence[Path],
    progress: Progress,
    *,
    prune: bool = False,
) -> list[Outcome]:
    """Brings the library up to date with the files under `paths`.

    Unchanged files are skipped, changed ones replaced; with `prune`, transcripts whose files
    vanished from under `paths` are removed.
    """
    files, outcomes = find_files(paths)
    unread = [Path(one.path).resolve() for one in outcomes if one.status is Status.FAILED]
    sizes = {file: _size(file) for file in files}
    progress.started(sum(sizes.values()))
    for file in files:
        try:
            outcome = _index_file(library, embedder, file, progress)
        except TranscriptError as error:
            outcome = Outcome(str(file), Status.FAILED, reason=str(error))
        outcomes.append(outcome)
        progress.done(outcome, sizes[file])
    if prune:
        present = {str(file.resolve()) for file in files}
        outcomes.extend(_prune(library, paths, present, unread))
    library.compact()
    LiveVectors(library).save()
    return outcomes


def _index_file(library: Library, embedder: Embedder, file: Path, progress: Progress) -> Outcome:
    data = read_file(file)
    path = str(file.resolve())
    source = SourceFile(path, sha256(data).hexdigest(), len(data), PARSER)
    if library.source_state(path) == source:
        return Outcome(str(file), Status.UNCHANGED)
    parsed = parse(data, file)
    transcript = replace(parsed.transcript, id=library.free_id(file.stem, path))
    passages = split(transcript, embedder)
    library.add(transcript, passages, _embed(library, embedder, passages, progress), source)
    return Outcome(
        str(file), Status.INDEXED, transcript.id, len(passages), warnings=tuple(parsed.warnings)
    )


def _embed(
    library: Library, embedder: Embedder, passages: Sequence[Passage], progress: Progress
) -> Vectors:
    """(n, dimension) float32 for the passages; what an earlier run embedded is not done again."""
    hashes = [embedding_hash(passage) for passage in passages]
    texts = dict(zip(hashes, (embedding_text(passage) for passage in passages), strict=True))
    missing = library.missing_embeddings(texts)
    todo = [hash_ for hash_ in texts if hash_ in missing]
    for start in range(0, len(todo), EMBED_BATCH):
        batch = todo[start : start + EMBED_BATCH]
        library.store_embeddings(batch, embedder.embed_passages([texts[hash_] for hash_ in batch]))
        progress.embedded(len(batch))
    if not hashes:
        return np.zeros((0, embedder.dimension), dtype=np.float32)
    return library.embeddings(hashes)


def _prune(
    library: Library, paths: Sequence[Path], present: set[str], unread: Sequence[Path]
) -> list[Outcome]:
    """Removes what vanished from under `paths`; what lies in an unread folder has not."""
    roots = [path.resolve() for path in paths if path.is_dir()]
    gone = [
        summary
        for summary in library.transcripts()
        if summary.path not in present
        and any(Path(summary.path).is_relative_to(root) for root in roots)
        and not any(Path(summary.path).is_relative_to(folder) for folder in unread)
    ]
    for summary in gone:
        library.delete(summary.id)
    return [Outcome(summary.path, Status.REMOVED, summary.id) for summary in gone]
