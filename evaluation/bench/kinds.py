"""Builds, saves, loads and asks one kind of vector index; each function runs in its own process.

`flat` and `ivf-sq8` are the product's stores. The others are what FAISS has besides: of those with
lists, these are the product's own and as many are searched. Knows nothing of libraries.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.bench.drawing import filters
from evaluation.bench.results import percentiles, size_mb
from indexer import ivf, manifest, stores
from indexer.vectors import Description, FlatStore, Ids, Kind, VectorStore, threads
from models.embedder import Vectors

DEEP = 100
WARM = 5
CHUNK = 4096
ADDED = 100
SELECTIVITIES = (0.9, 0.1, 0.01, 0.001, 0.0001)
PRODUCT = (Kind.FLAT.value, Kind.IVF.value)
# Searched for so many times more than are wanted, which are then ordered by 8-bit vectors.
RERANKED = 4
HNSW_EXAMINED = 400

Search = Callable[[Vectors], tuple[Ids, Vectors]]


def product(kind: str, folder: str, count: int) -> dict[str, Any]:
    """Figures of one of the product's stores over the first `count` vectors."""
    vectors, questions = _data(folder, count)
    path = Path(folder, f"{kind}-{count}.faiss")
    description, build_s, save_s = _built(kind, vectors, path)
    _, checksum_s = _timed(lambda: manifest.checksum(path))
    store, load_s = _timed(lambda: stores.load(path, vectors.shape[1], description))

    def ask(allowed: Ids | None, exact: NDArray[np.int64]) -> dict[str, Any]:
        return _asked(lambda one: store.search(one, DEEP, allowed), questions, exact)

    row = {
        "build_s": round(build_s, 3),
        "save_s": round(save_s, 3),
        "checksum_s": round(checksum_s, 4),
        "load_s": round(load_s, 4),
        "disk_mb": size_mb(path),
        "bytes_per_vector": round(path.stat().st_size / count, 1),
        "nlist": description.nlist,
        "nprobe": description.nprobe,
        "recall_on_made_questions": [description.recall_at_10, description.recall_at_100],
        **ask(None, _exact(vectors, questions)),
        "filters": {
            f"{selectivity:.2%}".replace(".00%", "%"): {
                how: ask(allowed, allowed[_exact(vectors[allowed], questions)])
                for how, allowed in filters(count, selectivity)
            }
            for selectivity in SELECTIVITIES
            if count * selectivity >= 1
        },
    }
    return {**row, **_changed(store, vectors, count)}


def _built(kind: str, vectors: Vectors, path: Path) -> tuple[Description, float, float]:
    """The description of what was built and saved, and the seconds that both took."""
    store, build_s = _timed(lambda: _make(kind, vectors))
    _, save_s = _timed(lambda: store.save(path))
    return store.description, build_s, save_s


