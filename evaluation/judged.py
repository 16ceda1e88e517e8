"""Questions asked of libraries that answer them and of such that do not, and what was found.

Knows nothing of probabilities.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from tqdm import tqdm

from evaluation.collection import Collection
from evaluation.datasets import Dataset, Query
from evaluation.run import select
from evaluation.split import Half
from indexer.errors import QueryError
from indexer.filters import Filters
from indexer.search import MAX_QUESTION_CHARS, Searcher
from indexer.transcript import Hit
from service.answer import JUDGED

HALVES: tuple[Half, ...] = ("dev", "report")
T = TypeVar("T")


class Kind(StrEnum):
    """Whether the library has an answer, and if not, why.

    ELSEWHERE is asked of the dataset's transcripts without those that answer, OTHER_LIBRARY of
    those of another dataset.
    """

    ANSWERABLE = "answerable"
    UNANSWERABLE = "unanswerable"
    ELSEWHERE = "elsewhere"
    OTHER_LIBRARY = "other-library"


@dataclass(frozen=True, slots=True)
class Judged:
    """A question of the dataset `source`, the first hits in `library`, if the first one answers."""

    library: str
    source: str
    kind: Kind
    half: Half
    query: str
    right: bool
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put to a library."""

    source: str
    kind: Kind
    query: Query
    filters: Filters


def judge(
    dataset: Dataset,
    collection: Collection,
    others: Sequence[Dataset],
    limits: Mapping[Kind, int],
    halves: Sequence[Half] = HALVES,
) -> list[Judged]:
    """Asks the library the dataset's questions and those of the others.

    Of each half, kind and source at most as many as `limits` says, spread evenly. Questions for
    which nothing was found, or only what is excluded, are left out.
    """
    searcher = Searcher(collection.library, collection.embedder)
    with collection.library.read() as connection:
        rowids = dict(connection.execute("SELECT id, rowid FROM passages"))
    found: list[Judged] = []
    for half in halves:
        asked = list(_asked(dataset, collection, others, limits, half))
        for one in tqdm(asked, f"{dataset.name} {half}", disable=None, leave=False):
            try:
                hits = searcher.search(one.query.text[:MAX_QUESTION_CHARS], JUDGED, one.filters)
            except QueryError:
                continue
            rows = [
                {
                    row
                    for same in (hit.passage, *hit.duplicates)
                    for row in collection.rows[rowids[same.id]].values()
                }
                for hit in hits
            ]
            kept = [at for at, held in enumerate(rows) if not held or held - one.query.excluded]
            if kept:
                right = one.kind is Kind.ANSWERABLE and any(
                    row in one.query.relevant for row in rows[kept[0]]
                )
                judged = Judged(
                    dataset.name,
                    one.source,
                    one.kind,
                    half,
                    one.query.id,
                    right,
                    tuple(hits[at] for at in kept),
                )
                found.append(judged)
    return found


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly spread and in order."""
    if len(items) <= most:
        return list(items)
    return [items[at * len(items) // most] for at in range(most)]


def _asked(
    dataset: Dataset,
    collection: Collection,
    others: Iterable[Dataset],
    limits: Mapping[Kind, int],
    half: Half,
) -> Iterator[Asked]:
    def some(kind: Kind, queries: Iterable[Query]) -> list[Query]:
        return spread(select(queries, half, None), limits[kind])

    for query in some(Kind.ANSWERABLE, dataset.queries):
        bound = collection.bind(query)
        if bound is not None:
            only = frozenset({bound.transcript} if bound.transcript is not None else ())
            yield Asked(dataset.name, Kind.ANSWERABLE, bound, Filters(transcript_ids=only))
    for query in some(Kind.UNANSWERABLE, dataset.unanswerable):
        yield Asked(dataset.name, Kind.UNANSWERABLE, query, Filters())
    # Of a file of questions nobody knows what else may answer them.
    document_of = {row.id: one.id for one in dataset.documents for row in one.rows}
    everywhere = frozenset(collection.transcripts.values())
    for query in some(Kind.ELSEWHERE, dataset.queries if dataset.documents else ()):
        answering = {document_of[row] for row in query.relevant if row in document_of}
        left = everywhere - {collection.transcripts.get(one) for one in answering}
        if left:
            yield Asked(dataset.name, Kind.ELSEWHERE, query, Filters(transcript_ids=left))
    for other in others:
        for query in some(Kind.OTHER_LIBRARY, other.queries):
            yield Asked(other.name, Kind.OTHER_LIBRARY, query, Filters())
