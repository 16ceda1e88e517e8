"""Probabilities measured against hand-worked numbers; questions judged over small folders."""

import json
import math
from collections import Counter

import numpy as np
import pytest

from evaluation import confidence, fitting
from evaluation.calibration import AtRisk, at_risk, auroc, calibration_error, threshold_keeping
from evaluation.collection import open_collection
from evaluation.confidence import table
from evaluation.datasets import read_dataset
from evaluation.errors import EvaluationError
from evaluation.fitting import figures, fit, weights, write
from evaluation.judged import Judged, Kind, judge, spread
from evaluation.samples import Silent
from indexer.transcript import Hit, Passage
from service.confidence import FEATURES, Confidence, Logistic, load_confidence
from tests.fakes import FakeEmbedder

PASSAGE = Passage("talks-1", "talks", 1, 1, 1, 0, 4, "Yes.", "Talks", "Talks")


def array(*values: float):
    return np.array(values, dtype=np.float64)


def test_the_calibration_error_is_the_mean_gap_of_equal_bins():
    """Two bins of two: |0.15 - 0.5| and |0.7 - 0.5|, so 0.275; in one bin |0.425 - 0.5|."""
    probabilities, right = array(0.6, 0.1, 0.2, 0.8), array(0, 0, 1, 1)
    assert calibration_error(probabilities, right, bins=2) == pytest.approx(0.275)
    assert calibration_error(probabilities, right, bins=1) == pytest.approx(0.075)


def test_a_row_that_weighs_three_is_three_rows_to_the_calibration_error():
    """Bins {0.2 thrice} and {0.6, 0.8, 1.0}: (3 * 0.2 - 3 + 2.4 - 2) / 6 in absolute parts."""
    once = calibration_error(array(0.2, 0.6, 0.8, 1.0), array(1, 1, 0, 1), array(3, 1, 1, 1), 2)
    thrice = calibration_error(array(0.2, 0.2, 0.2, 0.6, 0.8, 1.0), array(1, 1, 1, 1, 0, 1), bins=2)
    assert once == pytest.approx(thrice) == pytest.approx((2.4 + 0.4) / 6)


def test_what_is_calibrated_has_no_error():
    """One in four is right at 0.25, whatever the number of bins they fall into."""
    assert calibration_error(array(0.25, 0.25, 0.25, 0.25), array(0, 1, 0, 0), bins=1) == 0


def test_coverage_goes_as_far_down_as_the_risk_allows():
    """Wrong is the third of five: 2 of 2 right, then 2 of 3, 3 of 4, 4 of 5."""
    probabilities, right = array(0.5, 0.9, 0.7, 0.8, 0.6), array(1, 1, 0, 1, 1)
    assert at_risk(probabilities, right, 0.0) == AtRisk(0.8, 0.4)
    assert at_risk(probabilities, right, 0.19) == AtRisk(0.8, 0.4)
    assert at_risk(probabilities, right, 0.20) == AtRisk(0.5, 1.0)
    assert at_risk(probabilities, right, 0.20, array(1, 1, 2, 1, 1)).coverage == pytest.approx(
        1 / 3
    )


def test_equal_probabilities_are_covered_together_or_not_at_all():
    """The right one of two at 0.9 cannot be had alone."""
    assert at_risk(array(0.9, 0.9, 0.1), array(1, 0, 1), 0.0) == AtRisk(math.inf, 0.0)


def test_the_threshold_that_keeps_a_share():
    """Three of four are at or above 0.4; by weight, the first alone is 5 of 8."""
    probabilities = array(0.4, 0.9, 0.2, 0.6)
    assert threshold_keeping(probabilities, 0.75) == 0.4
    assert threshold_keeping(probabilities, 0.76) == 0.2
    assert threshold_keeping(probabilities, 0.6, array(1, 5, 1, 1)) == 0.9


def test_auroc_counts_pairs_in_order_and_ties_half():
    """Right 0.9 and 0.5 against wrong 0.5 and 0.1: 3.5 of 4 pairs."""
    assert auroc(array(0.9, 0.5, 0.5, 0.1), array(1, 1, 0, 0)) == 0.875
    assert auroc(array(0.9, 0.5), array(1, 1)) is None


def test_a_sample_is_spread_evenly():
    """And is everything where that is few enough."""
    assert spread("abcdefghij", 4) == ["a", "c", "f", "h"]
    assert spread("abc", 4) == ["a", "b", "c"]


