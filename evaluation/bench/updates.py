"""How soon a transcript that is added to a large library is found, and one that is deleted is not.

    python -m evaluation.bench.updates LIBRARY [--rounds 10]

Each round adds a transcript of a hundred paragraphs whose embeddings are there already, asks for
words that only it has until it is found, deletes it and asks again. The search was open before, as
in a server. The library is left as it was but for its generation.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from evaluation.bench.results import RESULTS, Row, percentiles, save
from evaluation.errors import EvaluationError, exit_code
from indexer.library import Library
from indexer.passages import excerpt, split
from indexer.records import SourceFile
from indexer.search import Searcher
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn
from models.embedder import Embedder
from models.load import load_embedder

PARAGRAPHS = 100


def measure(library: Library, embedder: Embedder, rounds: int) -> Row:
    """Times of the rounds in ms, by what was done."""
    searcher = Searcher(library, embedder)
    times: dict[str, list[float]] = {"add": [], "found": [], "delete": [], "gone": []}
    for number in range(rounds):
        made = transcript(number)
        passages = split(made, embedder)
        embeddings = embedder.embed_excerpts([excerpt(passage) for passage in passages])
        source = SourceFile(f"/bench/{made.id}", made.sha256, 1, "bench")
        question = f"What was said of the quillwort{number}?"
        began = time.perf_counter()
        library.add(made, passages, embeddings, source)
        added = time.perf_counter()
        first = searcher.search(question, 1)[0].passage.transcript_id
        found = time.perf_counter()
        if first != made.id:
            raise EvaluationError(f"{made.id} was added and is not found")
        library.delete(made.id)
        deleted = time.perf_counter()
        after = searcher.search(question, 1)[0].passage.transcript_id
        gone = time.perf_counter()
        if after == made.id:
            raise EvaluationError(f"{made.id} was deleted and is found")
        for name, start, end in (
            ("add", began, added),
            ("found", added, found),
            ("delete", found, deleted),
            ("gone", deleted, gone),
        ):
            times[name].append((end - start) * 1000)
    return {
        "system": "onrecord",
        "passages": library.stats().passages,
        "added": len(passages),
        "rounds": rounds,
        **{f"{name}_ms": percentiles(taken) for name, taken in times.items()},
    }


def transcript(number: int) -> Transcript:
    """A hundred paragraphs by one speaker, with a word that no other transcript has."""
    paragraphs = tuple(
        Paragraph(at, f"Of the quillwort{number} I said in point {at} that it grows by itself.")
        for at in range(1, PARAGRAPHS + 1)
    )
    turns = tuple(
        Turn(at, Speaker(("Ann Berg", "Bo Lund")[at % 2]), Role.STATEMENT, (paragraph,))
        for at, paragraph in enumerate(paragraphs, start=1)
    )
    return Transcript(f"bench-{number}", f"Bench {number}", None, "en", "bench", "0" * 64, turns)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures one library and keeps the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        with Library.open(options.library) as library:
            row = measure(library, load_embedder(), options.rounds)
        save("updates", {"rounds": options.rounds}, [row], options.results)
        print(row)

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
