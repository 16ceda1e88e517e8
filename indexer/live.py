"""The vectors of a library in memory, kept in step with its database by every process.

Loads them from `vectors.faiss` where the manifest vouches for the file, else from the database;
saves them when told to. Knows nothing of questions or scores.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from indexer import manifest, schema, stores
from indexer.errors import LibraryError
from indexer.library import Library, State
from indexer.manifest import Manifest
from indexer.vectors import Description, VectorStore

VECTORS = "vectors.faiss"
# A file of more passages is left as it is while fewer than this share of them came and went:
# it is then cheaper for those who open it to go on from there than to write it anew each time.
REWRITE_ALWAYS = 10_000
REWRITE_SHARE = 0.02


class LiveVectors:
    """A vector store that follows its library; several threads may search it at once."""

    def __init__(self, library: Library) -> None:
        """Raises LibraryError where passages lack embeddings or no model is bound."""
        self.library = library
        self._file = library.folder / VECTORS
        # Who holds it knows that the store will not change, or changes it: see `_alone`.
        self._gate = threading.Lock()
        self._searching = 0
        self._done = threading.Condition()
        # The state of which the file was that the store was loaded from or saved to.
        self._saved: State | None = None
        with library.read():
            if (loaded := self._load(_vouched(self.library))) is None:
                self._store, self._state = self._make()
            else:
                self._store, self._state = loaded
                self._follow()

    @property
    def description(self) -> Description:
        """Kind and parameters of the store, and the recall that was measured."""
        return self._store.description

    @property
    def state(self) -> State:
        """Which state the vectors are of; within `in_step` it stays so."""
        return self._state

    @contextmanager
    def in_step(self) -> Iterator[VectorStore]:
        """The vectors of the state that `library.read()` shows here; they stay so in the block.

        Only in a block that read something before may they be of a later state, which another
        thread has seen. Several threads may be within at once, so do not change the store. Not to
        be nested: the inner one could wait for the outer one to end.
        """
        with self._gate:
            # The state is read within: nobody can take the store further in between.
            store = self._follow()
            with self._done:
                self._searching += 1
        try:
            yield store
        finally:
            with self._done:
                self._searching -= 1
                self._done.notify_all()

    def save(self) -> None:
        """Writes vectors.faiss and manifest.json; a crash at any instant leaves them usable.

        Where the library has outgrown its kind of store, or its lists, makes another one first:
        that takes minutes for millions of passages, in which others may search and write. Holds the
        database's write lock while it writes, so that one process saves at a time and the state
        that the manifest names cannot change meanwhile. Leaves a large file as it is where hardly
        anything has changed since.
        """
        self._suit()
        with self.library.write(), self.in_step() as store:
            state = self.library.state()
            if self._is_near(store):
                return
            stats = self.library.stats()
            manifest.replace(self._file, store.save)
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
                    vectors=store.description,
                ),
            )
            self._saved = state

    def _suit(self) -> None:
        """Puts a store of the right kind in place of one that does not suit any more."""
        with self.library.read():
            with self.in_step() as store:
                if stores.suits(store.description, len(store.ids)):
                    return
            made = self._make()
        with self._gate:
            self._store, self._state = made
            self._saved = None

    def _is_near(self, store: VectorStore) -> bool:
        """Whether the file is a large one that has nearly all of the store."""
        written = _vouched(self.library)
        if (
            written is None
            or len(store.ids) <= REWRITE_ALWAYS
            or self._saved != State(written.generation, written.state)
            or not self._file.exists()
        ):
            return False
        gone = len(self.library.removed_since(written.generation))
        come = len(store.ids) - (written.passages - gone)
        return gone + come < REWRITE_SHARE * len(store.ids)

    def _load(self, written: Manifest | None) -> tuple[VectorStore, State] | None:
        """The saved store with its state, or None where it is missing or damaged."""
        if written is None:
            return None
        try:
            before = self._file.stat()
            if manifest.checksum(self._file) != written.vectors_sha256:
                return None
            store = stores.load(self._file, written.dimension, written.vectors)
            if not os.path.samestat(before, self._file.stat()):
                return None  # replaced meanwhile: what was loaded is not what was checked
        except (OSError, LibraryError):
            return None
        if len(store.ids) != written.passages:
            return None
        self._saved = State(written.generation, written.state)
        return store, self._saved

    def _make(self) -> tuple[VectorStore, State]:
        """A store of what the database holds."""
        with self.library.read():
            state, count = self.library.state(), self._count()
            store = stores.make(
                lambda: self.library.vectors_after(0), count, self.library.dimension
            )
            self._check(store, count)
            return store, state

    def _follow(self) -> VectorStore:
        """Applies to the store what was added to and deleted from the database."""
        with self.library.read():
            state = self.library.state()
            if state == self._state:
                return self._store
            if not self.library.was(self._state):
                # The database was put back from a copy, and has gone on otherwise since.
                self._store, self._state = self._make()
                self._saved = None
            elif state.generation > self._state.generation:
                self._bring_up(state)
            return self._store

    def _bring_up(self, state: State) -> None:
        count = self._count()
        self._alone()
        if not stores.suits(self._store.description, count):
            written = _vouched(self.library)
            # Another process may have made what suits.
            if written and stores.suits(written.vectors, count) and (saved := self._load(written)):
                self._store, self._state = saved
        if self._state.generation >= state.generation:
            return
        self._store.remove(self.library.removed_since(self._state.generation))
        # Rowids are never given again: what is new is greater than all that was seen.
        last = int(self._store.ids[-1]) if len(self._store.ids) else 0
        for ids, vectors in self.library.vectors_after(last):
            self._store.add(ids, vectors)
        self._check(self._store, count)
        self._state = state

    def _alone(self) -> None:
        """Waits until nobody searches; nobody can begin to, since this thread holds the gate."""
        with self._done:
            self._done.wait_for(lambda: not self._searching)

    def _count(self) -> int:
        with self.library.read() as connection:
            return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def _check(self, store: VectorStore, count: int) -> None:
        if len(store.ids) != count:
            raise LibraryError(
                f"{self.library.folder}: the index holds {len(store.ids)} vectors, the database "
                f"{count} passages: index the transcripts again"
            )


def describe(library: Library) -> Description | None:
    """What the library's vector file says of itself; None where there is none that can be used."""
    written = _vouched(library)
    return written.vectors if written and (library.folder / VECTORS).exists() else None


def _vouched(library: Library) -> Manifest | None:
    """The manifest, where it is of this library as it is or once was."""
    written = manifest.read(library.folder)
    if (
        written is None
        or (written.format, written.model) != (schema.FORMAT, library.model)
        or written.dimension != library.dimension
        or not library.was(State(written.generation, written.state))
    ):
        return None
    return written
