"""A BEIR folder → dataset: corpus.jsonl, queries.jsonl, qrels/*.tsv, and what we add to them.

Ours are the fields doc_id, doc_title, date, turn, paragraph, speaker and role of a row; doc_id,
scope and answers of a query; exclude.tsv and unanswerable.jsonl. What lacks them is read too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from evaluation.datasets import Dataset, Document, Query, Row
from evaluation.errors import DatasetError
from evaluation.lines import Line, read_jsonl, read_table
from evaluation.trec import read_qrels
from indexer.dates import find_date
from indexer.transcript import Role, fold


def read_beir(folder: Path) -> Dataset:
    """The dataset in a BEIR folder; raises DatasetError with the file and line that is amiss.

    Of the queries those are kept that have a row with a grade above 0 in any of the qrels.
    """
    documents = _read_corpus(folder / "corpus.jsonl")
    rows = {row.id for document in documents for row in document.rows}
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise DatasetError(folder / "qrels", "has no .tsv file: nothing tells what is relevant")
    relevant: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for path in files:
        for query, grades in read_qrels(path).items():
            for row, grade in grades.items():
                relevant[query][row] = max(grade, relevant[query].get(row, grade))
    excluded = _read_excluded(folder / "exclude.tsv")
    known = {document.id for document in documents}
    asked = list(_read_queries(folder / "queries.jsonl", known))
    queries = [
        Query(
            query.id,
            query.text,
            query.transcript,
            {row: grade for row, grade in relevant[query.id].items() if grade > 0},
            frozenset(excluded[query.id]),
            query.answers,
        )
        for query in asked
    ]
    judged = tuple(query for query in queries if query.relevant)
    strange = sum(row not in rows for query in judged for row in query.relevant)
    notes = {
        "queries have no relevant row and were left out": len(queries) - len(judged),
        "relevant rows are not in the corpus and count as missed": strange,
    }
    extra = folder / "unanswerable.jsonl"
    return Dataset(
        folder.resolve().name,
        folder,
        judged,
        tuple(_read_queries(extra, known)) if extra.exists() else (),
        tuple(documents),
        notes=tuple(f"{count} {text}" for text, count in notes.items() if count),
    )


def _read_queries(path: Path, documents: set[str]) -> Iterator[Query]:
    seen: set[str] = set()
    for line in read_jsonl(path):
        id_ = line.needed_id("_id", "id", "query-id")
        _once(id_, seen, line)
        document = line.id("doc_id") if line.fields.get("scope") == "document" else None
        if line.fields.get("scope") == "document" and document not in documents:
            raise line.error(f"its scope is one document, but there is no document {document!r}")
        answers = line.fields.get("answers")
        texts = [answer for answer in answers if isinstance(answer, str)] if answers else []
        text = line.text("text", "query", "question")
        yield Query(id_, fold(text), document, answers=tuple(dict.fromkeys(texts)))


def _read_excluded(path: Path) -> defaultdict[str, set[str]]:
    excluded: defaultdict[str, set[str]] = defaultdict(set)
    for number, cells in read_table(path) if path.exists() else ():
        if len(cells) < 2:
            raise DatasetError(path, "has no two cells: a query's id and a row's", number)
        excluded[cells[0]].add(cells[1])
    return excluded


# The corpus


def _read_corpus(path: Path) -> list[Document]:
    of_document: defaultdict[str, list[Line]] = defaultdict(list)
    ids: dict[int, str] = {}
    seen: set[str] = set()
    for line in read_jsonl(path):
        ids[line.number] = line.needed_id("_id", "id")
        _once(ids[line.number], seen, line)
        of_document[line.id("doc_id") or _document_of(ids[line.number])].append(line)
    if not of_document:
        raise DatasetError(path, "has no rows")
    return [
        Document(
            document,
            _first(fold(line.text("doc_title", "title")) for line in lines) or document,
            next((found[0] for line in lines if (found := find_date(line.text("date")))), None),
            tuple(_row(ids[line.number], line) for line in _in_order(lines)),
        )
        for document, lines in of_document.items()
    ]


def _document_of(row: str) -> str:
    """The part of 'meeting:12' before the number; any other row is a document of its own."""
    document, _, number = row.rpartition(":")
    return document if document and number.isdecimal() else row


def _row(id_: str, line: Line) -> Row:
    role = fold(line.text("role")).casefold()
    return Row(
        id_,
        fold(line.text("text", "body", "contents")),
        line.id("turn"),
        fold(line.text("speaker")) or None,
        Role(role) if role in set(Role) else None,
    )


def _in_order(lines: list[Line]) -> list[Line]:
    """By turn and paragraph where each row has a place of its own; else as they stand."""
    places = [
        tuple(
            0 if (part := line.fields.get(key)) is None else part for key in ("turn", "paragraph")
        )
        for line in lines
    ]
    # True is a number to Python.
    whole = all(type(part) is int for place in places for part in place)
    if not whole or max(Counter(places).values()) > 1:
        return lines
    return [line for _, line in sorted(zip(places, lines, strict=True), key=lambda pair: pair[0])]


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _once(id_: str, seen: set[str], line: Line) -> None:
    if id_ in seen:
        raise line.error(f"the id {id_!r} stands there twice")
    seen.add(id_)
