"""Results on disk: per dataset a folder with `qrels.txt`, and per system a TREC run and a JSON.

The JSON says of what program, model and machine the figures are, and has every query's scores.
"""

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.errors import EvaluationError
from evaluation.metrics import MEASURES, Scores, score
from evaluation.run import Result
from evaluation.samples import ROOT
from evaluation.trec import read_qrels, read_run, write_qrels, write_run
from indexer.transcript import slug


@dataclass(frozen=True, slots=True)
class Saved:
    """A run that was saved: scores by measure, (n,) for the queries in order, and rankings."""

    name: str
    dataset: str
    system: str
    qrels: Mapping[str, Mapping[str, int]]
    rankings: Mapping[str, list[str]]
    scores: Mapping[str, Scores]


def save(result: Result, folder: Path) -> None:
    """Writes the result below the folder, over what an earlier run wrote there."""
    place = folder / slug(result.dataset)
    place.mkdir(parents=True, exist_ok=True)
    write_qrels(place / "qrels.txt", result.qrels)
    for run, row in zip(result.runs, rows(result), strict=True):
        write_run(place / f"{run.system}.run", run.rankings, f"onrecord-{run.system}")
        queries = {
            query: {name: round(float(run.scores[name][at]), 6) for name in MEASURES}
            for at, query in enumerate(result.qrels)
        }
        value = {
            **row,
            "configuration": dict(run.configuration),
            **provenance(),
            "per_query": queries,
        }
        text = json.dumps(value, ensure_ascii=False, indent=1)
        (place / f"{run.system}.json").write_text(text + "\n", encoding="utf-8")


def rows(result: Result) -> list[dict[str, Any]]:
    """What there is to say of each system, as JSON can hold it; scores in 0..1, times in ms."""
    return [
        {
            "dataset": result.dataset,
            "system": run.system,
            "split": result.split,
            "queries": len(result.qrels),
            "transcripts": result.transcripts,
            "passages": result.passages,
            "model": result.model,
            "metrics": {name: round(mean, 6) for name, mean in summary.means.items()},
            "intervals_95": {
                name: [round(end, 6) for end in ends] for name, ends in summary.intervals.items()
            },
            "p": {name: round(p, 6) for name, p in summary.p.items()},
            "against": dict(summary.against),
            "latency_ms": {
                "median": round(summary.median_ms, 3),
                "p95": round(summary.p95_ms, 3),
            },
            "notes": list(result.notes),
        }
        for run in result.runs
        for summary in (result.summaries[run.system],)
    ]


def find_runs(path: Path) -> dict[tuple[str, str], Path]:
    """Run files by dataset and system: the one at the path, or all below the folder."""
    found = sorted(path.rglob("*.run")) if path.is_dir() else [path.with_suffix(".run")]
    if not found or not found[0].is_file():
        raise EvaluationError(f"{path} holds no saved run: make one with --save")
    return {(file.parent.name, file.stem): file for file in found}


def load(path: Path) -> Saved:
    """The run file at the path, scored by the `qrels.txt` beside it. Raises DatasetError."""
    rankings = read_run(path)
    qrels = read_qrels(path.with_name("qrels.txt"))
    return Saved(str(path), path.parent.name, path.stem, qrels, rankings, score(qrels, rankings))


def common(first: Saved, second: Saved) -> tuple[list[str], Scores, Scores]:
    """Queries that both have, and where each stands among those of either run."""
    queries = [query for query in first.qrels if query in second.qrels]
    if not queries:
        raise EvaluationError(f"{first.name} and {second.name} have no query in common")
    places = [
        np.array([at[query] for query in queries])
        for one in (first, second)
        for at in ({query: at for at, query in enumerate(one.qrels)},)
    ]
    return queries, places[0], places[1]


def provenance() -> dict[str, Any]:
    """Now, the commit and the machine, as JSON can hold them."""
    return {
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": _machine(),
    }


def _commit() -> dict[str, Any] | None:
    """The commit that is checked out and whether files differ from it; None outside of git."""

    def git(*arguments: str) -> str:
        run = subprocess.run(  # noqa: S603
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    try:
        return {"id": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None


def _machine() -> dict[str, Any]:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        cpu = models[0] if models else cpu
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version()}