def other(kind: str, folder: str, count: int) -> dict[str, Any]:
    """Figures of another kind, without filters."""
    vectors, questions = _data(folder, count)
    nprobe, index = _index(kind, Path(folder, f"{Kind.IVF}-{count}.faiss"), vectors.shape[1])
    path = Path(folder, f"{kind}-{count}.faiss")

    def build() -> None:
        import faiss

        with threads(2):
            index.train(np.ascontiguousarray(vectors[:: max(count // 50_000, 1)]))
            for _, rows in _chunks(vectors):
                index.add(rows)
        faiss.write_index(index, str(path))

    _, build_s = _timed(build)
    row: dict[str, Any] = {
        "build_s": round(build_s, 3),
        "disk_mb": size_mb(path),
        "bytes_per_vector": round(path.stat().st_size / count, 1),
        "nprobe": nprobe,
    }
    path.unlink()

    def search(one: Vectors) -> tuple[Ids, Vectors]:
        scores, ids = index.search(one[None], DEEP)
        return ids[0], scores[0]

    with threads(1):
        return {**row, **_asked(search, questions, _exact(vectors, questions))}


def _index(kind: str, lists: Path, dimension: int) -> tuple[int, Any]:
    """How many lists are searched (0 where there are none), and an empty index."""
    import faiss

    library: Any = faiss
    name, _, refine = kind.partition("+")
    if not name.startswith("ivf-"):
        whole = library.index_factory(dimension, name, faiss.METRIC_INNER_PRODUCT)
        if hasattr(whole, "hnsw"):
            whole.hnsw.efSearch = HNSW_EXAMINED
        return 0, whole
    trained = library.read_index(str(lists))
    coarse = library.clone_index(trained.quantizer)
    given = (coarse, dimension, trained.nlist)
    product, inner = library.ScalarQuantizer, faiss.METRIC_INNER_PRODUCT
    if name == "ivf-flat":
        index = library.IndexIVFFlat(*given, inner)
    elif name == "ivf-fp16":
        index = library.IndexIVFScalarQuantizer(*given, product.QT_fp16, inner, False)
    else:
        index = library.IndexIVFRaBitQ(*given, inner, True, int(name.removeprefix("ivf-rabitq")))
    index.nprobe = trained.nprobe
    if refine:
        codes = library.IndexScalarQuantizer(dimension, product.QT_8bit, inner)
        index = library.IndexRefine(index, codes)
        index.k_factor = RERANKED
    return int(trained.nprobe), index


def _data(folder: str, count: int) -> tuple[Vectors, Vectors]:
    vectors = np.load(Path(folder, "vectors.npy"), mmap_mode="r")[:count]
    return vectors, np.load(Path(folder, "questions.npy"))


def _chunks(vectors: Vectors) -> Iterator[tuple[Ids, Vectors]]:
    for start in range(0, len(vectors), CHUNK):
        rows = np.array(vectors[start : start + CHUNK])
        yield np.arange(start, start + len(rows), dtype=np.int64), rows


def _make(kind: str, vectors: Vectors) -> VectorStore:
    if kind == Kind.IVF:
        return ivf.build(lambda: _chunks(vectors), *vectors.shape)
    store = FlatStore(vectors.shape[1])
    for ids, rows in _chunks(vectors):
        store.add(ids, rows)
    return store


def _exact(vectors: Vectors, questions: Vectors) -> NDArray[np.int64]:
    """Positions of the nearest, (m, 100 or as many as there are)."""
    import faiss

    library: Any = faiss
    best = library.ResultHeap(len(questions), min(DEEP, len(vectors)), keep_max=True)
    for ids, rows in _chunks(vectors):
        scores, at = library.knn(
            questions, rows, min(DEEP, len(ids)), metric=faiss.METRIC_INNER_PRODUCT
        )
        best.add_result(scores, ids[at])
    best.finalize()
    found: NDArray[np.int64] = best.I
    return found


def _asked(search: Search, questions: Vectors, exact: NDArray[np.int64]) -> dict[str, Any]:
    """Times of one question after another on one thread, and the shares of the exact found."""
    for one in questions[:WARM]:
        search(one)
    wall, cpu, found = [], [], []
    for one in questions:
        start, busy = time.perf_counter(), time.thread_time()
        found.append(search(one)[0])
        cpu.append((time.thread_time() - busy) * 1e3)
        wall.append((time.perf_counter() - start) * 1e3)

    def recall(of: int, among: int) -> float:
        hits = [
            np.isin(best[:of], ids[:among]).sum() for best, ids in zip(exact, found, strict=True)
        ]
        return round(float(np.sum(hits) / exact[:, :of].size), 4)

    return {
        "latency_ms": percentiles(wall),
        "cpu_ms": percentiles(cpu),
        "recall_at_10": recall(10, 10),
        "recall_at_100": recall(DEEP, DEEP),
        # What the search gets: it orders 100 candidates by the exact vectors.
        "recall_of_10_among_100": recall(10, DEEP),
        "fewest_found": min(map(len, found)),
    }


def _changed(store: VectorStore, vectors: Vectors, count: int) -> dict[str, Any]:
    """Milliseconds to add a transcript's passages, and to remove them."""
    ids = np.arange(count, count + ADDED, dtype=np.int64)
    rows = np.array(vectors[:ADDED])
    _, add_s = _timed(lambda: store.add(ids[: len(rows)], rows))
    _, remove_s = _timed(lambda: store.remove(ids))
    return {"add_100_ms": round(add_s * 1e3, 2), "remove_100_ms": round(remove_s * 1e3, 2)}


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return act(), time.perf_counter() - start
