"""How likely it is that the first hit answers: a logistic model of what the hits carry.

Its numbers stand in `confidence.json`, fitted by `python -m evaluation.confidence --fit` with one
embedder; the cosines of another mean something else, and for it nothing is known.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.transcript import Hit

MODEL = Path(__file__).with_name("confidence.json")
NAMES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logistic:
    """1 / (1 + exp(-(intercept + sum of coefficients * (features - mean) / scale)))."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def probabilities(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, m) features → (n,) in 0..1."""
        standard = (rows - np.array(self.mean)) / np.array(self.scale)
        logits = self.intercept + standard @ np.array(self.coefficients)
        # Both sides of it without overflow.
        return np.asarray(0.5 * (1 + np.tanh(logits / 2)))


@dataclass(frozen=True, slots=True)
class Confidence:
    """`threshold` is the probability below which the first hit is better not called an answer."""

    threshold: float
    model: Logistic | None

    def of(self, hits: Sequence[Hit]) -> float | None:
        """The probability in 0..1 that the first of the hits, best first, answers.

        None where there is no hit, or no model for the embedder. 
        """
        if self.model is None or not hits:
            return None
        return float(self.model.probabilities(features(hits)[None])[0])
