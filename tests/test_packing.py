"""Sentences' vectors in 8 bits: the bytes by hand, and how little of a cosine is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.packing import pack, unpack
from models.embedder import Vectors

ROWS = np.array([[0.6, -0.8, 0.0], [0.0, 0.0, -1.0]], dtype=np.float32)


def test_the_largest_component_is_127() -> None:
    """0.6 of 0.8 is 95.25 of 127; a negative one is its two's complement."""
    assert pack(ROWS) == bytes([95, 256 - 127, 0, 0, 0, 256 - 127])


def test_rows_come_back_at_norm_1() -> None:
    """Divided by the root of 95² + 127², for each text its own."""
    found = unpack([pack(ROWS[:1]), b"", pack(ROWS)], 3)
    assert [rows.shape for rows in found] == [(1, 3), (0, 3), (2, 3)]
    assert {rows.dtype for rows in found} == {np.dtype(np.float32)}
    norm = 158.60012610335
    first, last = [95 / norm, -127 / norm, 0], [0, 0, -1]
    np.testing.assert_allclose(found[0], [first], rtol=1e-6)
    np.testing.assert_allclose(found[2], [first, last], rtol=1e-6)


def test_nothing_is_nothing() -> None:
    """No sentences are no bytes, and no texts no arrays."""
    assert pack(np.empty((0, 3), dtype=np.float32)) == b""
    assert unpack([], 3) == ()
    [none] = unpack([b""], 3)
    assert none.shape == (0, 3)


def directions(seed: int, dimension: int, power: int = 1) -> Vectors:
    """(20, dimension) of norm 1; the higher the odd power, the more is in few components."""
    rows = np.random.default_rng(seed).normal(size=(20, dimension)) ** power
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


seeds = st.integers(0, 2**32 - 1)


@given(seeds, seeds, st.sampled_from([64, 384, 1024]))
def test_a_cosine_moves_by_less_than_0_005(one: int, other: int, dimension: int) -> None:
    """Of vectors as models make them: spread over all components."""
    rows, queries = directions(one, dimension), directions(other, dimension)
    [found] = unpack([pack(rows)], dimension)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(found @ queries.T, rows @ queries.T, atol=0.005)


@given(seeds, st.sampled_from([2, 64, 384]), st.sampled_from([1, 3, 9]))
def test_the_error_is_bounded_by_the_largest_component(
    seed: int, dimension: int, power: int
) -> None:
    """Rounding moves a component by half a step at most, and norm 1 moves the row as far again."""
    rows = directions(seed, dimension, power)
    [found] = unpack([pack(rows)], dimension)
    step = np.abs(rows).max(axis=1) / 127
    assert np.all(np.linalg.norm(found - rows, axis=1) <= np.sqrt(dimension) * step + 1e-6)
