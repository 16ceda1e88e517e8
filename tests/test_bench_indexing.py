"""What is indexed in the comparison, and the bare products of the model's shapes."""

from pathlib import Path

import numpy as np
import pytest

from evaluation.bench import batching, indexing, roofline
from evaluation.errors import EvaluationError
from evaluation.samples import ROOT
from indexer.library import Library
from models.embedder import Precision


def test_files_are_spread_over_their_names(tmp_path: Path):
    """Three of nine: the first of each third; all where there are no more."""
    for n in range(9):
        (tmp_path / f"{n}.md").touch()
    assert [path.stem for path in indexing.choose(tmp_path, 3)] == ["0", "3", "6"]
    assert len(indexing.choose(tmp_path, 99)) == 9


def test_an_empty_folder_is_refused(tmp_path: Path):
    """It is named."""
    with pytest.raises(EvaluationError, match=r"holds no files"):
        indexing.choose(tmp_path, 3)


def test_ours_is_indexed_from_files_to_a_library(tmp_path: Path, fake_model):
    """What is counted is what can be found."""
    files = [str(path) for path in indexing.choose(ROOT / "samples", 2)]
    found = indexing.ours(files, str(tmp_path / "library"))
    with Library.open(tmp_path / "library") as opened:
        assert (found["passages"], found["transcripts"]) == (opened.stats().passages, 2)
    assert found["passages"] > 0
    assert found["model"] == "fake@0000"


def test_others_are_given_the_same_passages(library: Library):
    """With what we embed before them, or without."""
    bare = indexing._texts(library.folder, whole=False)
    whole = indexing._texts(library.folder, whole=True)
    assert len(bare) == library.stats().passages
    assert all(one.endswith(f"\n{text}") for one, text in zip(whole, bare, strict=True))


def test_shares_are_of_ours():
    """Half as many a second are 1/2.00."""
    rows = [
        {"system": name, "passages": 10, "build_s": 1.0, "per_second": rate, "peak_mb": 5.0}
        for name, rate in (("onrecord", 40.0), ("txtai", 20.0))
    ]
    assert "1/2.00" in indexing.line(rows[1], rows[0])


@pytest.mark.parametrize("kind", ["numpy", "fp32", "int8"])
def test_all_products_of_the_model_are_made(kind: str):
    """36 of them, for each of the tokens, four in six 384 wide."""
    multiply = roofline._numpy() if kind == "numpy" else roofline._onnx(Precision(kind))
    made = multiply(3)
    assert [product.shape for product in made] == [(3, width) for _, width in roofline.SHAPES] * 6
    assert all(np.any(product) for product in made)


def test_every_way_embeds_every_question():
    """In 32 bits a padded batch gives the vectors of each alone."""
    questions = ["Who?", "Who pays for the repair of the dam?", "When?"]
    for size, callers, threads in batching.WAYS.values():
        found = batching.questions_per_second(questions, "fp32", size, callers, threads)
        assert found["cosine"] == pytest.approx(1, abs=1e-5)
