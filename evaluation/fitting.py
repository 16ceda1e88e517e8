"""Judged questions → the model of the confidence, and figures of how far it can be trusted.

The model is fitted on the development halves, the figures are of the report halves.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration import (
    Floats,
    at_risk,
    auroc,
    calibration_error,
    lacking,
    threshold_keeping,
)
from evaluation.errors import EvaluationError
from evaluation.judged import Judged, Kind
from evaluation.saved import provenance
from evaluation.systems import plain
from indexer.search import FUSION
from service.confidence import FEATURES, Logistic, features

Mask = NDArray[np.bool_]

ALL = "all"
# Of the questions that can be answered.
FIRST_RIGHT = "first_right"
# So many questions a library's weigh at most, by kind: half of all can be answered, and no dataset
# outweighs the others.
SHARES = {
    Kind.ANSWERABLE: 300,
    Kind.UNANSWERABLE: 100,
    Kind.ELSEWHERE: 100,
    Kind.OTHER_LIBRARY: 100,
}
RISKS = (0.05, 0.10)
# To refuse what can be answered is worse than to show passages that do not answer.
KEPT = 0.95


def weights(judged: Sequence[Judged]) -> Floats:
    """(n,): how much each question counts among those of its half."""
    cells = Counter((one.library, one.kind, one.half) for one in judged)
    shares = [SHARES[one.kind] / cells[one.library, one.kind, one.half] for one in judged]
    return np.minimum(shares, 1.0)


def fit(judged: Sequence[Judged]) -> tuple[Logistic, float]:
    """The model and the threshold of the development halves. Raises EvaluationError.

    The threshold is the highest at or above which the share KEPT of the questions that can be
    answered is.
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ModuleNotFoundError as error:
        raise lacking(error) from error

    dev = [one for one in judged if one.half == "dev"]
    right = _right(dev)
    if len(set(right.tolist())) < 2:
        raise EvaluationError("the first hits are all right or all wrong: fit with more questions")
    counts = weights(dev)
    rows = np.stack([features(one.hits) for one in dev])
    mean = np.average(rows, axis=0, weights=counts)
    scale = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=counts))
    scale[scale == 0] = 1.0
    found = LogisticRegression().fit((rows - mean) / scale, right, sample_weight=counts)
    model = Logistic(
        tuple(mean.tolist()),
        tuple(scale.tolist()),
        tuple(found.coef_[0].tolist()),
        float(found.intercept_[0]),
    )
    answerable = _of(dev, Kind.ANSWERABLE)
    probabilities = model.probabilities(rows)[answerable]
    threshold = threshold_keeping(probabilities, KEPT, counts[answerable])
    return model, math.floor(1000 * threshold) / 1000


def write(
    model: Logistic, threshold: float, judged: Sequence[Judged], fingerprint: str, path: Path
) -> None:
    """Writes what `load_confidence` reads, and of what it was made."""
    made = provenance()
    columns = zip(FEATURES, model.mean, model.scale, model.coefficients, strict=True)
    value = {
        "model": fingerprint,
        "threshold": threshold,
        "intercept": round(model.intercept, 6),
        "features": {
            name: {
                "mean": round(mean, 6),
                "scale": round(scale, 6),
                "coefficient": round(coefficient, 6),
            }
            for name, mean, scale, coefficient in columns
        },
        "fitted": {
            "questions": dict(Counter(one.library for one in judged if one.half == "dev")),
            "fusion": plain(FUSION),
            "date": made["date"],
            "commit": made["commit"],
        },
    }
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def figures(judged: Sequence[Judged], model: Logistic, threshold: float) -> list[dict[str, Any]]:
    """Of the report halves, what there is to say of each library, then of all, as JSON can hold it.

    Questions count by their weights, where those of several kinds or libraries are put together.
    """
    report = [one for one in judged if one.half == "report"]
    libraries = list(dict.fromkeys(one.library for one in report))
    counts = weights(report)
    probabilities = model.probabilities(np.stack([features(one.hits) for one in report]))
    found = []
    for name in [*libraries, ALL]:
        at = np.array([name in (ALL, one.library) for one in report])
        chosen = [one for one, here in zip(report, at, strict=True) if here]
        found.append(
            {"library": name, **_figures(chosen, probabilities[at], counts[at], threshold)}
        )
    return found


def _figures(
    judged: Sequence[Judged], probabilities: Floats, counts: Floats, threshold: float
) -> dict[str, Any]:
    right, answerable = _right(judged), _of(judged, Kind.ANSWERABLE)
    groups = {kind.value: at for kind in Kind if (at := _of(judged, kind)).any()}
    others = groups.get(Kind.OTHER_LIBRARY, np.zeros(len(judged), dtype=bool))
    sources = {one.source for one, other in zip(judged, others, strict=True) if other}

    def told(group: Mask) -> float | None:
        """How well the questions that can be answered are told from the group."""
        at = answerable | group
        return _rounded(auroc(probabilities[at], answerable[at].astype(float), counts[at]))

    def shown(at: Mask) -> dict[str, Any]:
        found = {risk: at_risk(probabilities[at], right[at], risk, counts[at]) for risk in RISKS}
        return {
            f"{risk:.0%}": {
                "coverage": round(one.coverage, 4),
                "threshold": _rounded(one.threshold),
            }
            for risk, one in found.items()
        }

    return {
        "questions": {name: int(at.sum()) for name, at in groups.items()},
        FIRST_RIGHT: _rounded(_mean(right, answerable, counts)),
        "auroc": {
            FIRST_RIGHT: _rounded(
                auroc(probabilities[answerable], right[answerable], counts[answerable])
            ),
            **{name: told(at) for name, at in groups.items() if name != Kind.ANSWERABLE},
        },
        "auroc_by_source": {
            source: told(others & np.array([one.source == source for one in judged]))
            for source in sorted(sources)
        },
        "ece": _rounded(calibration_error(probabilities, right, counts)),
        "at_risk": {
            "all": shown(np.ones(len(judged), dtype=bool)),
            "answerable": shown(answerable),
        },
        "threshold": threshold,
        "answered": {
            name: _rounded(_mean((probabilities >= threshold).astype(float), at, counts))
            for name, at in {**groups, FIRST_RIGHT: answerable & (right > 0)}.items()
        },
    }


def _right(judged: Sequence[Judged]) -> Floats:
    return np.array([float(one.right) for one in judged])


def _of(judged: Sequence[Judged], kind: Kind) -> Mask:
    return np.array([one.kind is kind for one in judged], dtype=bool)


def _mean(values: Floats, at: Mask, counts: Floats) -> float | None:
    return float(np.average(values[at], weights=counts[at])) if at.any() else None


def _rounded(value: float | None) -> float | None:
    return round(value, 4) if value is not None and math.isfinite(value) else None
