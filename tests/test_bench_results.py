"""What benchmarks keep, and the processes that they run in."""

import json
import os
from pathlib import Path

import pytest

from evaluation.bench.apart import cpu_s, memory_mb, peak_mb, run_apart
from evaluation.bench.results import load, percentiles, save, size_mb
from evaluation.errors import EvaluationError


def test_percentiles_lie_between_the_nearest_ranks():
    """Of 1 to 100 ms the median is half way from 50 to 51, p99 a hundredth from 99 to 100."""
    found = percentiles([float(n) for n in range(100, 0, -1)])
    assert found == {"p50": 50.5, "p95": 95.05, "p99": 99.01, "mean": 50.5}


def test_percentiles_of_nothing_are_an_error():
    """A benchmark in which nothing was answered says so."""
    with pytest.raises(EvaluationError, match="nothing was measured"):
        percentiles([])


def test_a_result_names_machine_commit_and_date(tmp_path: Path):
    """The file holds what was measured, how, where and of which program."""
    rows = [{"system": "onrecord", "passages": 3}]
    path = save("tiny", {"k": 10}, rows, tmp_path / "new")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert list(kept) == ["bench", "date", "commit", "machine", "settings", "rows"]
    assert (kept["bench"], kept["settings"], kept["rows"]) == ("tiny", {"k": 10}, rows)
    assert kept["machine"]["cores"] == os.cpu_count()
    assert load(path) == kept


@pytest.mark.parametrize("text", ["", "[]", '{"rows": 3}'])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str):
    """A broken file is named."""
    path = tmp_path / "serving.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"serving\.json.*run the benchmark again"):
        load(path)


def test_size_counts_all_files_below(tmp_path: Path):
    """Two files of a kilobyte are 0.002 MB, one alone is 0.001."""
    (tmp_path / "below").mkdir()
    for name in ("one", "below/two"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    assert size_mb(tmp_path) == 0.002
    assert size_mb(tmp_path / "one") == 0.001


def test_a_function_runs_in_a_process_of_its_own():
    """Its result comes back, with the memory that its process held."""
    found = run_apart("evaluation.bench.results:percentiles", {"times_ms": [1, 2, 6]})
    assert found.pop("peak_mb") > 1
    assert found == {"p50": 2.0, "p95": 5.6, "p99": 5.92, "mean": 3.0}


def test_a_process_that_fails_says_why():
    """The error has what it said last."""
    with pytest.raises(EvaluationError, match=r"percentiles failed: (?s:.*)nothing was measured"):
        run_apart("evaluation.bench.results:percentiles", {"times_ms": []})


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_memory_and_processor_time_of_a_process_are_read():
    """What is held now is no more than what was held at most; a process that is gone has none."""
    held = memory_mb(os.getpid())
    assert 0 < held["anonymous_mb"] < held["memory_mb"] <= peak_mb()
    assert cpu_s(os.getpid()) > 0
    assert (memory_mb(2**30), cpu_s(2**30)) == ({}, 0.0)
