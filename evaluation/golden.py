"""A file of our own questions → dataset: `file` and `paragraph` or `paragraphs` that answer.

A row's id is `file:paragraph`. A question with `answerable: false`, or with `file: null`, is one
that nobody answers. The transcripts lie elsewhere.
"""

from pathlib import Path

from evaluation.datasets import Dataset, Query
from evaluation.errors import DatasetError
from evaluation.lines import Line, read_jsonl
from indexer.transcript import fold


def read_questions(path: Path) -> Dataset:
    """The questions of the file; raises DatasetError with the line that is amiss."""
    queries: list[Query] = []
    unanswerable: list[Query] = []
    files: set[str] = set()
    seen: set[str] = set()
    for line in read_jsonl(path):
        id_ = line.needed_id("id", "_id")
        if id_ in seen:
            raise line.error(f"the id {id_!r} stands there twice")
        seen.add(id_)
        text = fold(line.text("question", "text"))
        if line.fields.get("answerable") is False or line.fields.get("file", "") is None:
            unanswerable.append(Query(id_, text))
            continue
        file = line.needed_id("file")
        files.add(file)
        relevant = {row_id(file, number): 1 for number in _paragraphs(line)}
        queries.append(Query(id_, text, relevant=relevant))
    if not queries:
        raise DatasetError(path, "has no question that is answered")
    return Dataset(path.stem, path, tuple(queries), tuple(unanswerable), files=frozenset(files))


def row_id(file: str, paragraph: int) -> str:
    return f"{file}:{paragraph}"


def _paragraphs(line: Line) -> list[int]:
    given = line.fields.get("paragraphs", line.fields.get("paragraph"))
    numbers = given if isinstance(given, list) else [given]
    if not numbers or not all(type(number) is int and number > 0 for number in numbers):
        raise line.error("has no paragraph numbers from 1: give 'paragraph' or 'paragraphs'")
    return numbers
