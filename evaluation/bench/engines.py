"""SQLite FTS5, tantivy and bm25s behind one interface: the same words, documents and filters.

Each is set as its documentation has it for speed, and finds by BM25 any document with one of the
words. Stands alone: the program's own search is not measured here.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from evaluation.errors import EvaluationError
from models.cores import usable_cores

BATCH = 1000
CACHE_KIB = 65_536
RUN = 180  # documents of a transcript, which a filter takes or leaves together
KEPT = 7  # the group that a filter keeps


class Document(NamedTuple):
    """A text and its number from 0, which says what a filter makes of it."""

    number: int
    text: str

    def group(self, one_in: int) -> int:
        """One of so many groups of about the same size."""
        return self.number // RUN % one_in


class Engine(Protocol):
    """An index in a folder; made with `build`, and opened again by a new instance."""

    def build(self, documents: Iterable[Document]) -> None:
        """Indexes the documents into the empty folder."""
        ...

    def open(self) -> None:
        """Makes ready to search what was built."""
        ...

    def search(self, words: Sequence[str], k: int, one_in: int | None = None) -> list[int]:
        """Numbers of up to k documents, best first; of `one_in` groups only one where given."""
        ...

    def add(self, documents: Sequence[Document]) -> bool:
        """Adds durably and makes them found; False where the engine cannot."""
        ...

    def close(self) -> None:
        """Lets go of the files."""
        ...


class Fts5:
    """SQLite's full-text index without its own copy of the texts; the groups in a table beside."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "documents.db"
        self._connection: sqlite3.Connection | None = None

    def build(self, documents: Iterable[Document]) -> None:
        self.open()
        self._database.executescript(
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE documents (number INTEGER PRIMARY KEY, g10 INTEGER, g100 INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5 (text, content = '', "
            "tokenize = 'porter unicode61 remove_diacritics 2');"
        )
        for batch in batches(documents, BATCH):
            self._insert(batch)
        self._database.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._database.commit()
        self._database.execute("PRAGMA wal_checkpoint (TRUNCATE)")

    def open(self) -> None:
        self._connection = sqlite3.connect(self._file, check_same_thread=False)
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.execute(f"PRAGMA mmap_size = {2**31}")
        self._connection.execute("PRAGMA synchronous = FULL")

    def search(self, words: Sequence[str], k: int, one_in: int | None = None) -> list[int]:
        expression = " OR ".join(f'"{word}"' for word in words)
        rank = "ORDER BY bm25(words) LIMIT ?"
        if one_in is None:
            found = self._database.execute(
                f"SELECT rowid FROM words WHERE words MATCH ? {rank}", (expression, k)
            )
        else:
            found = self._database.execute(
                "SELECT w.rowid FROM words w CROSS JOIN documents d ON d.number = w.rowid "
                f"WHERE words MATCH ? AND d.g{one_in} = ? {rank}",
                (expression, KEPT, k),
            )
        return [row[0] for row in found]

    def add(self, documents: Sequence[Document]) -> bool:
        self._insert(documents)
        return True

    def close(self) -> None:
        self._database.close()

    @property
    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            raise EvaluationError(f"{self._file} is not open")
        return self._connection

    def _insert(self, documents: Sequence[Document]) -> None:
        self._database.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", documents)
        self._database.executemany(
            "INSERT INTO documents VALUES (?, ?, ?)",
            ((one.number, one.group(10), one.group(100)) for one in documents),
        )
        self._database.commit()


class Tantivy:
    """tantivy with its English stemmer and without positions, which no query here needs."""

    _ANALYZER = "english"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tantivy = needed("tantivy")
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name=self._ANALYZER, index_option="freq")
        for name in ("number", "g10", "g100"):
            builder.add_unsigned_field(name, indexed=name != "number", fast=True)
        self._schema = builder.build()
        filters = self._tantivy.Filter
        self._analyzer = (
            self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.simple())
            .filter(filters.remove_long(40))
            .filter(filters.lowercase())
            .filter(filters.ascii_fold())
            .filter(filters.stemmer("english"))
            .build()
        )
        self._index: Any = None

    def build(self, documents: Iterable[Document]) -> None:
        self.open()
        writer = self._index.writer(heap_size=256_000_000, num_threads=usable_cores())
        self._write(writer, documents)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self._index = self._tantivy.Index(self._schema, path=str(self._folder))
        self._index.register_tokenizer(self._ANALYZER, self._analyzer)
        self._index.reload()

    def search(self, words: Sequence[str], k: int, one_in: int | None = None) -> list[int]:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        terms = dict.fromkeys(term for word in words for term in self._analyzer.analyze(word))
        found = query.boolean_query(
            [(occur.Should, query.term_query(self._schema, "text", term, "freq")) for term in terms]
        )
        if one_in is not None:
            group = query.term_query(self._schema, f"g{one_in}", KEPT)
            # Without a score, as in the others.
            kept = query.const_score_query(group, 0.0)
            found = query.boolean_query([(occur.Must, found), (occur.Must, kept)])
        searcher = self._index.searcher()
        hits = searcher.search(found, k, count=False).hits
        return [int(n) for n in searcher.fast_field_values("number", [at for _, at in hits])]

    def add(self, documents: Sequence[Document]) -> bool:
        writer = self._index.writer(heap_size=32_000_000, num_threads=1)
        self._write(writer, documents)
        writer.commit()
        self._index.reload()
        return True

    def close(self) -> None:
        self._index = None

    def _write(self, writer: Any, documents: Iterable[Document]) -> None:
        for one in documents:
            document = self._tantivy.Document()
            document.add_text("text", one.text)
            for name, value in zip(
                ("number", "g10", "g100"),
                (one.number, one.group(10), one.group(100)),
                strict=True,
            ):
                document.add_unsigned(name, value)
            writer.add_document(document)


