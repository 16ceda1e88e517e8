"""The index of words beside the database, kept in step with it by whoever needs it.

It lies in the folder `words`. A process that finds it behind takes the lock, adds what is new and
deletes what is gone; a crash at any instant leaves it usable, since doing so twice changes nothing.
Where it is of another library, of another version or damaged, it is made anew.

Knows nothing of questions or scores.
"""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from indexer import manifest
from indexer.errors import LibraryError
from indexer.lexical import Words, analyzer, plain
from indexer.library import Library, State

if TYPE_CHECKING:
    from tantivy import Document, Index, IndexWriter, Schema

FOLDER = "words"
STATE = "state.json"
# Of the fields and of how a text is cut into words.
VERSION = 1
LOCK_TIMEOUT_S = 600
# How long a search waits for another process before it takes the words that it has.
PATIENCE_S = 1.0
STATE_LIMIT = 4096  # bytes
MANY = 5000  # passages, from which on more threads and memory pay
SMALL_HEAP, LARGE_HEAP = 15_000_000, 200_000_000  # bytes; the first is tantivy's least


class LiveWords:
    """Words that follow their library; usable from several threads and processes."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.folder = library.folder / FOLDER
        self._lock = threading.Lock()
        self._generation = -1
        self._words: Words | None = None

    def at(self, connection: sqlite3.Connection) -> Words:
        """The words of the state that `library.read()` shows on the connection, or of a later one.

        So what is found may be gone, or not be there yet: `Rows.hold` tells. While another process
        works on the index for long they are of an earlier state. Raises LibraryError where there
        are none to be had, or the index cannot be written.
        """
        with self._lock:
            state = self.library.state()
            if self._words is None or state.generation > self._generation:
                self._words = self._follow(connection, state)
            return self._words

    def _follow(self, connection: sqlite3.Connection, state: State) -> Words:
        import filelock

        try:
            self.folder.mkdir(exist_ok=True)
            patience = LOCK_TIMEOUT_S if self._words is None else PATIENCE_S
            with filelock.FileLock(self.folder / "lock", timeout=patience):
                known = self._known(state)
                index = self._open() if known else None
                if index is None:
                    known, index = None, self._create()
                if known is None or known[0] < state.generation:
                    _bring_up(index, connection, known)
                    greatest = connection.execute("SELECT max(rowid) FROM passages").fetchone()[0]
                    before = known[1] if known else 0
                    known = (state.generation, max(greatest or 0, before))
                    self._remember(state, known[1])
        except filelock.Timeout as error:
            if self._words is not None:
                return self._words
            raise LibraryError(
                f"another process has kept {self.folder} for {LOCK_TIMEOUT_S} s: end it"
            ) from error
        except OSError as error:
            raise LibraryError(
                f"{self.folder}: {error.strerror}; see that the disk has room and the folder may "
                "be written to"
            ) from error
        self._generation = known[0]
        index.reload()
        return Words(index.searcher(), index.schema, analyzer())

    def _known(self, state: State) -> tuple[int, int] | None:
        """Generation and greatest rowid that the index has, if it is an earlier or later self."""
        try:
            with (self.folder / STATE).open("rb") as file:
                written = json.loads(file.read(STATE_LIMIT))
            version, generation, token, greatest = (
                written[key] for key in ("version", "generation", "state", "greatest")
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if version != VERSION or not self.library.was(State(generation, token)):
            return None
        return generation, greatest

    def _remember(self, state: State, greatest: int) -> None:
        written = {"version": VERSION, "generation": state.generation, "state": state.token}
        text = json.dumps(written | {"greatest": greatest})
        manifest.replace(self.folder / STATE, lambda path: path.write_text(text, encoding="utf-8"))

    def _open(self) -> "Index | None":
        from tantivy import Index

        try:
            index = Index.open(str(self.folder / "index"))
        except (ValueError, OSError):
            return None
        index.register_tokenizer("words", analyzer())
        return index

    def _create(self) -> "Index":
        from tantivy import Index

        (self.folder / STATE).unlink(missing_ok=True)
        folder = self.folder / "index"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        index = Index(_schema(), path=str(folder))
        index.register_tokenizer("words", analyzer())
        return index


def _schema() -> "Schema":
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_unsigned_field("rowid", indexed=True, fast=True)
    builder.add_unsigned_field("transcript", indexed=True)
    builder.add_text_field("role", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("speaker", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="words", index_option="freq")
    return builder.build()


def _bring_up(
    index: "Index", connection: sqlite3.Connection, known: tuple[int, int] | None
) -> None:
    """Adds and deletes what was since; the index may have some of it already, after a crash."""
    from tantivy import FieldType, Query

    generation, greatest = known or (0, 0)
    gone = [
        row[0]
        for row in connection.execute(
            "SELECT passage FROM removed WHERE generation > ? AND passage <= ?",
            (generation, greatest),
        )
    ]
    writer = _writer(index, connection, greatest)
    later = Query.range_query(
        index.schema, "rowid", FieldType.Unsigned, lower_bound=greatest, include_lower=False
    )
    writer.delete_documents_by_query(later)
    # `delete_documents_by_term` takes the number for a signed one, and deletes nothing (0.27).
    writer.delete_documents_by_query(Query.term_set_query(index.schema, "rowid", gone))
    for document in _documents(connection, greatest):
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _writer(index: "Index", connection: sqlite3.Connection, greatest: int) -> "IndexWriter":
    many = connection.execute(
        "SELECT 1 FROM passages WHERE rowid > ? LIMIT 1 OFFSET ?", (greatest, MANY)
    ).fetchone()
    return index.writer(LARGE_HEAP, 2) if many else index.writer(SMALL_HEAP, 1)


def _documents(connection: sqlite3.Connection, greatest: int) -> Iterator["Document"]:
    from tantivy import Document

    rows: Iterator[Any] = connection.execute(
        "SELECT rowid, transcript, role, speaker_key, background, text FROM passages "
        "WHERE rowid > ? ORDER BY rowid",
        (greatest,),
    )
    for rowid, transcript, role, speaker, background, text in rows:
        document = Document()
        document.add_unsigned("rowid", rowid)
        document.add_unsigned("transcript", transcript)
        document.add_text("role", role)
        if speaker is not None:
            document.add_text("speaker", speaker)
        document.add_text("words", plain(f"{background}\n{text}"))
        yield document
