"""Kinds of vector index at several sizes: time, memory and recall, with filters and without.

    python -m evaluation.bench.vectors --library FOLDER [--sizes 1000,10000,100000,1000000]

The vectors are the library's own, and beyond their number ones drawn around them; the questions
are real ones. Every kind and size runs in a process of its own. What is said of a larger size than
any measured is reckoned from the last two.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from evaluation.bench.apart import run_apart
from evaluation.bench.drawing import draw, embed_questions
from evaluation.bench.kinds import PRODUCT
from evaluation.bench.results import RESULTS, Row, save
from evaluation.errors import EvaluationError, exit_code
from evaluation.samples import ROOT
from indexer.library import Library

QUESTIONS = ROOT / "evaluation" / "questions" / "briefings.jsonl"
OTHERS = ("SQfp16", "SQ8", "ivf-flat", "ivf-fp16", "ivf-rabitq2+sq8", "HNSW32,SQ8")
GROWING = ("cpu_ms", "build_s", "disk_mb", "peak_mb", "load_s", "checksum_s")


def measure(work: Path, sizes: Sequence[int], others: Sequence[int]) -> list[Row]:
    """A row for each size and kind, smaller ones first; all kinds where the size is in `others`."""
    rows: list[Row] = []
    for size in sizes:
        for kind in (*PRODUCT, *(OTHERS if size in others else ())):
            function = "product" if kind in PRODUCT else "other"
            given = {"kind": kind, "folder": str(work), "count": size}
            found = run_apart(f"evaluation.bench.kinds:{function}", given)
            row = {"system": kind, "passages": size, "load_average": os.getloadavg()[0], **found}
            print(line(row), flush=True)
            rows.append(row)
    return rows


def line(row: Row) -> str:
    """What a person wants to know of a row."""
    cpu, wall = row["cpu_ms"], row["latency_ms"]
    text = (
        f"{row['passages']:>9,} {row['system']:16} build {row['build_s']:7.1f} s, "
        f"{row['bytes_per_vector']:6.0f} B each, p50 {wall['p50']:6.2f} p99 {wall['p99']:6.2f} ms "
        f"(of the processor {cpu['p50']:6.2f} {cpu['p99']:6.2f}), recall@10 "
        f"{row['recall_at_10']:.3f} @100 {row['recall_at_100']:.3f} "
        f"10 in 100 {row['recall_of_10_among_100']:.3f}"
    )
    for share, ways in row.get("filters", {}).items():
        text += f"\n{share:>17}: " + "; ".join(
            f"{how} recall@10 {found['recall_at_10']:.3f} p50 {found['cpu_ms']['p50']:.2f} ms"
            for how, found in ways.items()
        )
    return text


def estimate(rows: Sequence[Row], size: int) -> dict[str, Any]:
    """For a size that was not measured: each figure goes on as it grew between the last two."""
    found: dict[str, Any] = {}
    for kind in PRODUCT:
        measured = sorted(
            (row for row in rows if row["system"] == kind), key=lambda row: row["passages"]
        )[-2:]
        if len(measured) == 2:
            found[kind] = {name: _grown(name, measured, size) for name in GROWING}
    return found


def _grown(name: str, measured: Sequence[Row], size: int) -> dict[str, float]:
    small, large = measured
    a, b = (_figure(row[name]) for row in (small, large))
    exponent = log(b / a) / log(large["passages"] / small["passages"])
    value = b * (size / large["passages"]) ** exponent
    return {"exponent": round(exponent, 3), "value": round(value, 3)}


def _figure(value: float | Mapping[str, float]) -> float:
    """Not 0, of which there is no logarithm; the median where there are several."""
    return max(float(value["p50"] if isinstance(value, Mapping) else value), 1e-6)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench.vectors")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="JSON lines")
    parser.add_argument("--others", default="100000", help="Sizes to measure all kinds at.")
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--note", default="", help="What else the machine did meanwhile.")
    options = parser.parse_args(arguments)
    sizes, others = _sizes(options.sizes), _sizes(options.others)
    options.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        with Library.open(options.library) as library:
            questions = embed_questions(library, options.questions)
            np.save(work / "questions.npy", questions)
            drawn = draw(library, sizes[-1], work / "vectors.npy")
        rows = measure(work, sizes, others)
    settings = {
        "library": options.library.name,
        "vectors": drawn,
        "questions": f"{len(questions)} of {options.questions.name}",
        "threads": 1,
        "note": options.note,
        "estimate_10m": estimate(rows, 10_000_000),
    }
    print(save("vectors", settings, rows, options.results))


def _sizes(text: str) -> list[int]:
    try:
        return sorted({int(size) for size in text.split(",")})
    except ValueError:
        raise EvaluationError(f"sizes {text!r}: give numbers, with commas between") from None


if __name__ == "__main__":
    sys.exit(exit_code(lambda: main(sys.argv[1:])))
