"""Files → library: finds, parses, splits, embeds and stores, one transcript at a time.

A bad file is reported and the rest goes on. Every step is committed as it is done, so a run that
was broken off goes on where it was. Prints nothing: `Progress` is told what happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from indexer.errors import TranscriptError
from indexer.formats import PARSER_VERSION
from indexer.library import Library
from indexer.live import LiveVectors
from indexer.passages import SPLITTER_VERSION, embedding_hash, excerpt, split
from indexer.records import SourceFile
from indexer.sources import (
    PassedOver,
    Source,
    find_sources,
    is_archive,
    kept_open,
    lies_under,
    parse_source,
)
from indexer.transcript import Passage
from indexer.words import LiveWords
from models.embedder import Embedder, Embeddings

PARSER = f"parser {PARSER_VERSION}, passages {SPLITTER_VERSION}"
EMBED_BATCH = 256


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


def index_paths(
    library: Library,
    embedder: Embedder,
    paths: Sequence[Path],
    progress: Progress,
    *,
    prune: bool = False,
    format_name: str | None = None,
) -> list[Outcome]:
    """Brings the library up to date with the files under `paths`.

    Unchanged files are skipped, changed ones replaced; with `prune`, transcripts whose files
    vanished from under `paths` are removed. With `format_name` all paths are files of that format.
    """
    sources, passed_over = find_sources(paths, files_only=format_name is not None)
    outcomes = [_passed_over(one) for one in passed_over]
    progress.started(sum(source.size for source in sources))
    for source in kept_open(sources):
        try:
            outcome = _index_source(library, embedder, source, format_name, progress)
        except TranscriptError as error:
            outcome = Outcome(source.shown, Status.FAILED, reason=str(error))
        outcomes.append(outcome)
        progress.done(outcome, source.size)
    if prune:
        outcomes.extend(_prune(library, paths, sources, passed_over))
    library.compact()
    LiveVectors(library).save()
    with library.read() as connection:
        LiveWords(library).at(connection)
    return outcomes


def _passed_over(one: PassedOver) -> Outcome:
    if one.failed:
        return Outcome(one.shown, Status.FAILED, reason=f"{one.shown}: {one.reason}")
    return Outcome(one.shown, Status.SKIPPED, reason=one.reason)


def _index_source(
    library: Library,
    embedder: Embedder,
    source: Source,
    format_name: str | None,
    progress: Progress,
) -> Outcome:
    data = source.read()
    meta = source.read_meta()
    # All but the bytes that makes the parse what it is: the same file may be read otherwise now.
    parser = PARSER
    if format_name:
        parser += f", as {format_name}"
    if meta:
        parser += f", metadata {sha256(meta[1]).hexdigest()}"
    file = SourceFile(source.identity, sha256(data).hexdigest(), len(data), parser)
    if library.source_state(source.identity) == file:
        return Outcome(source.shown, Status.UNCHANGED)
    parsed = parse_source(source, data, meta, format_name)
    free_id = library.free_id(Path(source.name).stem, source.identity)
    transcript = replace(parsed.transcript, id=free_id)
    passages = split(transcript, embedder)
    library.add(transcript, passages, _embed(library, embedder, passages, progress), file)
    return Outcome(
        source.shown, Status.INDEXED, free_id, len(passages), warnings=tuple(parsed.warnings)
    )


def _embed(
    library: Library, embedder: Embedder, passages: Sequence[Passage], progress: Progress
) -> Embeddings:
    """The passages' embeddings; what an earlier run embedded is not done again."""
    excerpts = [excerpt(passage) for passage in passages]
    hashes = [embedding_hash(embedded) for embedded in excerpts]
    by_hash = dict(zip(hashes, excerpts, strict=True))
    missing = library.missing_embeddings(by_hash)
    todo = [hash_ for hash_ in by_hash if hash_ in missing]
    for start in range(0, len(todo), EMBED_BATCH):
        batch = todo[start : start + EMBED_BATCH]
        library.store_embeddings(batch, embedder.embed_excerpts([by_hash[one] for one in batch]))
        progress.embedded(len(batch))
    return library.embeddings(hashes)


def _prune(
    library: Library,
    paths: Sequence[Path],
    sources: Sequence[Source],
    passed_over: Sequence[PassedOver],
) -> list[Outcome]:
    """Removes what vanished from under `paths`; what is there but was not read has not vanished."""
    present = {source.identity for source in sources}
    present |= {one.identity for one in passed_over if one.identity and not one.failed}
    unread = [Path(one.identity) for one in passed_over if one.identity and one.failed]
    roots = [path.resolve() for path in paths if path.is_dir() or is_archive(path)]
    gone = [
        summary
        for summary in library.transcripts()
        if summary.path not in present
        and any(lies_under(summary.path, root) for root in roots)
        and not any(lies_under(summary.path, root) for root in unread)
    ]
    for summary in gone:
        library.delete(summary.id)
    return [Outcome(summary.path, Status.REMOVED, summary.id) for summary in gone]
