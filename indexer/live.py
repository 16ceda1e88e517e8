"""The vectors of a library in memory, kept in step with its database by every process.

Loads them from `vectors.faiss` where the manifest vouches for the file, else from the database;
saves them when told to. Knows nothing of questions or scores.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from indexer import manifest, schema
from indexer.errors import LibraryError
from indexer.library import Library, State
from indexer.manifest import Manifest
from indexer.vectors import FaissStore, VectorStore

VECTORS = "vectors.faiss"


class LiveVectors:
    """A vector store that follows its library; usable from several threads, one at a time."""

    def __init__(self, library: Library) -> None:
        """Raises LibraryError where passages lack embeddings or no model is bound."""
        self.library = library
        self._lock = threading.RLock()
        self._file = library.folder / VECTORS
        self._state: State | None = None
        with library.read():
            self._store: VectorStore = self._load() or FaissStore(library.dimension)
            self._follow()

    @contextmanager
    def in_step(self) -> Iterator[VectorStore]:
        """The vectors of the state that `library.read()` shows here; nobody else uses them now.

        In a block that read something before, that may be an older state than other threads have
        seen: its vectors are then read from the database, and slowly.
        """
        with self._lock:
            yield self._follow()

    def save(self) -> None:
        """Writes vectors.faiss and manifest.json; a crash at any instant leaves them usable.

        Holds the database's write lock, so that one process saves at a time and the state that
        the manifest names cannot change meanwhile.
        """
        with self._lock, self.library.write():
            self._follow()
            state, stats = self.library.state(), self.library.stats()
            manifest.replace(self._file, self._store.save)
            manifest.write(
                self.library.folder,
                Manifest(
                    format=schema.FORMAT,
                    model=stats.model or "",
                    dimension=self.library.dimension,
                    transcripts=stats.transcripts,
                    passages=stats.passages,
                    generation=state.generation,
                    state=state.token,
                    vectors_sha256=manifest.checksum(self._file),
                ),
            )

    def _load(self) -> FaissStore | None:
        """The saved store, or None where it is missing, damaged or of another state."""
        written = manifest.read(self.library.folder)
        state = self.library.state()
        if written is None or (written.format, written.state) != (schema.FORMAT, state.token):
            return None
        try:
            if manifest.checksum(self._file) != written.vectors_sha256:
                return None
            store = FaissStore.load(self._file, self.library.dimension)
        except (OSError, LibraryError):
            return None
        if not np.array_equal(np.sort(store.ids), self.library.rowids()):
            return None
        self._state = state
        return store

    def _follow(self) -> VectorStore:
        """Applies to the store what was added to and deleted from the database."""
        with self.library.read():
            state = self.library.state()
            # A reader of an older state must not take the store back.
            if self._state is not None and state.generation <= self._state.generation:
                return self._store if state == self._state else self._read()
            rowids, ids = self.library.rowids(), self._store.ids
            self._store.remove(np.setdiff1d(ids, rowids))
            # Rowids are never given again: what is new is greater than all that was seen.
            for new_ids, vectors in self.library.vectors_after(int(ids.max(initial=0))):
                self._store.add(new_ids, vectors)
            held = len(self._store.ids)
            if held != len(rowids):
                raise LibraryError(
                    f"{self.library.folder}: the index holds {held} vectors, the database "
                    f"{len(rowids)} passages: index the transcripts again"
                )
            self._state = state
            return self._store

    def _read(self) -> FaissStore:
        store = FaissStore(self.library.dimension)
        for ids, vectors in self.library.vectors_after(0):
            store.add(ids, vectors)
        return store
