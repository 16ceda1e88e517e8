"""What the model made of a library's passages: vectors by the hash of what was embedded.

Knows hashes and vectors, and which model the library is tied to; knows nothing of transcripts.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.database import Database
from indexer.errors import LibraryError, ModelMismatch, NotFound
from indexer.packing import pack, unpack, unpacked
from models.embedder import Embedder, Embeddings, Vectors

VECTORS_PER_CHUNK = 4096


class EmbeddingStore(Database):
    """The embeddings in a library's database; see `Database` for threads and transactions."""

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
            self.put(connection, hashes, embeddings)

    def put(
        self, connection: sqlite3.Connection, hashes: Sequence[bytes], embeddings: Embeddings
    ) -> None:
        """As `store_embeddings`, in the caller's transaction."""
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
        return _embeddings(self._blobs(rowids), self._bound()[1])

    def cosines(
        self, rowids: Sequence[int], query: Vectors
    ) -> tuple[Vectors, list[tuple[float, ...]]]:
        """Cosines with the (dimension,) query: (n,) of the wholes, and those of each's sentences.

        Rounded to six digits, so that equal texts tie whatever the order of the sums.
        """
        blobs, dimension = self._blobs(rowids), self._bound()[1]
        wholes = np.round(_matrix([vector for vector, _ in blobs], dimension) @ query, 6)
        sentences = [sentences for _, sentences in blobs]
        found = np.round(unpacked(sentences, dimension) @ query, 6).tolist()
        ends = list(accumulate((len(one) // dimension for one in sentences), initial=0))
        return wholes, [tuple(found[start:end]) for start, end in pairwise(ends)]

    def _blobs(self, rowids: Sequence[int]) -> "list[_Blobs]":
        model, _ = self._bound()
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
        return [found[rowid] for rowid in rowids]

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
