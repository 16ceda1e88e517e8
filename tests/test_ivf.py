"""Many vectors in lists: what is found, how near it is to exact search, and filters."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer import ivf, stores
from indexer.errors import LibraryError
from indexer.ivf import IvfStore
from indexer.recall import Truth, questions_of
from indexer.vectors import Description, FlatStore, Ids, Kind
from models.embedder import Vectors

N, DIMENSION = 3000, 16


def unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return unit(np.random.default_rng(5).standard_normal((N, DIMENSION)).astype(np.float32))


@pytest.fixture(scope="module")
def ids() -> Ids:
    return np.arange(10, 10 + 2 * N, 2, dtype=np.int64)


@pytest.fixture
def store(ids: Ids, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> IvfStore:
    """Built of seven chunks; few are 20."""
    monkeypatch.setattr(ivf, "FEW", 20)

    def chunks() -> Iterator[tuple[Ids, Vectors]]:
        yield from zip(np.array_split(ids, 7), np.array_split(vectors, 7), strict=True)

    return ivf.build(chunks, N, DIMENSION)


@pytest.fixture
def exact(ids: Ids, vectors: Vectors) -> FlatStore:
    store = FlatStore(DIMENSION)
    store.add(ids, vectors)
    return store


def test_the_recall_in_the_description_is_that_of_the_store(
    store: IvfStore, exact: FlatStore, vectors: Vectors
) -> None:
    """On the same kind of questions, the share of exact results that it finds is what it says."""
    described = store.description
    assert (described.kind, described.nlist, described.trained_on) == (Kind.IVF, 110, N)
    assert described.recall_at_10 >= 0.98
    assert described.recall_at_100 >= 0.95
    assert 1 <= described.nprobe < 110
    questions = questions_of(vectors, 200, seed=7)
    shares = [
        len(np.intersect1d(store.search(one, 100)[0], exact.search(one, 10)[0])) / 10
        for one in questions
    ]
    assert np.mean(shares) == pytest.approx(described.recall_at_10, abs=0.02)


def test_searching_all_lists_is_exact_but_for_eight_bits(
    store: IvfStore, exact: FlatStore, vectors: Vectors
) -> None:
    """Where few are allowed; the cosines are those of the vectors to 8 bits."""
    allowed = exact.ids[::200]
    assert len(allowed) == 15
    for one in questions_of(vectors, 20):
        found, cosines = store.search(one, 15, allowed)
        expected, scores = exact.search(one, 15, allowed)
        assert sorted(found) == sorted(expected) == allowed.tolist()
        np.testing.assert_allclose(cosines, scores, atol=0.02)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.02])
@pytest.mark.parametrize("together", [True, False])
def test_filters_keep_recall_and_number(
    store: IvfStore, exact: FlatStore, vectors: Vectors, share: float, together: bool
) -> None:
    """k come back however few are allowed, and nearly all of them are the k nearest allowed."""
    count = round(share * N)
    allowed = exact.ids[:count]
    if not together:
        allowed = np.random.default_rng(8).choice(exact.ids, count, replace=False)
    shares = []
    for one in questions_of(vectors, 50, seed=9):
        found = store.search(one, 10, allowed)[0]
        assert len(found) == 10
        assert np.isin(found, allowed).all()
        shares.append(len(np.intersect1d(found, exact.search(one, 10, allowed)[0])) / 10)
    assert np.mean(shares) >= 0.96


def test_as_many_come_back_as_are_asked_for(store: IvfStore, vectors: Vectors) -> None:
    """Though the lists that are searched as a rule hold fewer."""
    assert len(store.search(vectors[0], N)[0]) == N
    assert len(np.unique(store.search(vectors[0], N + 5)[0])) == N
    absent = np.array([1, 3, 5, 10, 12])
    assert sorted(store.search(vectors[0], 5, absent)[0]) == [10, 12]


def test_what_is_added_is_found_and_what_is_removed_is_not(
    store: IvfStore, ids: Ids, vectors: Vectors
) -> None:
    """At once, without another build; unknown ids are no error, known ones are not added twice."""
    store.remove(np.array([ids[3], ids[700], 9999]))
    assert store.ids.tolist() == np.delete(ids, [3, 700]).tolist()
    assert ids[3] not in store.search(vectors[3], 100)[0]
    store.add(np.array([10_000]), vectors[3:4])
    assert store.search(vectors[3], 1)[0].tolist() == [10_000]
    with pytest.raises(ValueError, match="there already"):
        store.add(ids[:1], vectors[:1])


def test_what_is_saved_is_loaded(store: IvfStore, vectors: Vectors, tmp_path: Path) -> None:
    """With the same results, and under its own description alone."""
    store.remove(store.ids[:5])
    store.save(tmp_path / "v")
    loaded = stores.load(tmp_path / "v", DIMENSION, store.description)
    assert loaded.description == store.description
    assert loaded.ids.tolist() == store.ids.tolist()
    for one in vectors[:20]:
        assert loaded.search(one, 10)[0].tolist() == store.search(one, 10)[0].tolist()
    for other in (
        Description(Kind.FLAT),
        Description(Kind.IVF, nlist=111, nprobe=3),
        Description(Kind.IVF, nlist=110, nprobe=0),
        Description(Kind.IVF, nlist=110, nprobe=111),
    ):
        with pytest.raises(LibraryError, match="delete it"):
            stores.load(tmp_path / "v", DIMENSION, other)


def test_the_same_vectors_make_the_same_store(store: IvfStore, ids: Ids, vectors: Vectors) -> None:
    """Sample, lists and questions are drawn with a fixed seed; the size of chunks is no matter."""
    assert ivf.build(lambda: [(ids, vectors)], N, DIMENSION).description == store.description


def test_equal_vectors_make_a_store_too() -> None:
    """Lists that stay empty harm nothing."""
    same = np.tile(np.eye(1, 8, dtype=np.float32), (150, 1))
    store = ivf.build(lambda: [(np.arange(150), same)], 150, 8)
    assert len(store.search(same[0], 150)[0]) == 150


def test_truth_by_hand() -> None:
    """Nearest by inner product over all chunks; recall is the mean share found."""
    truth = Truth(np.array([[1, 0], [0, 1]], dtype=np.float32))
    truth.show(np.array([5, 6]), np.array([[1, 0], [0, 1]], dtype=np.float32))
    truth.show(np.array([9]), np.array([[0.6, 0.8]], dtype=np.float32))
    # The first is nearest to 5, then 9; the second to 6, then 9.
    assert truth.recall(np.array([[5, 9], [6, 5]]), 2) == 0.75
    assert truth.recall(np.array([[9, 5], [6, 5]]), 1) == 0.5
    with pytest.raises(ValueError, match="fewer than 4"):
        truth.recall(np.array([[5, 9, 6, 1], [6, 9, 5, 1]]), 4)


def test_questions_are_made_of_three_vectors_without_what_all_have_in_common() -> None:
    """One less twice the mean, plus 0.7 times the difference of two; to norm 1, always the same."""
    alone = np.eye(1, 4, dtype=np.float32)
    np.testing.assert_array_equal(questions_of(alone, 3), np.tile(-alone, (3, 1)))
    two = np.eye(2, dtype=np.float32)
    drawn = questions_of(two, 50)
    # Twice the mean is (1, 1), and (1, 0) less that is (0, -1).
    possible = unit(np.array([[0, -1], [0.7, -1.7], [-0.7, -0.3]]))
    either = np.concatenate([possible, possible[:, ::-1]])
    of = np.isclose(drawn[:, None], either, atol=1e-6).all(axis=2)
    assert (of.sum(axis=1) == 1).all()
    assert of.any(axis=0).all()
    np.testing.assert_array_equal(questions_of(two, 50), drawn)
