"""FAISS against NumPy brute force."""

import threading
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import stores
from indexer.errors import LibraryError
from indexer.vectors import FlatStore, threads
from models.embedder import Vectors

N, DIMENSION = 2000, 32


@pytest.fixture
def ids() -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(1).choice(9000, N, replace=False)).astype(np.int64)


@pytest.fixture
def vectors() -> Vectors:
    rows = np.random.default_rng(2).standard_normal((N, DIMENSION)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def store(ids: NDArray[np.int64], vectors: Vectors) -> FlatStore:
    store = FlatStore(DIMENSION)
    store.add(ids, vectors)
    return store


@pytest.mark.parametrize("admitted", [None, 2000, 1000, 200, 20, 2, 1, 0])
def test_search_equals_brute_force(
    store: FlatStore, ids: NDArray[np.int64], vectors: Vectors, admitted: int | None
) -> None:
    """The k nearest among the allowed, with their cosines, whatever the filter admits."""
    rng = np.random.default_rng(3)
    allowed = None if admitted is None else rng.choice(ids, admitted, replace=False)
    among = np.arange(N) if allowed is None else np.flatnonzero(np.isin(ids, allowed))
    for query in vectors[rng.choice(N, 10)]:
        found, scores = store.search(query, 10, allowed)
        cosines = vectors[among] @ query
        best = np.argsort(-cosines, kind="stable")[:10]
        assert found.tolist() == ids[among][best].tolist()
        np.testing.assert_allclose(scores, cosines[best], atol=1e-5)


def test_allowed_ids_that_are_not_there_find_nothing(
    store: FlatStore, ids: NDArray[np.int64], vectors: Vectors
) -> None:
    """FAISS's padding of missing results never comes out."""
    absent = np.setdiff1d(np.arange(9000), ids)[:5]
    found, scores = store.search(vectors[0], 10, np.concatenate([absent, ids[:1]]))
    assert found.tolist() == ids[:1].tolist()
    assert scores.shape == (1,)


def test_an_empty_store_finds_nothing() -> None:
    """No error and no padding."""
    assert FlatStore(2).search(np.ones(2, dtype=np.float32), 5)[0].tolist() == []


def test_removed_ids_are_gone_and_the_rest_stays(
    store: FlatStore, ids: NDArray[np.int64], vectors: Vectors
) -> None:
    """Removing takes the very ids; unknown ones are no error; they may be added again."""
    store.remove(np.array([ids[0], ids[5], 10_000]))
    assert sorted(store.ids) == np.delete(ids, [0, 5]).tolist()
    assert store.search(vectors[0], 1)[0][0] != ids[0]
    assert store.search(vectors[7], 1)[0][0] == ids[7]
    store.add(ids[:1], vectors[:1])
    assert store.search(vectors[0], 1)[0][0] == ids[0]


def test_an_id_is_not_added_twice(
    store: FlatStore, ids: NDArray[np.int64], vectors: Vectors
) -> None:
    """Two vectors of one id would both be found."""
    with pytest.raises(ValueError, match="there already"):
        store.add(ids[:2], vectors[:2])


def test_wrong_shapes_are_refused(store: FlatStore) -> None:
    """Both numbers are named."""
    with pytest.raises(ValueError, match=r"1 ids of 32 dimensions, got \(1, 3\)"):
        store.add(np.array([9999]), np.ones((1, 3), dtype=np.float32))
    with pytest.raises(ValueError, match=r"32 dimensions, got \(3,\)"):
        store.search(np.ones(3, dtype=np.float32), 1)


def test_ids_in_any_order(store: FlatStore, vectors: Vectors) -> None:
    """Ids come out ascending however they went in, and those below others can be added."""
    few = FlatStore(DIMENSION)
    few.add(np.array([7, 3, 9]), vectors[:3])
    few.add(np.array([5]), vectors[3:4])
    assert few.ids.tolist() == [3, 5, 7, 9]
    assert [few.search(vectors[at], 1)[0].tolist() for at in range(4)] == [[7], [3], [9], [5]]


def test_what_is_saved_is_loaded(store: FlatStore, vectors: Vectors, tmp_path: Path) -> None:
    """Loaded, it finds the same; loaded as another dimension or kind, it is refused."""
    store.save(tmp_path / "v")
    loaded = stores.load(tmp_path / "v", DIMENSION, store.description)
    assert loaded.ids.tolist() == store.ids.tolist()
    assert loaded.search(vectors[3], 5)[0].tolist() == store.search(vectors[3], 5)[0].tolist()
    with pytest.raises(LibraryError, match="33 dimensions"):
        stores.load(tmp_path / "v", 33, store.description)
    faiss.write_index(faiss.IndexFlatL2(DIMENSION), str(tmp_path / "l2"))
    with pytest.raises(LibraryError, match="no flat index of 32"):
        stores.load(tmp_path / "l2", DIMENSION, store.description)
    (tmp_path / "text").write_text("not an index")
    with pytest.raises(LibraryError, match="no vector index"):
        stores.load(tmp_path / "text", DIMENSION, store.description)


def test_threads_are_set_for_a_while_and_for_one_thread_alone() -> None:
    """Other threads keep their own number, and after the block the old one is back."""
    before = faiss.omp_get_max_threads()
    others: list[int] = []
    with threads(before + 1):
        assert faiss.omp_get_max_threads() == before + 1
        other = threading.Thread(target=lambda: others.append(faiss.omp_get_max_threads()))
        other.start()
        other.join()
    assert faiss.omp_get_max_threads() == before
    assert others == [before]
