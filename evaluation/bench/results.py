"""What a benchmark keeps: one JSON a run, with the machine, the commit and the date.

`rows` are flat but for `latency_ms`; where a row says `system` and `passages`, `growth` can draw
its `latency_ms`, `memory_mb`, `build_s` and `disk_mb` against size. Measures nothing itself.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.bench.apart import MB
from evaluation.errors import EvaluationError

RESULTS = Path(__file__).with_name("results")
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

Row = dict[str, Any]


def percentiles(times_ms: Sequence[float]) -> dict[str, float]:
    """The median, p95 and p99, linear between the nearest ranks, and the mean; of at least one."""
    if not times_ms:
        raise EvaluationError("nothing was measured: give it more time, or more questions")
    found = {name: float(np.quantile(times_ms, at)) for name, at in _QUANTILES.items()}
    found["mean"] = float(np.mean(times_ms))
    return {name: round(value, 3) for name, value in found.items()}


def save(bench: str, settings: Mapping[str, Any], rows: Sequence[Row], folder: Path) -> Path:
    """Writes `<bench>.json` into the folder, over what an earlier run wrote; returns its path."""
    # Imported here: processes that measure their memory load no more than they need.
    from evaluation.saved import provenance

    folder.mkdir(parents=True, exist_ok=True)
    value = {"bench": bench, **provenance(), "settings": dict(settings), "rows": list(rows)}
    path = folder / f"{bench}.json"
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> dict[str, Any]:
    """A saved run. Raises EvaluationError where the file is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path} cannot be read ({error}): run the benchmark again") from None
    if not isinstance(value, dict) or not isinstance(value.get("rows"), list):
        raise EvaluationError(f"{path} has no rows: run the benchmark again")
    return value


def size_mb(path: Path) -> float:
    """What the file, or all files below the folder, take on disk, in 10^6 bytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(file.stat().st_size for file in files if file.is_file()) / MB, 6)
