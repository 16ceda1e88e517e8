"""The library on disk: a folder whose `library.db` is the truth about every transcript in it.

Reads and writes transcripts, passages and embeddings, each change in one transaction; knows
nothing of parsing, of models beyond their fingerprint, or of searching. What is derived from the
database (vectors.faiss, words) belongs to `indexer.live` and `indexer.words`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import records, schema, spoken
from indexer.embeddings import EmbeddingStore
from indexer.errors import LibraryError, NotFound
from indexer.known import check_text
from indexer.passages import embedding_hash, excerpt
from indexer.records import SourceFile, SpeakerSummary, Stats, TranscriptSummary
from indexer.spoken import Stretch
from indexer.transcript import Passage, Transcript, Turn
from models.embedder import Embeddings

PAGE = 500


class State(NamedTuple):
    """Which state of what can be found: `generation` counts, `token` is unique to the state."""

    generation: int
    token: str


class Library(EmbeddingStore):
    """A library of transcripts; see `Database` for threads, processes and transactions."""

    # Changes

    def add(
        self,
        transcript: Transcript,
        passages: Sequence[Passage],
        embeddings: Embeddings,
        source: SourceFile,
    ) -> None:
        """Puts the transcript in place of what was indexed from the same source before.

        `embeddings` are those of the passages. All of it is committed when the call returns, or
        none of it. Raises LibraryError where the id belongs to another source (see `free_id`).
        """
        hashes = [embedding_hash(excerpt(passage)) for passage in passages]
        with self.write() as connection:
            owner = connection.execute(
                "SELECT path FROM transcripts WHERE id = ?", (transcript.id,)
            ).fetchone()
            if owner and owner[0] != source.path:
                raise LibraryError(
                    f"{source.path}: {transcript.id} is the id of {owner[0]}, take another one"
                )
            before = records.hashes_of(connection, "path = ?", source.path)
            connection.execute("DELETE FROM transcripts WHERE path = ?", (source.path,))
            self.put(connection, hashes, embeddings)
            records.insert(connection, transcript, passages, hashes, source)
            self._changed(connection, before)

    def delete(self, transcript_id: str) -> None:
        """Removes a transcript with all that was made of it; raises NotFound."""
        check_text("the id", transcript_id)
        with self.write() as connection:
            before = records.hashes_of(connection, "id = ?", transcript_id)
            deleted = connection.execute("DELETE FROM transcripts WHERE id = ?", (transcript_id,))
            if not deleted.rowcount:
                raise NotFound(f"no transcript {transcript_id!r} in this library")
            self._changed(connection, before)

    @staticmethod
    def _changed(connection: sqlite3.Connection, before: Iterable[bytes]) -> None:
        connection.executemany(
            "DELETE FROM embeddings WHERE hash = :hash "
            "AND NOT EXISTS (SELECT 1 FROM passages WHERE hash = :hash)",
            ({"hash": hash_} for hash_ in before),
        )
        records.changed(connection)

    # What is in it

    def state(self) -> State:
        """The present state; two equal ones hold the same passages and names of speakers."""
        with self.read() as connection:
            return State(*connection.execute("SELECT generation, state FROM meta").fetchone())

    def was(self, state: State) -> bool:
        """Whether the library has ever been in that state, the present one included."""
        seen = "SELECT 1 FROM states WHERE generation = ? AND state = ?"
        with self.read() as connection:
            if connection.execute(seen, state).fetchone():
                return True
        # Another process may have gone on since this thread began to read.
        with self._translated(), closing(schema.connect(self.database)) as present:
            return present.execute(seen, state).fetchone() is not None

    def removed_since(self, generation: int) -> NDArray[np.int64]:
        """Rowids of the passages that were removed after that generation, (n,)."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT passage FROM removed WHERE generation > ?", (generation,)
            )
            return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def rowids(self) -> NDArray[np.int64]:
        """Rowids of all passages, (n,) ascending."""
        with self.read() as connection:
            rows = connection.execute("SELECT rowid FROM passages ORDER BY rowid")
            return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def free_id(self, stem: str, source: Path | str) -> str:
        """The id for a file: that which its path has, else a slug of its stem that is free.

        Where another source has the slug, six hex digits of the path's sha256 follow it.
        """
        with self.read() as connection:
            return records.free_id(connection, stem, str(source))

    def source_state(self, path: Path | str) -> SourceFile | None:
        """What was indexed from the absolute path, None where nothing was."""
        with self.read() as connection:
            row = connection.execute(
                "SELECT path, sha256, size, parser FROM transcripts WHERE path = ?", (str(path),)
            ).fetchone()
        return SourceFile(*row) if row else None

    def transcripts(self, after: str = "") -> Iterator[TranscriptSummary]:
        """Summaries in the order of their ids, those that come after the id `after`."""
        while True:
            with self.read() as connection:
                page = records.summaries(connection, after, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].id

    def transcript(self, transcript_id: str) -> Transcript:
        """The whole transcript, merged speakers by the name that is shown; raises NotFound."""
        check_text("the id", transcript_id)
        with self.read() as connection:
            found = spoken.transcript(connection, transcript_id)
        if found is None:
            raise NotFound(f"no transcript {transcript_id!r} in this library")
        return found

    def stretches(self, wanted: Iterable[Stretch]) -> dict[Stretch, Turn]:
        """Turns with no more than the paragraphs that are wanted; those that exist."""
        with self.read() as connection:
            return spoken.stretches(connection, wanted)

    def speakers(self, limit: int = 1000) -> list[SpeakerSummary]:
        """Who speaks, those with the most turns first.

        Names that differ in case are one, and so are those that were merged (see `aliases`).
        """
        with self.read() as connection:
            return records.speakers(connection, limit)

    def passage(self, passage_id: str) -> Passage:
        """The passage of that id; raises NotFound."""
        check_text("the id", passage_id)
        with self.read() as connection:
            found = records.passages(connection, "p.id = ?", passage_id)
        if not found:
            raise NotFound(f"no passage {passage_id!r} in this library")
        return next(iter(found.values()))

    def passages(self, rowids: Sequence[int]) -> dict[int, Passage]:
        """Those of the passages that exist, by rowid."""
        with self.read() as connection:
            wanted = "p.rowid IN (SELECT value FROM json_each(?))"
            return records.passages(connection, wanted, json.dumps(list(rowids)))

    def text(self, rowid: int) -> str:
        """The words of a passage; raises NotFound."""
        with self.read() as connection:
            found = connection.execute(
                "SELECT text FROM passages WHERE rowid = ?", (rowid,)
            ).fetchone()
        if found is None:
            raise NotFound(f"{self.folder} has no passage of the rowid {rowid}")
        return str(found[0])

    def stats(self) -> Stats:
        """Counts of everything, of one state."""
        with self.read() as connection:
            return records.stats(connection)
