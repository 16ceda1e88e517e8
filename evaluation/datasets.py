"""Datasets: what is asked, what answers it, and the documents it is asked of.

`read_dataset` reads a BEIR folder (`beir`) or a file of our own questions (`golden`). Knows
nothing of libraries: how documents become transcripts is `transcripts`' work.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.errors import DatasetError
from indexer.transcript import Role


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the rows that answer it.

    `transcript` is set where the question makes sense within one document only: its id in the
    dataset, or in the library once `Collection.bind` has seen it. `relevant` are grades by row
    id, all above 0; `excluded` are rows to drop from a ranking before it is scored; `answers` are
    gold answers as text.
    """

    id: str
    text: str
    transcript: str | None = None
    relevant: Mapping[str, int] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a corpus, a paragraph; what the dataset does not tell is None."""

    id: str
    text: str
    turn: str | None = None
    speaker: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Rows of one document, in the order in which they were said."""

    id: str
    title: str
    date: dt.date | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Queries with at least one answer, such without any, and what they are asked of.

    `documents` of a file of questions are none: its row ids are `file:paragraph`, and `files`
    names the transcripts. `notes` say what was odd in the files and what was made of it.
    """

    name: str
    path: Path
    queries: tuple[Query, ...]
    unanswerable: tuple[Query, ...] = ()
    documents: tuple[Document, ...] = ()
    files: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def read_dataset(path: Path) -> Dataset:
    """The dataset at the path: a BEIR folder, or a .jsonl of questions. Raises DatasetError."""
    from evaluation.beir import read_beir
    from evaluation.golden import read_questions

    if path.is_dir():
        return read_beir(path)
    if path.suffix == ".jsonl":
        return read_questions(path)
    reason = "is neither a folder with corpus.jsonl nor a .jsonl file of questions"
    raise DatasetError(path, reason if path.exists() else "there is no such file or folder")
