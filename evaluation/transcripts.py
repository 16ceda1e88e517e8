"""Documents of a dataset → transcript files that `indexer` reads, and back from their paragraphs.

A row is a paragraph, rows of one turn are the paragraphs of one turn; rows without words vanish.
Where the dataset tells who asks and who answers, the file is `onrecord/1` and says so. Where it
only tells who speaks, the file is a table of speakers and texts: its reader finds the roles.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from evaluation.datasets import Document, Row
from evaluation.errors import EvaluationError
from indexer.formats.onrecord import FORMAT
from indexer.labels import read_label
from indexer.language import detect_language
from indexer.transcript import Role, slug

# The csv module reads no longer cell unless it is told to.
_MAX_CELL = 100_000


class File(NamedTuple):
    """A file to index, by its name alone."""

    name: str
    data: bytes


def stem(document: Document, number: int) -> str:
    """The name, without ending, of the file of the dataset's `number`th document."""
    return f"{slug(document.id)}-n{number}"


def files_of(document: Document, number: int) -> list[File]:
    """The document's transcript, and what stands beside it; none where it has no words."""
    rows = spoken(document)
    name = stem(document, number)
    if not rows:
        return []
    if _tells_roles(rows):
        return [File(f"{name}.json", _dump(_our_json(document, rows)))]
    meta = {"title": document.title, "date": document.date.isoformat() if document.date else None}
    return [
        File(f"{name}.csv", _table(rows)),
        File(f"{name}.csv.meta.json", _dump({key: v for key, v in meta.items() if v})),
    ]


def write(documents: Sequence[Document], folder: Path) -> None:
    """Makes the folder hold the documents' files and no others; equal ones are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [file for at, one in enumerate(documents, start=1) for file in files_of(one, at)]
    wanted = {file.name for file in files}
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for file in files:
        path = folder / file.name
        if not path.exists() or path.read_bytes() != file.data:
            path.write_bytes(file.data)


def align(document: Document, paragraphs: Mapping[int, str]) -> dict[int, Row]:
    """The row of each paragraph, by its number; `paragraphs` are the transcript's, in order.

    Rows that the reader takes for stage directions are no paragraphs. Raises EvaluationError
    where a paragraph is no row, or a row is missing.
    """
    rows = spoken(document)
    found: dict[int, Row] = {}
    at = 0
    for number, text in paragraphs.items():
        while at < len(rows) and rows[at].text != text and rows[at].speaker is None:
            at += 1
        if at == len(rows) or rows[at].text != text:
            raise _lost(document, f"paragraph {number} of it is no row")
        found[number] = rows[at]
        at += 1
    for row in rows[at:]:
        if row.speaker is not None:
            raise _lost(document, f"the row {row.id} is not in it")
    return found


def _lost(document: Document, reason: str) -> EvaluationError:
    return EvaluationError(
        f"the transcript of {document.id} is not that of the corpus, {reason}: "
        "remove the evaluation's cache and run it again"
    )


def spoken(document: Document) -> list[Row]:
    """The rows with words."""
    return [row for row in document.rows if row.text]


def _tells_roles(rows: Sequence[Row]) -> bool:
    """Whether nothing is left to find out, or nothing to find it out by."""
    told = all(row.role for row in rows) or any(row.role is Role.QUESTION for row in rows)
    unnamed = all(row.speaker is None for row in rows)
    return told or unnamed or any(len(row.text) > _MAX_CELL for row in rows)


def _our_json(document: Document, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "title": document.title,
        "date": document.date.isoformat() if document.date else None,
        "language": detect_language(row.text for row in rows),
        "turns": list(_turns(rows)),
    }


def _turns(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Turns; an answer answers the nearest question before it, if there is one.

    Where the role alone is not told, whoever speaks after another's question answers it.
    """
    asked: tuple[int, str | None] | None = None
    for number, turn in enumerate(_by_turn(rows), start=1):
        role, speaker = turn[0].role, turn[0].speaker
        if role is None and asked is not None and speaker != asked[1]:
            role = Role.ANSWER
        if role is None or (role is Role.ANSWER and asked is None):
            role = Role.STATEMENT
        if role is Role.QUESTION:
            asked = (number, speaker)
        yield {
            "speaker": _speaker(speaker) if speaker else None,
            "role": role.value,
            "answers": asked[0] if asked and role is Role.ANSWER else None,
            "paragraphs": [{"text": row.text} for row in turn],
        }


def _by_turn(rows: Sequence[Row]) -> Iterator[list[Row]]:
    def key(at: int) -> tuple[Any, ...]:
        row = rows[at]
        return (at,) if row.turn is None else (row.turn, row.speaker, row.role)

    for _, group in groupby(range(len(rows)), key):
        yield [rows[at] for at in group]


def _speaker(name: str) -> dict[str, Any]:
    label = read_label(name)
    return {"name": name, "named": not (label is not None and label.is_role)}


def _table(rows: Sequence[Row]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(("speaker", "text"))
    # The reader of tables resolves entities.
    table.writerows((row.speaker or "", row.text.replace("&", "&amp;")) for row in rows)
    return written.getvalue().encode()


def _dump(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