class Bm25s:
    """bm25s on NumPy: scores of all words computed when it is built; nothing can be added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bm25s = needed("bm25s")
        self._stemmer = needed("Stemmer").Stemmer("english")
        self._index: Any = None
        self._masks: dict[int, Any] = {}

    def build(self, documents: Iterable[Document]) -> None:
        tokenizer = self._bm25s.tokenization.Tokenizer(stopwords=[], stemmer=self._stemmer)
        tokens = list(tokenizer.streaming_tokenize(one.text for one in documents))
        index = self._bm25s.BM25()
        index.index((tokens, tokenizer.get_vocab_dict()), show_progress=False)
        index.save(self._folder)

    def open(self) -> None:
        self._index = self._bm25s.BM25.load(self._folder, mmap=True)
        numbers = np.arange(self._index.scores["num_docs"])
        self._masks = {one_in: numbers // RUN % one_in == KEPT for one_in in (10, 100)}

    def search(self, words: Sequence[str], k: int, one_in: int | None = None) -> list[int]:
        vocabulary = self._index.vocab_dict
        terms = [term for term in self._stemmer.stemWords(list(words)) if term in vocabulary]
        if not terms:
            return []
        found, scores = self._index.retrieve(
            [terms],
            k=min(k, self._index.scores["num_docs"]),
            show_progress=False,
            weight_mask=self._masks[one_in] if one_in else None,
        )
        return [int(n) for n, score in zip(found[0], scores[0], strict=True) if score > 0]

    def add(self, documents: Sequence[Document]) -> bool:
        return False

    def close(self) -> None:
        self._index = None


def open_engine(name: str, folder: Path) -> Engine:
    """An engine by its name. Raises EvaluationError where there is none, or it is not installed."""
    match name:
        case "fts5":
            return Fts5(folder)
        case "tantivy":
            return Tantivy(folder)
        case "bm25s":
            return Bm25s(folder)
    raise EvaluationError(f"no engine is called {name!r}: there are fts5, tantivy and bm25s")


def batches(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    """The documents in lists of that size, the last one shorter."""
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch


def read_documents(path: Path, count: int, first: int = 0) -> Iterator[Document]:
    """Documents from a file that holds a JSON string a line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, first, first + count), start=first):
            yield Document(number, json.loads(line))


def needed(name: str) -> Any:
    """A module of the extra `bench`. Raises EvaluationError where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise EvaluationError(f"{name} is not installed: pip install 'onrecord[bench]'") from error
