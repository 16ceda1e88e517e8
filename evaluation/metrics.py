"""Scores of rankings, and how sure one can be of them.

The measures are ir_measures' (trec_eval's code: a grade above 0 is relevant; nDCG's gain is the
grade itself), intervals and tests are scipy's, with a fixed seed.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EvaluationError

Scores = NDArray[np.float64]
# Names as they are shown, and as ir_measures has them.
MEASURES = {
    "success@1": "Success@1",
    "success@5": "Success@5",
    "success@10": "Success@10",
    "rr@10": "RR@10",
    "ndcg@10": "nDCG@10",
    "recall@10": "R@10",
    "recall@100": "R@100",
}
DEPTH = 100
SEED = 20261124
RESAMPLES = 10_000


def score(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Sequence[str]]
) -> dict[str, Scores]:
    """By measure: (n,) in 0..1, higher is better, for the queries in the order of the qrels.

    `run` are row ids by query, best first; a query that it lacks gets 0. Raises EvaluationError
    where ir_measures is not installed.
    """
    try:
        import ir_measures
    except ModuleNotFoundError as error:
        needed = f"evaluation needs {error.name}: pip install 'onrecord[eval]'"
        raise EvaluationError(needed) from error

    measures = {ir_measures.parse_measure(known): name for name, known in MEASURES.items()}
    places = {query: at for at, query in enumerate(qrels)}
    scores = {name: np.zeros(len(places)) for name in MEASURES}
    ranked = {
        query: {row: float(len(rows) - at) for at, row in enumerate(rows)}
        for query, rows in run.items()
        if query in places and rows
    }
    if ranked:
        for found in ir_measures.iter_calc(list(measures), qrels, ranked):
            scores[measures[found.measure]][places[found.query_id]] = found.value
    return scores


def interval(scores: Scores) -> tuple[float, float]:
    """The 95 % interval of the mean of (n,) scores: percentiles of 10,000 bootstrap means."""
    from scipy.stats import bootstrap

    if len(scores) < 2:
        return float(scores.mean()), float(scores.mean())
    found = bootstrap(
        (scores,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return float(found.low), float(found.high)


def p_value(first: Scores, second: Scores) -> float:
    """Two-sided p that two systems' (n,) scores of the same queries differ by chance.

    Paired randomisation (Smucker, Allan and Carterette, CIKM 2007): the signs of the differences
    are drawn 10,000 times, or all of them are tried where there are no more.
    """
    from scipy.stats import permutation_test

    differences = first - second
    # What is equal says nothing; a single difference is as likely one way as the other.
    differences = differences[differences != 0]
    if len(differences) < 2:
        return 1.0
    found = permutation_test(
        (differences,),
        np.sum,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        batch=1000,
        vectorized=True,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)
