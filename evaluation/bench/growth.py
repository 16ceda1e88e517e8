"""Draws latency, memory, build time and disk against size from the saved results.

    python -m evaluation.bench.growth [--results FOLDER]

Takes every row that names its `system` and `passages`, one client's where there were several, and
fits a line to the logarithms: the exponent e of "it grows as size to the e". Writes `growth.png`
and `growth.json`. Measures nothing.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.bench.engines import needed
from evaluation.bench.results import RESULTS, Row, load, save
from evaluation.errors import EvaluationError, exit_code

MEASURES = {
    "latency_ms": "median latency (ms)",
    "memory_mb": "memory (MB)",
    "build_s": "build time (s)",
    "disk_mb": "disk (MB)",
}
# What is taken where a row lacks the measure.
INSTEAD = {"memory_mb": "peak_mb"}
Curves = dict[str, dict[str, dict[int, float]]]


def curves(runs: Iterable[Mapping[str, Any]]) -> Curves:
    """Per measure and series ("lexical: fts5") the values by size; sizes in ascending order."""
    found: defaultdict[str, defaultdict[str, dict[int, float]]]
    found = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        for row in run["rows"]:
            if "system" not in row or "passages" not in row or row.get("clients", 1) != 1:
                continue
            series = f"{str(run['bench']).split('-')[0]}: {row['system']}"
            for measure in MEASURES:
                value = row.get(measure, row.get(INSTEAD.get(measure, measure)))
                value = value.get("p50") if isinstance(value, dict) else value
                if value:
                    found[measure][series][int(row["passages"])] = float(value)
    return {
        measure: {name: dict(sorted(points.items())) for name, points in series.items()}
        for measure, series in found.items()
    }


def exponent(points: Mapping[int, float]) -> float | None:
    """The slope of log value over log size, by least squares; None of fewer than two sizes."""
    if len(points) < 2:
        return None
    sizes, values = np.log(list(points)), np.log(list(points.values()))
    return float(np.polyfit(sizes, values, 1)[0])


def rows_of(found: Curves) -> list[Row]:
    """A row for each curve that has two sizes or more."""
    return [
        {"measure": measure, "series": series, "exponent": round(slope, 3), "points": points}
        for measure, all_series in found.items()
        for series, points in all_series.items()
        if (slope := exponent(points)) is not None
    ]


def draw(found: Curves, path: Path) -> None:
    """A picture of the curves. Raises EvaluationError without matplotlib."""
    figure = needed("matplotlib.figure").Figure(figsize=(12, 9), layout="constrained")
    for axes, (measure, label) in zip(figure.subplots(2, 2).flat, MEASURES.items(), strict=True):
        for series, points in found.get(measure, {}).items():
            slope = exponent(points)
            if slope is not None:
                name = f"{series} ({slope:.2f})"
                axes.plot(list(points), list(points.values()), marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="passages", ylabel=label)
        axes.grid(visible=True, which="major", alpha=0.3)
        if axes.get_lines():
            axes.legend(fontsize="x-small")
    figure.savefig(path, dpi=110)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        files = sorted(set(options.results.glob("*.json")) - {options.results / "growth.json"})
        found = curves(load(file) for file in files)
        rows = rows_of(found)
        if not rows:
            raise EvaluationError(f"{options.results} has nothing of two sizes: run the benchmarks")
        for row in rows:
            sizes = ", ".join(f"{size:,}: {value:g}" for size, value in row["points"].items())
            print(f"{row['measure']:10} {row['series']:24} size^{row['exponent']:.2f} ({sizes})")
        save("growth", {"files": [file.name for file in files]}, rows, options.results)
        draw(found, options.results / "growth.png")

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
