"""Searches many vectors by comparing those of the nearest lists only (FAISS `IVF` with `SQ8`).

How many lists are searched follows from a recall that is measured when the store is built. Knows
ids and vectors; knows nothing of passages, of the database, or of when to build.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil, sqrt
from typing import Any

import numpy as np

from indexer.recall import DEEP, Truth, questions_of
from indexer.vectors import Description, FaissStore, Ids, Kind, found, selector, threads
from models.cores import usable_cores
from models.embedder import Vectors

Chunks = Callable[[], Iterable[tuple[Ids, Vectors]]]

LISTS = 2.0  # times the square root of the number of vectors
TRAINING_PER_LIST = 50
QUESTIONS = 400
TARGET = 0.98  # of the exact 10 nearest
# So much more, the standard error of a mean over 400 questions.
MARGIN = 0.003
TARGET_DEEP = 0.95  # of the exact 100 nearest
# With so few allowed, all are compared: passing over the others costs 1 to 2 ns each.
FEW = 50_000


class IvfStore(FaissStore):
    """Approximate search; see `build`, which makes one."""

    def __init__(self, index: Any, description: Description) -> None:
        """Around an index of which `is_kind` holds; the description is that of its making."""
        super().__init__(index, _ids_of(index))
        self.description = description

    @staticmethod
    def is_kind(index: Any) -> bool:
        """Whether a FAISS index is of this kind."""
        import faiss

        return (
            type(index) is faiss.IndexIVFScalarQuantizer
            and index.sq.qtype == faiss.ScalarQuantizer.QT_8bit
            and index.metric_type == faiss.METRIC_INNER_PRODUCT
        )

    def _search(self, query: Vectors, k: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        import faiss

        library: Any = faiss
        chosen, nprobe = None, self.description.nprobe
        if allowed is not None:
            chosen, nprobe = selector(allowed), self._nprobe(len(allowed))
        while True:
            parameters = library.SearchParametersIVF(sel=chosen, nprobe=nprobe)
            ids, scores = found(*self._index.search(query, k, params=parameters))
            if len(ids) == k or nprobe == self._index.nlist:
                return ids, scores
            nprobe = self._index.nlist

    def _nprobe(self, allowed: int) -> int:
        """Lists to be searched: the fewer are allowed, the farther lie the nearest of them."""
        if allowed <= FEW:
            return int(self._index.nlist)
        wanted = ceil(self.description.nprobe * len(self._ids) / allowed)
        return min(wanted, int(self._index.nlist))


def build(chunks: Chunks, count: int, dimension: int) -> IvfStore:
    """A store of all vectors that `chunks()` gives, in the two times that it is called.

    They are `count` in all, and come as (n,) ids with (n, dimension) rows. As much memory is
    needed as for the store and a sample of the vectors. All cores are used.
    """
    import faiss

    nlist = max(1, min(round(LISTS * sqrt(count)), count))
    index: Any = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        nlist,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # codes of the vectors themselves: the lists differ too little to gain by residuals
    )
    index.cp.spherical = True
    index.cp.min_points_per_centroid = 1  # or FAISS warns where a test is small
    with threads(usable_cores()):
        sample = _sample(chunks, count, max(TRAINING_PER_LIST * nlist, QUESTIONS))
        index.train(sample)
        truth = Truth(questions_of(sample, QUESTIONS))
        del sample
        for ids, vectors in chunks():
            index.add_with_ids(vectors, ids)
            truth.show(ids, vectors)
        description = Description(Kind.IVF, nlist, nlist, count, questions=QUESTIONS)
        if index.ntotal >= DEEP:
            description = _tuned(index, truth, description)
        index.nprobe = description.nprobe
    return IvfStore(index, description)


def _sample(chunks: Chunks, count: int, size: int) -> Vectors:
    """Vectors drawn from all chunks without preference, always the same ones."""
    chosen = np.sort(np.random.default_rng(0).choice(count, min(size, count), replace=False))
    rows: list[Vectors] = []
    start = 0
    for ids, vectors in chunks():
        within = chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, start + len(ids))]
        rows.append(vectors[within - start])
        start += len(ids)
    return np.concatenate(rows)


def _tuned(index: Any, truth: Truth, description: Description) -> Description:
    """With the fewest lists to search, to a sixteenth, whose recall is as wanted.

    The ten nearest have to be among the hundred found, in whatever order: who searches compares
    those again by the exact vectors.

    Where 8 bits are too few for it, those are searched from which on more do not help.
    """

    def at(nprobe: int) -> Description:
        import faiss

        library: Any = faiss
        parameters = library.SearchParametersIVF(nprobe=nprobe)
        ids = index.search(truth.questions, DEEP, params=parameters)[1]
        ten, hundred = truth.recall(ids, 10, DEEP), truth.recall(ids, DEEP, DEEP)
        return replace(description, nprobe=nprobe, recall_at_10=ten, recall_at_100=hundred)

    best, few = at(1), 0
    while not _suffices(best) and best.nprobe < description.nlist:
        few, before = best.nprobe, best
        best = at(min(2 * best.nprobe, description.nlist))
        if (
            best.recall_at_10 + best.recall_at_100
            < before.recall_at_10 + before.recall_at_100 + 1e-3
        ):
            return before
    while best.nprobe - few > max(1, best.nprobe // 16):
        middle = at((few + best.nprobe) // 2)
        if _suffices(middle):
            best = middle
        else:
            few = middle.nprobe
    return best


def _suffices(one: Description) -> bool:
    return one.recall_at_10 >= TARGET + MARGIN and one.recall_at_100 >= TARGET_DEEP


def _ids_of(index: Any) -> Ids:
    import faiss

    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    return np.sort(
        np.concatenate(
            [
                faiss.rev_swig_ptr(lists.get_ids(at), lists.list_size(at)).copy()
                for at in range(index.nlist)
                if lists.list_size(at)
            ]
            or [np.empty(0, dtype=np.int64)]
        )
    )
