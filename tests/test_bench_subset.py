"""Libraries of any size: what is taken, what is copied, and how a copy differs."""

from pathlib import Path

import numpy as np
import pytest

from evaluation.bench.subset import documents, ensure_subset, make_subset, note_of
from evaluation.bench.variation import SHARE, Variation
from evaluation.errors import EvaluationError
from indexer.errors import ModelMismatch
from indexer.library import Library
from indexer.search import Searcher
from tests.fakes import FakeEmbedder

SAID = (
    "We have always spoken with our friends about the fisheries, and Mr. Lund asked whether "
    "there might be another treaty before the winter storms arrive in the northern harbour. "
)


@pytest.fixture
def target(tmp_path: Path):
    with Library.open(tmp_path / "made", create=True) as made:
        yield made


def test_a_replaced_word_has_the_same_length():
    """Spans of characters stay true; capitals, short words and ends of sentences stay."""
    variation = Variation([SAID], seed=1)
    text = SAID * 20
    varied = variation.text(text)
    before, after = text.split(" "), varied.split(" ")
    assert [len(word) for word in after] == [len(word) for word in before]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed
    assert all(old.isalpha() and old.islower() and new in SAID for old, new in changed)


def test_the_share_of_words_is_drawn():
    """Of 2,000 words that may be replaced, each by the only other one, about an eighth are."""
    variation = Variation([" other "], seed=2)
    varied = variation.text("Begin " + "words " * 2000)
    assert abs(varied.count("other") / 2000 - SHARE) < 0.03


def test_the_same_seed_gives_the_same_changes():
    """What is measured can be made again."""
    first, second = (Variation([SAID], seed=3).text(SAID * 5) for _ in range(2))
    assert first == second
    assert first != Variation([SAID], seed=4).text(SAID * 5)


def test_vectors_move_by_a_known_angle():
    """They stay of norm 1, and the mean cosine is 0.95."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(500, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    moved = Variation([], seed=5).vectors(vectors)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    assert abs(float(np.mean(np.sum(moved * vectors, axis=1))) - 0.95) < 0.005


@pytest.mark.parametrize("wanted", [1, 2, 3, 5, 6, 13, 40])
def test_a_subset_has_exactly_so_many_passages(library: Library, target: Library, wanted: int):
    """Fewer than the source has, or more than it has several times over."""
    make_subset(library, target, wanted, FakeEmbedder())
    assert target.stats().passages == wanted
    assert len(list(target.transcripts())) == sum(1 for _ in documents(target))


def test_what_is_taken_is_as_it_was(library: Library, target: Library):
    """Passages, their embeddings and their transcripts are those of the source."""
    held = library.stats().passages
    make_subset(library, target, held, FakeEmbedder())
    for old, new in zip(documents(library), documents(target), strict=True):
        assert new.passages == old.passages
        assert new.transcript.turns == old.transcript.turns
        np.testing.assert_array_equal(new.embeddings.vectors, old.embeddings.vectors)


def test_the_last_transcript_ends_where_its_passages_do(library: Library, target: Library):
    """No paragraph is kept that no passage covers."""
    first = next(documents(library))
    make_subset(library, target, 2, FakeEmbedder())
    cut = next(documents(target))
    assert cut.passages == first.passages[:2]
    spoken = list(cut.transcript.paragraphs())
    assert spoken == list(first.transcript.paragraphs())[: len(spoken)]
    assert spoken[-1].number == cut.passages[-1].last_paragraph


def test_a_copy_is_another_transcript(library: Library, target: Library):
    """Ids and titles differ; speakers and roles stay, and no vector is the same as before."""
    held = library.stats().passages
    make_subset(library, target, 2 * held, FakeEmbedder())
    made = list(documents(target))
    old, new = made[0], made[len(made) // 2]
    assert (new.transcript.id, new.transcript.title) == ("talks-2", "Talks <b>on</b> fish (2)")
    assert [turn.speaker for turn in new.transcript.turns] == [
        turn.speaker for turn in old.transcript.turns
    ]
    assert [one.id for one in new.passages] == [
        one.id.replace("talks:", "talks-2:") for one in old.passages
    ]
    assert "(2)" in new.passages[0].context
    assert "(2)" in new.passages[0].background
    cosines = np.sum(old.embeddings.vectors * new.embeddings.vectors, axis=1)
    assert (cosines < 0.999).all()
    assert (cosines > 0.8).all()
    assert [len(one) for one in new.embeddings.sentences] == [
        len(one) for one in old.embeddings.sentences
    ]


def test_a_made_library_can_be_searched(library: Library, target: Library):
    """It is as one that was indexed."""
    make_subset(library, target, 3, FakeEmbedder())
    found = Searcher(target, FakeEmbedder()).search("When was the treaty signed?", 1)
    assert "treaty" in found[0].passage.text


def test_a_library_that_holds_something_is_not_added_to(library: Library):
    """Nor is anything made of nothing."""
    with pytest.raises(EvaluationError, match=r"holds \d passages: choose another folder"):
        make_subset(library, library, 3, FakeEmbedder())


def test_nothing_comes_of_an_empty_library(target: Library, tmp_path: Path):
    """Copies of nothing would go on for ever."""
    with (
        Library.open(tmp_path / "empty", create=True) as empty,
        pytest.raises(EvaluationError, match="is empty: choose another folder"),
    ):
        make_subset(empty, target, 3, FakeEmbedder())


def test_another_model_is_refused(library: Library, target: Library):
    """Questions would be embedded by it, and the vectors not."""
    with pytest.raises(ModelMismatch):
        make_subset(library, target, 3, FakeEmbedder(fingerprint="other@1"))


def test_a_library_is_made_once(library: Library, tmp_path: Path):
    """The note beside it says of how many passages; another number is refused."""
    place = tmp_path / "made-3"
    ensure_subset(library.folder, place, 3, FakeEmbedder())
    written = note_of(place).stat().st_mtime_ns
    ensure_subset(library.folder, place, 3, FakeEmbedder())
    assert note_of(place).stat().st_mtime_ns == written
    with pytest.raises(EvaluationError, match="was made of 3 passages"):
        ensure_subset(library.folder, place, 4, FakeEmbedder())
