"""TREC run and qrels files, read and written; qrels as BEIR writes them are read too.

A run is rankings by query id: row ids, best first. White space in an id is written as %20.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.errors import DatasetError
from evaluation.lines import read_table

Qrels = Mapping[str, Mapping[str, int]]
Run = Mapping[str, Sequence[str]]


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Grades by query and row: `query row grade` (BEIR, with a header) or `query 0 row grade`."""
    qrels: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, cells in read_table(path):
        if len(cells) not in (2, 3, 4):
            reason = f"has {len(cells)} cells, not a query's id, a row's and a grade"
            raise DatasetError(path, reason, number)
        row = cells[2] if len(cells) == 4 else cells[1]
        try:
            grade = int(float(cells[-1])) if len(cells) > 2 else 1
        except (ValueError, OverflowError) as error:
            if number == 1:
                continue  # the header
            raise DatasetError(path, f"the grade {cells[-1]!r} is no number", number) from error
        qrels[cells[0]][row] = grade
    return dict(qrels)


def read_run(path: Path) -> dict[str, list[str]]:
    """The rankings of a run file, by falling score, ties as they stand. Raises DatasetError."""
    scored: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for number, cells in read_table(path):
        if len(cells) != 6:
            reason = f"has {len(cells)} cells, not the six of a TREC run"
            raise DatasetError(path, reason, number)
        try:
            score = float(cells[4])
        except ValueError as error:
            raise DatasetError(path, f"the score {cells[4]!r} is no number", number) from error
        scored[cells[0]].append((-score, cells[2]))
    return {
        query: [row for _, row in sorted(rows, key=lambda pair: pair[0])]
        for query, rows in scored.items()
    }


def write_qrels(path: Path, qrels: Qrels) -> None:
    lines = [
        f"{_word(query)} 0 {_word(row)} {grade}\n"
        for query, grades in qrels.items()
        for row, grade in grades.items()
    ]
    path.write_text("".join(lines), encoding="utf-8")


def write_run(path: Path, run: Run, tag: str) -> None:
    """Writes rankings; the score only says the order: it falls by one from rank to rank."""
    lines = [
        f"{_word(query)} Q0 {_word(row)} {rank} {len(rows) + 1 - rank} {tag}\n"
        for query, rows in run.items()
        for rank, row in enumerate(rows, start=1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def _word(text: str) -> str:
    return re.sub(r"\s", "%20", text)
