"""SQLite FTS5, tantivy and bm25s at several sizes: which should search words.

    python -m evaluation.bench.lexical LIBRARY [--sizes 10000,100000,1000000]

The documents are what a passage is found by, its background and its text; where the library has
fewer, the rest are copies with small changes. Every engine answers the same questions, one after
another, with the best 100; each size runs in processes of its own.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any

from evaluation.bench.apart import memory_mb, run_apart
from evaluation.bench.engines import KEPT, Document, open_engine, read_documents
from evaluation.bench.questions import read_questions
from evaluation.bench.results import RESULTS, Row, percentiles, save, size_mb
from evaluation.bench.subset import passages_of
from evaluation.bench.variation import Variation
from evaluation.errors import exit_code
from indexer.lexical import telling_words
from indexer.library import Library

DEPTH = 100
ADDED = 100
SAMPLED = 2000  # documents from whose words copies are made different
WARM = 10
UNHEARD = "zyxwvuts"


def texts(library: Library) -> Iterator[str]:
    """What each passage is found by, in the order of their rowids."""
    return (f"{passage.background}\n{passage.text}" for _, passage in passages_of(library))


def write_documents(library: Library, count: int, path: Path) -> None:
    """So many documents, a JSON string a line; nothing where the file is there already."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    variation = Variation(islice(texts(library), SAMPLED), seed=0)
    part = path.with_suffix(".part")
    own = len(library.rowids())
    written = 0
    with part.open("w", encoding="utf-8") as file:
        while written < count:
            for text in islice(texts(library), count - written):
                varied = variation.text(text) if written >= own else text
                file.write(json.dumps(varied) + "\n")
                written += 1
    part.replace(path)


def build(engine: str, documents: str, count: int, folder: str) -> dict[str, Any]:
    """Builds the index, in a process of its own: seconds, bytes on disk."""
    index = open_engine(engine, Path(folder))
    start = time.perf_counter()
    index.build(read_documents(Path(documents), count))
    index.close()
    return {
        "build_s": round(time.perf_counter() - start, 3),
        "disk_mb": size_mb(Path(folder)),
    }


def ask(
    engine: str, documents: str, count: int, folder: str, questions: list[list[str]]
) -> dict[str, Any]:
    """Asks what was built, in a process of its own; then adds to it."""
    index = open_engine(engine, Path(folder))
    start = time.perf_counter()
    index.open()
    opened_ms = 1000 * (time.perf_counter() - start)
    row: dict[str, Any] = {"open_ms": round(opened_ms, 3)}
    for name, one_in in (("latency_ms", None), ("tenth_ms", 10), ("hundredth_ms", 100)):
        for words in questions[:WARM]:
            index.search(words, DEPTH, one_in)
        times = []
        for words in questions:
            start = time.perf_counter()
            found = index.search(words, DEPTH, one_in)
            times.append(1000 * (time.perf_counter() - start))
            if one_in and any(Document(n, "").group(one_in) != KEPT for n in found):
                raise AssertionError(f"{engine} finds what the filter leaves out")
        row[name] = percentiles(times)
    row |= memory_mb(os.getpid())
    row["add_ms"] = _add(index, list(read_documents(Path(documents), ADDED, count)))
    index.close()
    return row


def _add(index: Any, documents: Sequence[Document]) -> float | None:
    """Milliseconds to add them and to find the last by its own words; None where that cannot be."""
    last = documents[-1]
    marked = [*documents[:-1], Document(last.number, f"{last.text} {UNHEARD}")]
    start = time.perf_counter()
    if not index.add(marked):
        return None
    if index.search([UNHEARD], DEPTH) != [last.number]:
        raise AssertionError("what was added is not found")
    return round(1000 * (time.perf_counter() - start), 3)


def measure(
    engines: Sequence[str], size: int, documents: Path, questions: Sequence[str], work: Path
) -> Iterator[Row]:
    """A row an engine."""
    words = [telling_words(question) for question in questions]
    for engine in engines:
        folder = work / f"{engine}-{size}"
        rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        given = {
            "engine": engine,
            "documents": str(documents),
            "count": size,
            "folder": str(folder),
        }
        built = run_apart("evaluation.bench.lexical:build", given)
        built["build_peak_mb"] = built.pop("peak_mb")
        asked = run_apart("evaluation.bench.lexical:ask", {**given, "questions": words})
        rmtree(folder)
        yield {"system": engine, "passages": size, "questions": len(words), **built, **asked}


def line(row: Row) -> str:
    """A row to be read by people."""
    ms = row["latency_ms"]
    tenth, hundredth = row["tenth_ms"], row["hundredth_ms"]
    added = "static" if row["add_ms"] is None else f"{row['add_ms']:.0f} ms"
    return (
        f"{row['system']:8} {row['passages']:>9,}: p50 {ms['p50']:.2f}, p95 {ms['p95']:.2f}, "
        f"p99 {ms['p99']:.2f} ms; of 10% {tenth['p50']:.2f}, {tenth['p99']:.2f}; of 1% "
        f"{hundredth['p50']:.2f}, {hundredth['p99']:.2f}; built in {row['build_s']:.1f} s with "
        f"{row['build_peak_mb']:.0f} MB, {row['disk_mb']:.0f} MB on disk, "
        f"{row.get('memory_mb', 0):.0f} MB ({row.get('anonymous_mb', 0):.0f} its own) in memory; "
        f"100 added: {added}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--engines", default="fts5,tantivy,bm25s")
    parser.add_argument("--questions", type=int, default=300, help="ask the first so many")
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        sizes = [int(size) for size in options.sizes.split(",")]
        questions = read_questions()[: options.questions]
        documents = options.work / f"documents-{max(sizes) + ADDED}.jsonl"
        with Library.open(options.library) as library:
            write_documents(library, max(sizes) + ADDED, documents)
        rows = []
        for size in sizes:
            for row in measure(
                options.engines.split(","), size, documents, questions, options.work
            ):
                rows.append(row)
                print(line(row), flush=True)
                save(
                    "lexical",
                    {"depth": DEPTH, "library": str(options.library)},
                    rows,
                    options.results,
                )

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
