"""How good probabilities are: whether they separate, hold what they say, and are of use.

Rows count by their weights (n,), all alike by default. Knows nothing of hits and datasets.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EvaluationError

Floats = NDArray[np.float64]
BINS = 15


class AtRisk(NamedTuple):
    """What a threshold gives: `coverage` is the share of rows at or above it."""

    threshold: float
    coverage: float


def auroc(probabilities: Floats, right: Floats, weights: Floats | None = None) -> float | None:
    """The odds that a right row is above a wrong one, ties half; None where one sort is lacking."""
    if len(set(right.tolist())) < 2:
        return None
    try:
        from sklearn.metrics import roc_auc_score
    except ModuleNotFoundError as error:
        raise lacking(error) from error
    return float(roc_auc_score(right, probabilities, sample_weight=weights))


def calibration_error(
    probabilities: Floats, right: Floats, weights: Floats | None = None, bins: int = BINS
) -> float:
    """Expected calibration error in 0..1, lower is better, over bins of equal mass.

    The mean over bins, by their weight, of |mean probability - share that is right|. Bins of equal
    mass as in Nixon et al., "Measuring Calibration in Deep Learning", 2019,
    https://arxiv.org/abs/1904.01685; of equal width they would be empty where few rows are.
    """
    weights = np.ones(len(right)) if weights is None else weights
    order = np.argsort(probabilities, kind="stable")
    mass = np.cumsum(weights[order]) / weights.sum()
    middle = mass - weights[order] / weights.sum() / 2
    bin_of = np.minimum((middle * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=(weights * (probabilities - right))[order])
    return float(np.abs(gaps).sum() / weights.sum())


def at_risk(
    probabilities: Floats, right: Floats, risk: float, weights: Floats | None = None
) -> AtRisk:
    """The lowest threshold above which at most the share `risk` is wrong.

    Selective classification (Geifman and El-Yaniv, 2017, https://arxiv.org/abs/1705.08500). Where
    no threshold is so good, it is infinite and covers nothing. Equal rows are answered together.
    """
    weights = np.ones(len(right)) if weights is None else weights
    order = np.argsort(-probabilities, kind="stable")
    descending = probabilities[order]
    answered = np.cumsum(weights[order])
    wrong = np.cumsum((weights * (1 - right))[order])
    ends = np.append(descending[1:] != descending[:-1], True)
    good = np.flatnonzero(ends & (wrong <= risk * answered + 1e-12))
    if not len(good):
        return AtRisk(float("inf"), 0.0)
    last = good[-1]
    return AtRisk(float(descending[last]), float(answered[last] / weights.sum()))


def threshold_keeping(probabilities: Floats, share: float, weights: Floats | None = None) -> float:
    """The highest threshold at or above which at least the share of the rows is."""
    weights = np.ones(len(probabilities)) if weights is None else weights
    order = np.argsort(-probabilities, kind="stable")
    reached = np.cumsum(weights[order]) >= share * weights.sum() - 1e-12
    return float(probabilities[order][int(reached.argmax())])


def lacking(error: ModuleNotFoundError) -> EvaluationError:
    """What to do about a library that is not installed."""
    return EvaluationError(f"evaluation needs {error.name}: pip install 'onrecord[eval]'")
