"""Passages a second from files to a library, beside sentence-transformers with Faiss, and txtai.

    python -m evaluation.bench.indexing FOLDER [--files 60]

- onrecord: `index_paths` into a new library: reading, parsing, splitting, encoding with the
  sentences of every passage, words, vectors, everything synced to disk.
- sentence-transformers: `encode` as it comes (batches of 32, sorted by length) of texts that are
  there already, and `add` to a Faiss IndexFlatIP; nothing is written. Once of what we embed,
  context and text, and once of the bare text, which is shorter.
- txtai: `index`, hybrid with content, of what we embed, and `save`.

Models are loaded beforehand. Every contestant has a process of its own.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any

from evaluation.bench.apart import run_apart
from evaluation.bench.results import RESULTS, Row, save, size_mb
from evaluation.errors import EvaluationError, exit_code

BATCH = 32
CONTESTANTS = {
    "onrecord": ("ours", {}),
    "sentence-transformers": ("sentence_transformers", {"whole": True}),
    "sentence-transformers, bare": ("sentence_transformers", {"whole": False}),
    "txtai": ("txtai", {}),
}


def ours(files: list[str], folder: str) -> dict[str, Any]:
    """Indexes the files into a new library."""
    from evaluation.samples import Silent
    from indexer.indexing import index_paths
    from indexer.library import Library
    from models.load import load_embedder

    embedder = load_embedder()
    embedder.embed_query("warm")
    with Library.open(Path(folder), create=True) as library:
        library.bind(embedder)
        start = time.perf_counter()
        index_paths(library, embedder, [Path(file) for file in files], Silent())
        took = time.perf_counter() - start
        stats = library.stats()
    facts = {"model": embedder.fingerprint, "disk_mb": size_mb(Path(folder))}
    return {"passages": stats.passages, "transcripts": stats.transcripts, "build_s": took, **facts}


def sentence_transformers(library: str, whole: bool) -> dict[str, Any]:
    """Encodes the library's passages and adds them to a Faiss index."""
    import faiss
    from sentence_transformers import SentenceTransformer

    from models.weights import bundled_folder

    texts = _texts(Path(library), whole)
    model = SentenceTransformer(str(bundled_folder()), device="cpu")
    model.encode("warm", show_progress_bar=False)
    start = time.perf_counter()
    vectors = model.encode(texts, batch_size=BATCH, show_progress_bar=False)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return {"passages": int(index.ntotal), "build_s": time.perf_counter() - start}


def txtai(library: str, folder: str) -> dict[str, Any]:
    """Indexes the library's passages with txtai."""
    from txtai import Embeddings

    from models.weights import bundled_folder

    texts = _texts(Path(library), whole=True)
    embeddings = Embeddings(path=str(bundled_folder()), hybrid=True, content=True)
    embeddings.batchtransform(["warm"])
    start = time.perf_counter()
    embeddings.index((number, text, None) for number, text in enumerate(texts))
    embeddings.save(folder)
    took = time.perf_counter() - start
    return {"passages": embeddings.count(), "build_s": took, "disk_mb": size_mb(Path(folder))}


def _texts(library: Path, whole: bool) -> list[str]:
    from evaluation.bench.subset import documents
    from indexer.library import Library
    from indexer.passages import excerpt

    with Library.open(library) as opened:
        passages = (passage for one in documents(opened) for passage in one.passages)
        return [excerpt(passage).whole if whole else passage.text for passage in passages]


def choose(folder: Path, count: int) -> list[Path]:
    """So many of the files below the folder, evenly spread over their names in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise EvaluationError(f"{folder} holds no files")
    count = min(count, len(files))
    return [files[at * len(files) // count] for at in range(count)]


def measure(name: str, files: Sequence[Path], work: Path) -> Row:
    """A contestant's row; ours comes first, since it makes the library that the others read."""
    function, options = CONTESTANTS[name]
    library, other = work / "indexing-library", work / "indexing-txtai"
    match function:
        case "ours":
            rmtree(library, ignore_errors=True)
            given: dict[str, Any] = {"files": list(map(str, files)), "folder": str(library)}
        case "txtai":
            rmtree(other, ignore_errors=True)
            given = {"library": str(library), "folder": str(other)}
        case _:
            given = {"library": str(library), **options}
    found = run_apart(f"evaluation.bench.indexing:{function}", given)
    took = found.pop("build_s")
    rate = round(found["passages"] / took, 2)
    return {"system": name, "build_s": round(took, 3), "per_second": rate, **found}


def line(row: Row, first: Row) -> str:
    """A row to be read by people; `first` is ours."""
    return (
        f"{row['system']:27} {row['passages']:>7,} passages in {row['build_s']:.1f} s: "
        f"{row['per_second']:.1f} a second, of ours 1/{first['per_second'] / row['per_second']:.2f}"
        f"; at most {row['peak_mb']:.0f} MB"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of transcripts")
    parser.add_argument("--files", type=int, default=60, help="so many of them, evenly spread")
    parser.add_argument("--systems", nargs="*", default=list(CONTESTANTS), choices=CONTESTANTS)
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        files = choose(options.folder, options.files)
        megabytes = round(sum(file.stat().st_size for file in files) / 1e6, 3)
        settings = {"files": len(files), "megabytes": megabytes, "batch": BATCH}
        options.work.mkdir(parents=True, exist_ok=True)
        rows: list[Row] = []
        for name in dict.fromkeys(["onrecord", *options.systems]):
            rows.append(measure(name, files, options.work))
            print(line(rows[-1], rows[0]), flush=True)
            save("indexing", settings, rows, options.results)

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
