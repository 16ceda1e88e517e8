"""How often the highlighted sentence holds the answer, where the answer's words are known.

    python -m evaluation.highlight DATASET [--split report] [--save FILE]

Each question with gold answers is asked of the transcript that answers it. The passage of the gold
paragraph, of several the best ranked, is cited as the service cites; the highlight has to hold one
of the answers letter by letter.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from evaluation.collection import Collection, default_cache, open_collection
from evaluation.datasets import Dataset, Query, read_dataset
from evaluation.errors import EvaluationError, exit_code
from evaluation.run import select
from evaluation.saved import provenance
from indexer.filters import Filters
from indexer.search import MAX_K, Searcher
from indexer.transcript import fold
from service.answer import Answerer
from service.opening import open_embedder
from service.progress import Bar
from service.settings import load_settings


class Tally(NamedTuple):
    """Questions; how many of their gold passages, and of the highlights in them, hold an answer."""

    questions: int
    passages: int
    highlights: int

    @property
    def share(self) -> float:
        """Highlights that hold an answer, of all questions: 0 to 1."""
        return self.highlights / self.questions


def measure(dataset: Dataset, collection: Collection, queries: Iterable[Query]) -> Tally:
    """Cites for each query with answers its gold passage. Raises EvaluationError for none."""
    answerer = Answerer(Searcher(collection.library, collection.embedder))
    with collection.library.read() as connection:
        rowids = dict(connection.execute("SELECT id, rowid FROM passages"))
    document_of = {row.id: one.id for one in dataset.documents for row in one.rows}
    questions = passages = highlights = 0
    for query in tqdm(list(queries), "highlight", disable=None, leave=False):
        documents = {document_of[row] for row in query.relevant if row in document_of}
        known = {collection.transcripts[one] for one in documents if one in collection.transcripts}
        if not query.answers or not known:
            continue
        questions += 1
        for hit in answerer.searcher.search(
            query.text, MAX_K, Filters(transcript_ids=frozenset(known))
        ):
            if any(
                row in query.relevant for row in collection.rows[rowids[hit.passage.id]].values()
            ):
                [citation] = answerer.cite(query.text, [hit])
                start, end = (at - citation.start for at in citation.highlight)
                passages += _holds(citation.quote, query.answers)
                highlights += _holds(citation.quote[start:end], query.answers)
                break
    if not questions:
        raise EvaluationError(f"{dataset.path} has no questions with answers: nothing to look for")
    return Tally(questions, passages, highlights)


def _holds(text: str, answers: Iterable[str]) -> bool:
    return any(fold(answer) in text for answer in answers)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--split", choices=["dev", "report", "all"], default="report")
    parser.add_argument("--limit", type=int, metavar="N", help="ask only the first N questions")
    parser.add_argument("--cache", type=Path, help="where the dataset's library is kept")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _run(options))


def _run(options: argparse.Namespace) -> None:
    dataset = read_dataset(options.dataset)
    queries = select(dataset.queries, options.split, options.limit)
    embedder = open_embedder(load_settings())
    cache = options.cache or default_cache()
    with Bar() as bar, open_collection(dataset, embedder, bar, cache=cache) as collection:
        tally = measure(dataset, collection, queries)
    print(
        f"{dataset.name}, {options.split}: {tally.highlights} of {tally.questions} highlights hold "
        f"an answer, {100 * tally.share:.1f} %; of the passages {tally.passages} do"
    )
    if options.save is not None:
        value = {"dataset": dataset.name, "split": options.split, **tally._asdict()}
        value |= {"share": round(tally.share, 4), "model": embedder.fingerprint, **provenance()}
        options.save.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
