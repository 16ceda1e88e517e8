"""Measures by hand, intervals and tests with known answers, stable halves."""

from math import log2

import numpy as np
import pytest

from evaluation.metrics import MEASURES, interval, p_value, score
from evaluation.split import half


def of(scores, name):
    return scores[name].tolist()


def test_the_measures_are_those_worked_by_hand():
    """A graded query, one with the only right row at rank 3, one that found nothing."""
    qrels = {"a": {"x": 2, "y": 1}, "b": {"z": 1}, "c": {"z": 1}}
    found = score(qrels, {"a": ["q", "y", "x"], "b": ["p", "q", "z"]})
    # DCG 1/log2(3) + 2/log2(4), ideally 2 + 1/log2(3); 1/log2(4).
    ndcg = [(1 / log2(3) + 1) / (2 + 1 / log2(3)), 0.5, 0]
    assert of(found, "ndcg@10") == pytest.approx(ndcg)
    assert of(found, "rr@10") == pytest.approx([1 / 2, 1 / 3, 0])
    assert of(found, "success@1") == [0, 0, 0]
    assert of(found, "success@5") == [1, 1, 0]
    assert of(found, "recall@10") == [1, 1, 0]
    assert list(found) == list(MEASURES)


def test_measures_stop_at_their_depth():
    """A right row at rank 6 is within ten and not five, at rank 11 within a hundred alone."""
    ranking = [f"r{n}" for n in range(1, 12)]
    found = score({"six": {"r6": 1}, "eleven": {"r11": 1}}, {"six": ranking, "eleven": ranking})
    assert of(found, "success@5") == [0, 0]
    assert of(found, "success@10") == [1, 0]
    assert of(found, "rr@10") == pytest.approx([1 / 6, 0])
    assert of(found, "ndcg@10") == pytest.approx([1 / log2(7), 0])
    assert of(found, "recall@10") == [1, 0]
    assert of(found, "recall@100") == [1, 1]


def test_recall_counts_what_is_missing():
    """One of four right rows is a quarter, also where some are not in the corpus at all."""
    found = score({"a": dict.fromkeys("wxyz", 1)}, {"a": ["x", "q"]})
    assert of(found, "recall@10") == [0.25]


def test_queries_that_nobody_judged_are_not_scored():
    """Scores stand in the order of the qrels, whatever else was run."""
    found = score({"b": {"x": 1}, "a": {"x": 1}}, {"a": ["x"], "other": ["x"]})
    assert of(found, "success@1") == [0, 1]


def test_the_interval_is_that_of_the_binomial():
    """Of a hundred fair coins the 2.5 % and 97.5 % points are 40 and 60 heads."""
    assert interval(np.tile([0.0, 1.0], 50)) == pytest.approx((0.4, 0.6))


def test_the_interval_of_what_does_not_vary_is_a_point():
    """All equal, or one query alone."""
    assert interval(np.ones(5)) == (1.0, 1.0)
    assert interval(np.array([0.25])) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([0, 0, 0], 1),  # nothing differs
        ([1, 0, 0], 1),  # as likely one way as the other
        ([1, 1, 1, 1], 2 / 16),  # all heads or all tails
        ([0.5, 0.5, 0.5, 0.5, 0, 0], 2 / 16),  # ties say nothing
        ([1, 1, 1, -1], 10 / 16),  # at least three of four alike, on either side
    ],
)
def test_p_is_exact_for_few_queries(differences, p):
    """Every way of drawing the signs is tried."""
    first = np.array(differences, dtype=float)
    assert p_value(first, np.zeros(len(first))) == pytest.approx(p)
    assert p_value(np.zeros(len(first)), first) == pytest.approx(p)


def test_p_of_many_queries_is_drawn_with_a_fixed_seed():
    """Forty wins in forty: none of 10,000 draws is as extreme."""
    ones, zeros = np.ones(40), np.zeros(40)
    assert p_value(ones, zeros) == pytest.approx(2 / 10_001)
    mixed = np.tile([1.0, 1.0, -1.0], 20)
    assert p_value(mixed, np.zeros(60)) == p_value(mixed, np.zeros(60))


@pytest.mark.parametrize(
    ("query", "known"),
    [("tr0", "dev"), ("tr1", "dev"), ("covid_0-q0", "report"), ("q0-01", "dev"), ("s01", "report")],
)
def test_halves_never_change(query, known):
    """A query's half is a matter of its id alone; figures of other days can be compared."""
    assert half(query) == known


def test_halves_are_about_equal():
    """Of a thousand ids 472 are in the one, which is no more uneven than coins are."""
    assert sum(half(f"q{n}") == "dev" for n in range(1000)) == 472
