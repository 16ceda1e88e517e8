"""Exponents and curves out of saved results."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from evaluation.bench import growth
from evaluation.bench.results import load, save


def test_the_exponent_of_a_power_is_its_power():
    """3 n, 5 √n, and a constant."""
    sizes = [1_000, 10_000, 100_000]
    assert growth.exponent({n: 3 * n for n in sizes}) == pytest.approx(1)
    assert growth.exponent({n: 5 * n**0.5 for n in sizes}) == pytest.approx(0.5)
    assert growth.exponent(dict.fromkeys(sizes, 7.0)) == pytest.approx(0)
    assert growth.exponent({1_000: 2.0}) is None


def test_curves_are_of_one_client_and_one_system():
    """Rows of several clients and rows without a size are left out; medians are taken.

    Where the memory in use is not known, the most that was held is taken.
    """
    serving = {
        "bench": "serving-growth",
        "rows": [
            {"system": "onrecord", "passages": n, "clients": clients, "latency_ms": {"p50": ms}}
            for n, clients, ms in ((1000, 1, 4.0), (100, 1, 2.0), (100, 8, 9.0))
        ],
    }
    other = {"bench": "roofline", "rows": [{"system": "MiniLM int8", "threads": 1}]}
    words = {
        "bench": "lexical",
        "rows": [{"system": "fts5", "passages": 10, "disk_mb": 1.5, "peak_mb": 3}],
    }
    assert growth.curves([serving, other, words]) == {
        "latency_ms": {"serving: onrecord": {100: 2.0, 1000: 4.0}},
        "memory_mb": {"lexical: fts5": {10: 3.0}},
        "disk_mb": {"lexical: fts5": {10: 1.5}},
    }


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_a_picture_and_the_exponents_are_written(tmp_path: Path, capsys: pytest.CaptureFixture):
    """And told."""
    rows = [{"system": "fts5", "passages": n, "disk_mb": n / 100} for n in (100, 1000)]
    save("lexical", {}, rows, tmp_path)
    assert growth.main(["--results", str(tmp_path)]) == 0
    assert "size^1.00" in capsys.readouterr().out
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    assert load(tmp_path / "growth.json")["rows"][0]["exponent"] == 1.0
    # What it wrote itself is not read the next time.
    assert growth.main(["--results", str(tmp_path)]) == 0


def test_without_two_sizes_there_is_nothing_to_draw(tmp_path: Path, capsys: pytest.CaptureFixture):
    """The error says what to do."""
    assert growth.main(["--results", str(tmp_path)]) == 1
    assert "run the benchmarks" in capsys.readouterr().err
