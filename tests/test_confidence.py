"""How likely the first hit answers: hand-worked probabilities, and for whom nothing is known."""

import json
import math

import numpy as np
import pytest

from indexer.transcript import Hit, Passage
from models.load import load_embedder
from service import confidence
from service.confidence import FEATURES, Confidence, Logistic, features, load_confidence

PASSAGE = Passage("talks-1", "talks", 1, 1, 1, 0, 4, "Yes.", "Talks", "Talks")


def hit(score: float, lexical: float, dense: float) -> Hit:
    return Hit(PASSAGE, score, 1, {"dense": dense, "sentence": 0.9, "lexical": lexical})


def test_features_are_of_the_first_hit_and_its_lead_over_the_mean_of_the_others():
    """In the order of FEATURES; the other two have the means 0.4, 0.2 and 0.3."""
    found = features([hit(0.8, 0.45, 0.6), hit(0.5, 0.3, 0.4), hit(0.3, 0.1, 0.2)])
    assert FEATURES == ("dense", "log_lexical", "lead", "lexical_lead", "dense_lead")
    assert found == pytest.approx([0.6, math.log(0.5), 0.4, 0.25, 0.3])


def test_a_hit_that_is_alone_leads_nobody():
    """And one that shares no word with the question has the logarithm of 0.05."""
    assert features([hit(0.8, 0.0, 0.6)]) == pytest.approx([0.6, math.log(0.05), 0, 0, 0])


def test_the_probability_is_logistic_in_standard_features():
    """z = ln 3 + 2 * (0.6 - 0.5) / 0.1 - 1 * (0.4 - 0.2) / 0.1 = ln 3, so 3 in 4."""
    model = Logistic(
        mean=(0.5, 0.0, 0.2, 0.0, 0.0),
        scale=(0.1, 1.0, 0.1, 1.0, 1.0),
        coefficients=(2.0, 0.0, -2.0 + 1.0, 0.0, 0.0),
        intercept=math.log(3),
    )
    hits = [hit(0.8, 0.45, 0.6), hit(0.5, 0.3, 0.4), hit(0.3, 0.1, 0.2)]
    assert Confidence(0.5, model).of(hits) == pytest.approx(0.75)
    far = model.probabilities(np.array([[1e6, 0, 0, 0, 0], [-1e6, 0, 0, 0, 0]]))
    assert far.tolist() == [1.0, 0.0]


def test_nothing_is_known_without_hits_or_for_another_embedder():
    """Another model's cosines mean something else."""
    known = load_confidence(json.loads(confidence.FITTED.read_text())["model"])
    assert known.of([]) is None
    other = load_confidence("other@0000")
    assert other.of([hit(0.8, 0.45, 0.6)]) is None
    assert other.threshold == 0.0


def test_the_fitted_file_is_read_by_the_features_names(tmp_path, monkeypatch):
    """Whatever their order in the file; each with a coefficient of its own."""
    rows = {
        name: {"mean": at / 10, "scale": 1 + at, "coefficient": float(at)}
        for at, name in enumerate(FEATURES)
    }
    fitted = {
        "model": "fake@1",
        "threshold": 0.25,
        "intercept": -1.5,
        "features": dict(sorted(rows.items())),
    }
    monkeypatch.setattr(confidence, "FITTED", tmp_path / "confidence.json")
    confidence.FITTED.write_text(json.dumps(fitted))
    assert load_confidence("fake@1") == Confidence(
        0.25, Logistic((0.0, 0.1, 0.2, 0.3, 0.4), (1, 2, 3, 4, 5), (0.0, 1.0, 2.0, 3.0, 4.0), -1.5)
    )


def test_the_default_model_is_the_one_that_was_fitted():
    """Who changes the model has to fit anew."""
    known = load_confidence(load_embedder().fingerprint)
    assert known.model is not None
    assert 0 < known.threshold < 1


def test_a_clear_answer_is_likelier_than_a_hit_that_shares_nothing():
    """As the model that is delivered has it, on either side of its threshold."""
    known = load_confidence(load_embedder().fingerprint)
    clear = [hit(0.9, 0.7, 0.75), *[hit(0.4, 0.2, 0.5)] * 9]
    poor = [hit(0.3, 0.03, 0.15), *[hit(0.28, 0.03, 0.15)] * 9]
    assert known.of(poor) < known.threshold < 0.8 < known.of(clear)
