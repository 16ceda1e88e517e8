"""How likely it is that the first hit answers: a logistic model of what the hits carry.

Its numbers stand in `confidence.json`, fitted by `python -m evaluation.confidence --fit` with one
embedder. The cosines of another mean something else: for it nothing is known.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.transcript import Hit

FITTED = Path(__file__).with_name("confidence.json")
FEATURES = ("dense", "log_lexical", "lead", "lexical_lead", "dense_lead")
# A share well below this is as good as none.
_LEAST_SHARE = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """1 / (1 + exp(-z)), z = intercept + sum of coefficients * (features - mean) / scale."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def probabilities(self, rows: Floats) -> Floats:
        """(n, m) features → (n,) in 0..1."""
        standard = (rows - np.array(self.mean)) / np.array(self.scale)
        logits = self.intercept + standard @ np.array(self.coefficients)
        # The same as above, and cannot overflow.
        return np.asarray((1 + np.tanh(logits / 2)) / 2)


@dataclass(frozen=True, slots=True)
class Confidence:
    """Below `threshold`, a probability, the first hit is better not called an answer."""

    threshold: float
    model: Logistic | None

    def of(self, hits: Sequence[Hit]) -> float | None:
        """The probability in 0..1 that the first of the hits, best first, answers.

        None where there is no hit, or nothing is known for the embedder.
        """
        if self.model is None or not hits:
            return None
        return float(self.model.probabilities(features(hits)[np.newaxis])[0])


def features(hits: Sequence[Hit]) -> Floats:
    """What the model reads of at least one hit, best first: (m,), in the order of FEATURES.

    Of the first hit its cosine with the question and the logarithm of its share of the question's
    words; and how far its score, share and cosine are above the mean of the others', 0 where it is
    alone. So give as many hits as the model was fitted with (`service.answer.JUDGED`).
    """
    # (hits, 3)
    table = np.array(
        [(hit.score, hit.components["lexical"], hit.components["dense"]) for hit in hits]
    )
    leads = table[0] - table[1:].mean(axis=0) if len(hits) > 1 else np.zeros(3)
    _, share, cosine = table[0]
    return np.array([cosine, np.log(max(share, 0.0) + _LEAST_SHARE), *leads])


def load_confidence(fingerprint: str) -> Confidence:
    """The confidence fitted with the embedder of that fingerprint; else one that knows nothing."""
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    if fitted["model"] != fingerprint:
        return Confidence(0.0, None)
    rows = [fitted["features"][name] for name in FEATURES]
    columns = {key: tuple(row[key] for row in rows) for key in ("mean", "scale", "coefficient")}
    model = Logistic(columns["mean"], columns["scale"], columns["coefficient"], fitted["intercept"])
    return Confidence(fitted["threshold"], model)
