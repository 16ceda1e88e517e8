"""Finds the nearest vectors among those of given ids; FAISS does the work.

Knows ids and vectors; knows nothing of passages, of the database, or of when to save.
"""

from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from indexer.errors import LibraryError
from models.embedder import Vectors

Ids = NDArray[np.int64]


class VectorStore(Protocol):
    """Unit vectors by id, compared by inner product: the cosine, higher is nearer."""

    @property
    def ids(self) -> Ids:
        """All ids, (n,) int64 in no order."""
        ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Adds (n,) new ids with their (n, dimension) float32 vectors of norm 1."""
        ...

    def remove(self, ids: Ids) -> None:
        """Forgets the ids; those that are not there are no error."""
        ...

    def search(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The k nearest of the allowed ids (None allows all) with their cosines, nearest first.

        `query` is (dimension,) float32. Fewer than k come back only where fewer are allowed.
        """
        ...

    def save(self, path: Path) -> None:
        """Writes the store to the path, in place."""
        ...

    @classmethod
    def load(cls, path: Path, dimension: int) -> Self:
        """Reads what `save` wrote. Raises LibraryError where it is something else."""
        ...


class FaissStore:
    """Exact search (FAISS `Flat`); not safe for use by several threads at once."""

    def __init__(self, dimension: int) -> None:
        import faiss

        self.dimension = dimension
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    @property
    def ids(self) -> Ids:
        import faiss

        found: Ids = faiss.vector_to_array(self._index.id_map)
        return found

    def add(self, ids: Ids, vectors: Vectors) -> None:
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"{len(ids)} ids of {self.dimension} dimensions, got {vectors.shape}")
        present = np.isin(ids, self.ids)
        if present.any() or len(np.unique(ids)) != len(ids):
            raise ValueError(f"ids are there already or twice: {ids[present][:5]}")
        self._index.add_with_ids(np.ascontiguousarray(vectors), ids)

    def remove(self, ids: Ids) -> None:
        self._index.remove_ids(ids)

    def search(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        import faiss

        if query.shape != (self.dimension,):
            raise ValueError(f"a query of {self.dimension} dimensions, got {query.shape}")
        k = min(k, self._index.ntotal if allowed is None else len(allowed))
        if k == 0 or self._index.ntotal == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = None
        if allowed is not None:
            bitmap = np.zeros(int(allowed.max()) // 8 * 8 + 8, dtype=np.bool_)
            bitmap[allowed] = True
            # FAISS's stubs are of the C++ signatures, not of the Python wrappers around them.
            library: Any = faiss
            selector = library.IDSelectorBitmap(np.packbits(bitmap, bitorder="little"))
            parameters = library.SearchParameters(sel=selector)
        scores, ids = self._index.search(query[None, :], k, params=parameters)
        found = ids[0] >= 0  # FAISS pads what it does not find with -1
        return ids[0][found], scores[0][found]

    def save(self, path: Path) -> None:
        import faiss

        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, dimension: int) -> Self:
        """See `VectorStore.load`; FAISS trusts the file, so check where it comes from before."""
        import faiss

        store = cls(dimension)
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise LibraryError(f"{path} is no vector index: delete it, it is made anew") from error
        if not isinstance(index, faiss.IndexIDMap2) or index.d != dimension:
            raise LibraryError(f"{path} is no index of {dimension} dimensions: delete it")
        store._index = index
        return store
