"""The library on disk: a folder whose `library.db` is the truth about every transcript in it.

Reads and writes transcripts, passages and embeddings, each change in one transaction; knows
nothing of parsing, of models beyond their fingerprint, or of searching. What is derived from the
database (vectors.faiss, manifest.json) belongs to `indexer.live`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import records
from indexer.database import Database
from indexer.errors import LibraryError, ModelMismatch, NotFound
from indexer.known import check_text
from indexer.packing import pack, unpack
from indexer.passages import embedding_hash, excerpt
from indexer.records import SourceFile, SpeakerSummary, Stats, TranscriptSummary
from indexer.transcript import Passage, Transcript
from models.embedder import Embedder, Embeddings, Vectors

PAGE = 500
VECTORS_PER_CHUNK = 4096


class State(NamedTuple):
    """Which state of what can be found: `generation` counts, `token` is unique to the state."""

    generation: int
    token: str


class Library(Database):
    """A library of transcripts; see `Database` for threads, processes and transactions."""

    # The model

    def bind(self, embedder: Embedder) -> None:
        """Ties a new library to the embedder; raises ModelMismatch where it has another one."""
        if self.model is None:
            with self.write() as connection:
                connection.execute(
                    "UPDATE meta SET model = ?, dimension = ? WHERE model IS NULL",
                    (embedder.fingerprint, embedder.dimension),
                )
        model, dimension = self._bound()
        if (model, dimension) != (embedder.fingerprint, embedder.dimension):
            raise ModelMismatch(
                f"{model} ({dimension} dimensions)",
                f"{embedder.fingerprint} ({embedder.dimension} dimensions)",
            )

    @property
    def model(self) -> str | None:
        """Fingerprint of the embedder that the library is tied to, None before the first."""
        with self.read() as connection:
            fingerprint: str | None = connection.execute("SELECT model FROM meta").fetchone()[0]
            return fingerprint

    @property
    def dimension(self) -> int:
        """Length of the vectors. Raises LibraryError where no model is bound yet."""
        return self._bound()[1]

    def _bound(self) -> tuple[str, int]:
        with self.read() as connection:
            model, dimension = connection.execute("SELECT model, dimension FROM meta").fetchone()
        if model is None:
            raise LibraryError(f"{self.folder} has no model yet: nothing was indexed into it")
        return model, dimension

    # Embeddings

    def missing_embeddings(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Those of the hashes (see `passages.embedding_hash`) that have no vector yet."""
        wanted = set(hashes)
        with self.read() as connection:
            return wanted - {
                found for found in wanted if _embedding(connection, self._bound()[0], found)
            }

    def store_embeddings(self, hashes: Sequence[bytes], embeddings: Embeddings) -> None:
        """Keeps n excerpts' embeddings by hash, in one transaction; a known hash stays.

        Sentences are kept in 8 bits a component, which moves a cosine by
        less than 0.005 as a rule (0.002 with the default model).
        """
        with self.write() as connection:
            self._store(connection, hashes, embeddings)

    def _store(
        self, connection: sqlite3.Connection, hashes: Sequence[bytes], embeddings: Embeddings
    ) -> None:
        model, dimension = self._bound()
        vectors = embeddings.vectors
        if vectors.shape != (len(hashes), dimension):
            raise ValueError(f"{len(hashes)} texts of {dimension} dimensions, got {vectors.shape}")
        rows = np.concatenate([vectors, *embeddings.sentences])
        if not np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3):
            raise ValueError("a vector's norm is not 1")
        connection.executemany(
            "INSERT OR IGNORE INTO embeddings (model, hash, vector, sentences) VALUES (?, ?, ?, ?)",
            (
                (model, hash_, row.astype("<f4").tobytes(), pack(sentences))
                for hash_, row, sentences in zip(hashes, *embeddings, strict=True)
            ),
        )

    def embeddings(self, hashes: Sequence[bytes]) -> Embeddings:
        """The hashes' embeddings; raises LibraryError where one lacks."""
        with self.read() as connection:
            model, dimension = self._bound()
            found = [_embedding(connection, model, hash_) for hash_ in hashes]
        if None in found:
            raise LibraryError(
                f"{self.folder}: {found.count(None)} of {len(found)} texts are not embedded: "
                "index them again"
            )
        return _embeddings([row for row in found if row is not None], dimension)

    def compact(self, unused_for_s: int = 86_400) -> int:
        """Drops embeddings that no passage uses, as an abandoned run leaves; returns how many.

        Younger ones than `unused_for_s` stay: another process may be about to use them.
        """
        with self.write() as connection:
            return connection.execute(
                "DELETE FROM embeddings WHERE stored_s <= unixepoch() - ? "
                "AND NOT EXISTS (SELECT 1 FROM passages WHERE hash = embeddings.hash)",
                (unused_for_s,),
            ).rowcount

    def embeddings_of(self, rowids: Sequence[int]) -> Embeddings:
        """Embeddings of the passages; raises NotFound where one lacks."""
        model, dimension = self._bound()
        with self.read() as connection:
            found = {
                rowid: (vector, sentences)
                for rowid, vector, sentences in connection.execute(
                    "SELECT p.rowid, e.vector, e.sentences FROM passages p CROSS JOIN embeddings e "
                    "ON e.model = ? AND e.hash = p.hash "
                    "WHERE p.rowid IN (SELECT value FROM json_each(?))",
                    (model, json.dumps(list(rowids))),
                )
            }
        if missing := set(rowids) - found.keys():
            raise NotFound(f"{self.folder} has no passages of the rowids {sorted(missing)[:5]}")
        return _embeddings([found[rowid] for rowid in rowids], dimension)

    def vectors_after(self, rowid: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Passages with a greater rowid, in order: chunks of (n,) rowids and (n, dimension) rows.

        Iterate inside one `read()` block, or the chunks may be of different states.
        """
        model, dimension = self._bound()
        while True:
            with self.read() as connection:
                rows = connection.execute(
                    "SELECT p.rowid, e.vector FROM passages p CROSS JOIN embeddings e "
                    "ON e.model = ? AND e.hash = p.hash WHERE p.rowid > ? ORDER BY p.rowid LIMIT ?",
                    (model, rowid, VECTORS_PER_CHUNK),
                ).fetchall()
            if not rows:
                return
            rowid = rows[-1][0]
            ids = np.array([row[0] for row in rows], dtype=np.int64)
            yield ids, _matrix([row[1] for row in rows], dimension)

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
            self._store(connection, hashes, embeddings)
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
            found = records.transcript(connection, transcript_id)
        if found is None:
            raise NotFound(f"no transcript {transcript_id!r} in this library")
        return found

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

    def stats(self) -> Stats:
        """Counts of everything, of one state."""
        with self.read() as connection:
            return records.stats(connection)


_Blobs = tuple[bytes, bytes]


def _embedding(connection: sqlite3.Connection, model: str, hash_: bytes) -> _Blobs | None:
    row: _Blobs | None = connection.execute(
        "SELECT vector, sentences FROM embeddings WHERE model = ? AND hash = ?", (model, hash_)
    ).fetchone()
    return row


def _embeddings(blobs: Sequence[_Blobs], dimension: int) -> Embeddings:
    vectors = _matrix([vector for vector, _ in blobs], dimension)
    return Embeddings(vectors, unpack([sentences for _, sentences in blobs], dimension))


def _matrix(blobs: Sequence[bytes], dimension: int) -> Vectors:
    if any(len(blob) != 4 * dimension for blob in blobs):
        raise LibraryError(f"an embedding is not of {dimension} dimensions: index again")
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(-1, dimension).astype(np.float32)