# Questions of folders


def beir(folder, document, paragraphs, queries, unanswerable=()):
    """A folder of one document a paragraph pair; `queries` are (id, text, relevant row)."""
    (folder / "qrels").mkdir(parents=True)
    rows = [
        {"_id": f"{document}{at}:0", "doc_id": f"{document}{at}", "text": text}
        for at, text in enumerate(paragraphs)
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = [{"_id": id_, "text": text} for id_, text, _ in queries]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    (folder / "qrels/test.tsv").write_text("".join(f"{id_}\t{row}\t1\n" for id_, _, row in queries))
    lines = [{"_id": f"no{at}", "text": text} for at, text in enumerate(unanswerable)]
    (folder / "unanswerable.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture
def folders(tmp_path):
    """Talk of a port and of a mill, eight questions each, one of whose rows is not the nearest."""
    talks = {
        "port": "herring cargo anchor harbour lighthouse pilot rope ferry".split(),
        "mill": "flour grain wheel miller sack stream donkey bread".split(),
    }
    return [
        beir(
            tmp_path / name,
            name,
            [
                f"We spoke at length about the {word} and what it cost us that year."
                for word in words
            ],
            [
                (f"{name}-q{at}", f"What did the {word} cost?", f"{name}{at if at else 1}:0")
                for at, word in enumerate(words)
            ],
            ["What did the zeppelin weigh?", "Who saw the comet?"],
        )
        for name, words in talks.items()
    ]


LIMITS = dict.fromkeys(Kind, 100)


def test_questions_are_judged_by_what_the_library_can_answer(folders, tmp_path):
    """The first hit is right where it is the gold row, and only among what can be answered."""
    port, mill = map(read_dataset, folders)
    with open_collection(port, FakeEmbedder(), Silent(), cache=tmp_path / "cache") as collection:
        judged = judge(port, collection, [mill], LIMITS)
        few = judge(port, collection, [mill], dict.fromkeys(Kind, 1), ["dev"])
    assert Counter((one.kind, one.source) for one in judged) == {
        (Kind.ANSWERABLE, "port"): 8,
        (Kind.UNANSWERABLE, "port"): 2,
        (Kind.ELSEWHERE, "port"): 8,
        (Kind.OTHER_LIBRARY, "mill"): 8,
    }
    right = {one.query for one in judged if one.right}
    assert right == {f"port-q{at}" for at in range(1, 8)}
    assert all(one.kind is Kind.ANSWERABLE for one in judged if one.right)
    document = {query.id: next(iter(query.relevant)).split(":")[0] for query in port.queries}
    elsewhere = [one for one in judged if one.kind is Kind.ELSEWHERE]
    assert all(len(one.hits) == 7 for one in elsewhere)
    assert not any(
        hit.passage.transcript_id.startswith(document[one.query])
        for one in elsewhere
        for hit in one.hits
    )
    assert {one.half for one in few} == {"dev"}
    assert max(Counter(one.kind for one in few).values()) == 1


def made(kind: Kind, right: bool, dense: float, half="dev", library="port", source="port"):
    """A question whose only hit has that cosine."""
    hit = Hit(PASSAGE, 0.5, 1, {"dense": dense, "sentence": 0.5, "lexical": 0.2})
    return Judged(library, source, kind, half, "q", right, (hit,))


def test_questions_of_a_kind_weigh_no_more_than_its_share():
    """400 that can be answered weigh 300 in each half, two of the other library 1 each."""
    judged = [made(Kind.ANSWERABLE, True, 0.5)] * 400 + [made(Kind.OTHER_LIBRARY, False, 0.1)] * 2
    judged += [made(Kind.ANSWERABLE, True, 0.5, half="report")]
    assert weights(judged).tolist() == [0.75] * 400 + [1.0, 1.0] + [1.0]


def test_the_model_is_fitted_on_the_development_halves():
    """Nine of ten are right at 0.8 and none at 0.2, whatever the report halves say."""
    judged = [made(Kind.ANSWERABLE, at < 9, 0.8) for at in range(10)]
    judged += [made(Kind.OTHER_LIBRARY, False, 0.2)] * 10
    judged += [made(Kind.ANSWERABLE, True, 0.2, half="report")] * 50
    model, threshold = fit(judged)
    assert model.mean[0] == pytest.approx(0.5)
    assert model.scale == pytest.approx((0.3, 1, 1, 1, 1))
    assert model.coefficients[0] > 1
    assert model.coefficients[1:] == (0, 0, 0, 0)
    high = Confidence(0.5, model).of(judged[0].hits)
    assert 0 <= high - threshold < 0.001
    with pytest.raises(EvaluationError, match="all right or all wrong"):
        fit(judged[10:])


def test_what_is_written_is_what_is_loaded(tmp_path, monkeypatch):
    """To six places; with the embedder, the search's weights and how many questions."""
    path = tmp_path / "confidence.json"
    model = Logistic((0.5,) * 5, (0.1,) * 5, (1.25, -1, 0, 2, 3), -0.75)
    write(model, 0.125, [made(Kind.ANSWERABLE, True, 0.5)] * 3, "fake@1", path)
    monkeypatch.setattr("service.confidence.FITTED", path)
    assert load_confidence("fake@1") == Confidence(0.125, model)
    fitted = json.loads(path.read_text())["fitted"]
    assert fitted["questions"] == {"port": 3}
    assert set(fitted) == {"questions", "fusion", "date", "commit"}


def test_figures_are_of_the_report_halves():
    """Four that can be answered, three of them right, and two of the mill: counted by hand."""
    # The probability is logistic in the cosine alone: above one half where that is positive.
    model = Logistic((0.0,) * 5, (1.0,) * 5, (1.0, 0.0, 0.0, 0.0, 0.0), 0.0)
    judged = [
        made(Kind.ANSWERABLE, True, 4.0, "report"),
        made(Kind.ANSWERABLE, True, 3.0, "report"),
        made(Kind.ANSWERABLE, False, 2.0, "report"),
        made(Kind.ANSWERABLE, True, -1.0, "report"),
        made(Kind.OTHER_LIBRARY, False, 1.0, "report", source="mill"),
        made(Kind.OTHER_LIBRARY, False, -2.0, "report", source="mill"),
        made(Kind.ANSWERABLE, False, 9.0, "dev"),
    ]
    port, everything = figures(judged, model, threshold=0.5)
    assert port["questions"] == {"answerable": 4, "other-library": 2}
    assert port["first_right"] == 0.75
    # 7 of 8 pairs with the mill's, 2 of 3 with what is answerable and wrong.
    assert port["auroc"] == {"first_right": 0.6667, "other-library": 0.875}
    assert port["auroc_by_source"] == {"mill": 0.875}
    assert port["answered"] == {"answerable": 0.75, "other-library": 0.5, "first_right": 0.6667}
    assert port["at_risk"]["all"]["5%"]["coverage"] == pytest.approx(1 / 3, abs=1e-4)
    assert port["at_risk"]["answerable"]["10%"]["coverage"] == 0.5
    assert {**port, "library": "all"} == everything
    assert "| port | other-library | 2 | 0.875 | 50.0 |" in list(table([port]))
    assert "| port | answerable | 4 | – | 75.0 (where the first hit is right 66.7) |" in list(
        table([port])
    )
    assert "| port | mill 0.875 |" in list(table([port]))


def test_the_command_fits_measures_and_saves(folders, tmp_path, fake_model, monkeypatch, capsys):
    """Without --fit it takes what was fitted; for an embedder without that it says what to do."""
    fitted = tmp_path / "confidence.json"
    monkeypatch.setattr(confidence, "FITTED", fitted)
    options = [*map(str, folders), "--cache", str(tmp_path / "cache")]
    assert confidence.main(options) == 1
    assert "no confidence is known for fake@0000: run with --fit" in capsys.readouterr().err
    saved = tmp_path / "saved"
    assert confidence.main([*options, "--fit", "--save", str(saved)]) == 0
    printed = capsys.readouterr().out
    assert set(json.loads(fitted.read_text())["features"]) == set(FEATURES)
    value = json.loads((saved / "confidence.json").read_text())
    assert [row["library"] for row in value["libraries"]] == ["port", "mill", fitting.ALL]
    assert {"model", "fusion", "date", "commit", "machine"} <= set(value)
    assert (saved / "confidence.md").read_text() == printed
    monkeypatch.setattr("service.confidence.FITTED", fitted)
    assert confidence.main(options) == 0
    assert capsys.readouterr().out == printed
