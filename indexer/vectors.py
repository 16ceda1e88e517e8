"""Finds the nearest vectors among those of given ids; FAISS does the work.

Here are what every kind of store has in common and the exact one; `indexer.ivf` has the one for
many vectors. Knows ids and vectors; knows nothing of passages, of the database, or of when to save.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.cores import usable_cores
from models.embedder import Vectors

Ids = NDArray[np.int64]


class Kind(StrEnum):
    """How vectors are searched."""

    FLAT = "flat"  # exact, every vector is compared
    IVF = "ivf-sq8"  # the nearest of many lists, 8 bits a component


@dataclass(frozen=True, slots=True)
class Description:
    """A store's kind and parameters, and how near its results come to those of exact search.

    Of `nlist` lists the `nprobe` nearest to a question are searched; the lists were made for
    `trained_on` vectors. Recall is the share of the exact 10 (100) nearest that are among the 100
    found, the mean over `questions` made of the library's own vectors.
    """

    kind: Kind
    nlist: int = 0
    nprobe: int = 0
    trained_on: int = 0
    recall_at_10: float = 1.0
    recall_at_100: float = 1.0
    questions: int = 0


class VectorStore(Protocol):
    """Unit vectors by id, compared by inner product: the cosine, higher is nearer.

    Several threads may search at once; while one adds or removes, nobody else may use the store.
    """

    @property
    def description(self) -> Description:
        """Kind, parameters and recall."""
        ...

    @property
    def ids(self) -> Ids:
        """All ids, (n,) int64 ascending; not to be written to."""
        ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Adds (n,) new ids with their (n, dimension) float32 vectors of norm 1."""
        ...

    def remove(self, ids: Ids) -> None:
        """Forgets the ids; those that are not there are no error."""
        ...

    def search(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The k nearest of the allowed ids (None allows all) with their cosines, nearest first.

        `query` is (dimension,) float32. Fewer than k come back only where fewer are allowed. One
        thread of the machine is used. Which are nearest, and the cosines, may be approximate: see
        `description`.
        """
        ...

    def save(self, path: Path) -> None:
        """Writes the store to the path, in place."""
        ...


class FaissStore:
    """What the stores share: ids in order, checks, filters; a kind says how it searches."""

    def __init__(self, index: Any, ids: Ids) -> None:
        """Takes a FAISS index that holds the ids, and the ids ascending."""
        self.dimension: int = index.d
        self._index = index
        self._ids = ids

    @property
    def ids(self) -> Ids:
        return self._ids

    def add(self, ids: Ids, vectors: Vectors) -> None:
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"{len(ids)} ids of {self.dimension} dimensions, got {vectors.shape}")
        if len(ids) == 0:
            return
        together = np.concatenate([self._ids, ids])
        # As a rule what is new is greater than all that was.
        if (np.diff(together[max(len(self._ids) - 1, 0) :]) <= 0).any():
            together = np.sort(together)
            again = together[1:][together[1:] == together[:-1]]
            if len(again):
                raise ValueError(f"ids are there already or twice: {again[:5]}")
        with threads(usable_cores()):
            self._index.add_with_ids(np.ascontiguousarray(vectors), ids)
        self._ids = together

    def remove(self, ids: Ids) -> None:
        at = np.searchsorted(self._ids, ids)
        ids, at = ids[at < len(self._ids)], at[at < len(self._ids)]
        at = np.unique(at[self._ids[at] == ids])
        if len(at):
            with threads(usable_cores()):
                self._index.remove_ids(self._ids[at])
            self._ids = np.delete(self._ids, at)

    def search(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        if query.shape != (self.dimension,):
            raise ValueError(f"a query of {self.dimension} dimensions, got {query.shape}")
        k = min(k, len(self._ids) if allowed is None else len(allowed))
        if k == 0 or len(self._ids) == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        # Questions come many at once, and each has its own thread.
        with threads(1):
            return self._search(query[None, :], k, allowed)

    def _search(self, query: Vectors, k: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        raise NotImplementedError

    def save(self, path: Path) -> None:
        import faiss

        faiss.write_index(self._index, str(path))


class FlatStore(FaissStore):
    """Exact search (FAISS `Flat`): time grows with the number of vectors."""

    description = Description(Kind.FLAT)

    def __init__(self, dimension: int, index: Any = None) -> None:
        """An empty store, or one around an index of `make`."""
        import faiss

        index = index or faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
        super().__init__(index, np.sort(faiss.vector_to_array(index.id_map)))

    @staticmethod
    def is_kind(index: Any) -> bool:
        """Whether a FAISS index is of this kind."""
        import faiss

        return (
            type(index) is faiss.IndexIDMap
            and type(faiss.downcast_index(index.index)) is faiss.IndexFlatIP
        )

    def _search(self, query: Vectors, k: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        import faiss

        library: Any = faiss  # its stubs are of the C++ signatures, not of the wrappers around them
        chosen = None if allowed is None else library.SearchParameters(sel=selector(allowed))
        return found(*self._index.search(query, k, params=chosen))


def selector(allowed: Ids) -> Any:
    """What makes FAISS compare the allowed ids alone; at least one is needed."""
    import faiss

    bitmap = np.zeros(int(allowed.max()) // 8 * 8 + 8, dtype=np.bool_)
    bitmap[allowed] = True
    library: Any = faiss
    return library.IDSelectorBitmap(np.packbits(bitmap, bitorder="little"))


def found(scores: Vectors, ids: NDArray[np.int64]) -> tuple[Ids, Vectors]:
    """The answer to a single question; FAISS pads what it does not find with -1."""
    there = ids[0] >= 0
    return ids[0][there], scores[0][there]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads for what this thread asks of FAISS in the block; others' are not touched."""
    import faiss

    library: Any = faiss
    before = library.omp_get_max_threads()
    library.omp_set_num_threads(count)
    try:
        yield
    finally:
        library.omp_set_num_threads(before)
