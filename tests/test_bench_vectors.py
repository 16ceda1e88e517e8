"""The benchmark of vector indexes measures what it says it does, on a few vectors."""

import json
import math

import numpy as np
import pytest

from evaluation.bench import kinds
from evaluation.bench.drawing import draw, filters
from evaluation.bench.vectors import estimate, main
from evaluation.errors import EvaluationError
from indexer.library import Library
from tests.fakes import FakeEmbedder, add, transcript


@pytest.fixture
def library(tmp_path):
    """30 transcripts of one passage each."""
    with Library.open(tmp_path / "library", create=True) as library:
        for n in range(30):
            words = " ".join(f"word{n}x{m % (n + 3)}" for m in range(20))
            add(library, transcript(f"t{n}", f"Ann: {words}."), FakeEmbedder())
        yield library


def test_first_the_librarys_own_vectors_then_ones_as_near_as_its_own_are(library, tmp_path):
    """All of norm 1; the drawn ones lie around those of the same place in the order."""
    said = draw(library, 90, tmp_path / "v.npy")
    drawn = np.load(tmp_path / "v.npy")
    own = np.concatenate([rows for _, rows in library.vectors_after(0)])
    assert (said["own"], said["drawn_around_them"]) == (30, 60)
    np.testing.assert_allclose(drawn[:30], own, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1, atol=1e-5)
    cosines = (drawn[30:] * np.tile(own, (2, 1))).sum(axis=1)
    assert (cosines < 0.9999).any()
    assert cosines.mean() == pytest.approx(said["cosine_with_what_it_was_drawn_around"], abs=0.06)


def test_filters_allow_the_share_that_they_say():
    """Scattered over all, and one after another."""
    (first, scattered), (second, together) = filters(1000, 0.05)
    assert (first, second) == ("scattered", "together")
    assert len(np.unique(scattered)) == len(together) == 50
    assert np.diff(together).tolist() == [1] * 49
    assert np.diff(scattered).max() > 1
    with pytest.raises(EvaluationError, match="none"):
        next(filters(1000, 0.0001))


@pytest.mark.parametrize("kind", kinds.PRODUCT)
def test_every_figure_of_a_store(kind, tmp_path):
    """Recall is against exact search, with and without filters; size is that of the file."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((600, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.save(tmp_path / "vectors.npy", rows)
    np.save(tmp_path / "questions.npy", rows[:20])
    row = kinds.product(kind, str(tmp_path), 500)
    assert row["bytes_per_vector"] == pytest.approx(row["disk_mb"] * 1e6 / 500, abs=1)
    assert row["fewest_found"] == 100
    assert list(row["filters"]) == ["90%", "10%", "1%"]
    assert [found["fewest_found"] for found in row["filters"]["1%"].values()] == [5, 5]
    recalls = [row["recall_at_10"], *(f["recall_at_10"] for f in row["filters"]["10%"].values())]
    if kind == "flat":
        assert 72 <= row["bytes_per_vector"] < 73  # 16 times 4, and 8 of the id
        assert recalls == [1.0, 1.0, 1.0]
        assert (row["nlist"], row["nprobe"]) == (0, 0)
    else:
        assert min(recalls) >= 0.95
        assert row["nlist"] == 45
        other = kinds.other("ivf-flat", str(tmp_path), 500)
        assert other["nprobe"] == row["nprobe"]
        assert other["recall_at_10"] >= row["recall_at_10"] - 0.01
        assert not (tmp_path / "ivf-flat-500.faiss").exists()


def test_the_estimate_goes_on_as_the_last_two_sizes_grew():
    """By a power law: twice the time for four times as many is half a power."""
    small = dict.fromkeys(("build_s", "disk_mb", "peak_mb", "load_s", "checksum_s"), 1.0)
    large = dict.fromkeys(small, 2.0)
    rows = [
        {"system": "flat", "passages": 1000, "cpu_ms": {"p50": 9.0}, **dict.fromkeys(small, 9.0)},
        {"system": "flat", "passages": 100, "cpu_ms": {"p50": 3.0}, **small},
        {"system": "flat", "passages": 400, "cpu_ms": {"p50": 4.5}, **large},
        {"system": "ivf-sq8", "passages": 400, "cpu_ms": {"p50": 4.5}, **large},
    ]
    found = estimate(rows[1:], 1600)
    assert list(found) == ["flat"]
    assert found["flat"]["build_s"] == {"exponent": 0.5, "value": 4.0}
    assert found["flat"]["cpu_ms"] == {"exponent": round(math.log(1.5, 4), 3), "value": 6.75}
    assert estimate(rows, 1600)["flat"]["cpu_ms"]["exponent"] == round(math.log(2, 2.5), 3)


def test_sizes_that_are_none_are_told(tmp_path):
    """Before anything is done."""
    with pytest.raises(EvaluationError, match="'1e3'"):
        main(["--library", str(tmp_path), "--sizes", "1e3"])
    assert json.dumps([*tmp_path.iterdir()]) == "[]"
