"""The golden set over the project's own samples: how many questions cite the right paragraph.

    python -m evaluation.samples

Indexes `samples/` into a temporary library with the default model and asks every question of
`evaluation/samples.jsonl` as the service does. Prints a line a question and the sums.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from indexer.indexing import Outcome, index_paths
from indexer.library import Library
from indexer.search import Searcher
from models.embedder import Embedder
from models.load import load_embedder
from service.answer import Answerer, Citation

ROOT = Path(__file__).parents[1]
QUESTIONS = Path(__file__).with_name("samples.jsonl")
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Golden:
    """A question and where it is answered; `paragraph` is None where nobody answers it."""

    id: str
    question: str
    file: str | None
    paragraph: int | None
    speaker: str | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """`rank` of the right paragraph, from 1; None where it is not among the first ten."""

    golden: Golden
    rank: int | None
    first: Citation | None


class Silent:
    """Progress that tells nobody."""

    def started(self, total_bytes: int) -> None: ...

    def embedded(self, passages: int) -> None: ...

    def done(self, outcome: Outcome, file_bytes: int) -> None: ...


def read_golden(path: Path = QUESTIONS) -> list[Golden]:
    """The golden questions, in the order of the file."""
    fields = ("id", "question", "file", "paragraph", "speaker", "quote")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [Golden(*(row.get(name) for name in fields)) for row in rows]


def evaluate(golden: list[Golden], answerer: Answerer) -> list[Result]:
    """Asks the answerable questions and finds the right paragraph among the citations."""
    results = []
    ids = {t.id: t.source for t in answerer.library.transcripts()}
    for item in golden:
        if item.file is None:
            continue
        citations = answerer.ask(item.question, k=DEPTH).citations
        ranks = [
            citation.rank
            for citation in citations
            if ids[citation.transcript_id] == Path(item.file).name
            and item.paragraph in citation.paragraphs
        ]
        results.append(Result(item, min(ranks, default=None), next(iter(citations), None)))
    return results


def evaluate_samples(folder: Path, embedder: Embedder) -> list[Result]:
    """Indexes samples/ into a library in `folder` and evaluates all golden questions."""
    with Library.open(folder, create=True) as library:
        library.bind(embedder)
        index_paths(library, embedder, [ROOT / "samples"], Silent())
        return evaluate(read_golden(), Answerer(Searcher(library, embedder)))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = evaluate_samples(Path(folder) / "library", load_embedder())
    for result in results:
        rank = result.rank if result.rank is not None else "-"
        first = result.first.passage_id if result.first and result.rank != 1 else ""
        print(f"{result.golden.id} {rank:>2}  {result.golden.question}  {first}")
    for k in (1, 3):
        within = sum(result.rank is not None and result.rank <= k for result in results)
        print(f"right paragraph within the first {k}: {within} of {len(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
