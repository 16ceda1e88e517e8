"""A library's database file: opened and checked, a connection a thread, transactions.

Turns what SQLite reports into LibraryError; knows nothing of what the tables hold.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from indexer import schema
from indexer.errors import LibraryError

DATABASE = "library.db"


class Database:
    """`library.db` in a folder, safe to use from several threads and processes.

    Every thread has its own connection; readers see one committed state and never wait for a
    writer; a writer waits up to 30 seconds for another. Methods raise LibraryError where the
    database is damaged, locked, or no longer open.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / DATABASE
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, folder: Path | str, *, create: bool = False) -> Self:
        """Opens the library in `folder`, with `create` making it where there is none.

        Raises LibraryError where there is no library, it is damaged or of another format.
        """
        library = cls(Path(folder))
        try:
            library._check(create)
        except BaseException:
            library.close()
            raise
        return library

    def _check(self, create: bool) -> None:
        with self._translated():
            if create and not self.database.is_file():
                self.folder.mkdir(parents=True, exist_ok=True)
                self.database.touch()
            if not self.database.is_file():
                raise LibraryError(f"{self.folder} is no library: index transcripts into it first")
            connection = self._connection()
            if create:
                schema.make(connection)
            if not schema.is_library(connection):
                raise LibraryError(
                    f"{self.database} is no library's database: choose another folder"
                )
            found = connection.execute("SELECT format FROM meta").fetchone()[0]
            if found != schema.FORMAT:
                raise LibraryError(
                    f"{self.folder} has library format {found}, this program knows "
                    f"{schema.FORMAT}: index the transcripts again into a new library"
                )

    def close(self) -> None:
        """Closes the connections of all threads; whatever was acknowledged is on disk already."""
        with self._lock:
            self._closed = True
            while self._connections:
                self._connections.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One committed state for as long as the block lasts; inside another block, the same."""
        with self._translated():
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, the only writer while it lasts: committed whole, or not at all."""
        with self._translated():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        thread = threading.current_thread()
        if connection := self._connections.get(thread):
            return connection
        with self._lock:
            if self._closed:
                raise LibraryError(f"{self.folder} is closed")
            for other in [other for other in self._connections if not other.is_alive()]:
                self._connections.pop(other).close()
            return self._connections.setdefault(thread, schema.connect(self.database))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.DatabaseError, OSError) as error:
            code = getattr(error, "sqlite_errorname", "")
            if code.startswith("SQLITE_BUSY"):
                advice = "another process is writing to it, try again when it is done"
            elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                advice = "it is damaged, put a copy in its place or index again into a new library"
            else:
                advice = "see that the disk has room and the folder may be written to"
            raise LibraryError(f"{self.database}: {error}; {advice}") from error
