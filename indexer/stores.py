"""Which kind of vector store suits how many vectors; makes stores and reads them from files.

The limits were measured: see evaluation/bench/vectors.py and docs/log.md.
"""

from pathlib import Path
from typing import Any

from indexer import ivf
from indexer.errors import LibraryError
from indexer.ivf import Chunks, IvfStore
from indexer.vectors import Description, FlatStore, Kind, VectorStore

# Exact search of 100,000 vectors of 384 dimensions takes 8 ms of one core, and 20 one time in a
# hundred while others keep the memory busy; a question with names in it makes several searches.
EXACT_MOST = 50_000
# Lists that were made for fewer vectors by this factor are too few and lie badly.
GROWTH = 4


def suits(description: Description, count: int) -> bool:
    """Whether a store of the kind is the one to have for so many vectors, or near enough."""
    if description.kind is Kind.FLAT:
        return count <= EXACT_MOST
    # Not the same limit, or a library near it would be rebuilt with every change.
    return EXACT_MOST // 2 < count <= GROWTH * description.trained_on


def make(chunks: Chunks, count: int, dimension: int) -> VectorStore:
    """A store of the kind for the `count` vectors that `chunks()` gives each time it is called."""
    if count > EXACT_MOST:
        return ivf.build(chunks, count, dimension)
    store = FlatStore(dimension)
    for ids, vectors in chunks():
        store.add(ids, vectors)
    return store


def load(path: Path, dimension: int, description: Description) -> VectorStore:
    """Reads what a store of that description saved; raises LibraryError where it is another.

    FAISS trusts the file, so check where it comes from before.
    """
    import faiss

    try:
        index: Any = faiss.read_index(str(path))
    except RuntimeError as error:
        raise LibraryError(f"{path} is no vector index: delete it, it is made anew") from error
    if index.d == dimension:
        if description.kind is Kind.FLAT and FlatStore.is_kind(index):
            return FlatStore(dimension, index)
        if (
            description.kind is Kind.IVF
            and IvfStore.is_kind(index)
            and index.nlist == description.nlist
            and 1 <= description.nprobe <= index.nlist
        ):
            return IvfStore(index, description)
    raise LibraryError(
        f"{path} is no {description.kind} index of {dimension} dimensions: delete it"
    )
