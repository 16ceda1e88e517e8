"""What is compared: our search as the service does it, and others over the same passages.

Every system ranks passages by rowid. The baselines know the passages' own words alone, as general
tools do, and never return what is known to be a question.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluation.collection import Collection
from evaluation.datasets import Query
from evaluation.errors import EvaluationError
from evaluation.peers import Peer
from evaluation.textvectors import text_vectors
from indexer.errors import QueryError
from indexer.filters import Filters
from indexer.search import MAX_QUESTION_CHARS, Searcher
from models.embedder import Vectors
from service.citations import cite

T = TypeVar("T")
RRF_K = 60
RRF_DEPTH = 100
NAMES = ("ours", "dense", "bm25", "hybrid", "txtai", "haystack")
# The module that a system needs, and the extra that brings it.
_NEEDS = {
    "bm25": ("bm25s", "eval"),
    "hybrid": ("bm25s", "eval"),
    "txtai": ("txtai", "peers"),
    "haystack": ("haystack", "peers"),
}


class Ranked(NamedTuple):
    """A passage found, and which of its paragraphs the system cites, where it names one."""

    rowid: int
    paragraph: int | None = None


class System(Protocol):
    """Ranks passages; `configuration` is what of it was chosen, as JSON can hold it."""

    name: str
    configuration: dict[str, Any]

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """At most `k`, best first, of the query's transcript where it has one."""
        ...


class Ours:
    """The service's searcher with its defaults; each hit with the paragraph that it cites."""

    name = "ours"

    def __init__(self, collection: Collection) -> None:
        self.searcher = Searcher(collection.library, collection.embedder)
        self.configuration: dict[str, Any] = {"fusion": plain(self.searcher.fusion)}
        with collection.library.read() as connection:
            self._rowids: dict[str, int] = dict(
                connection.execute("SELECT id, rowid FROM passages")
            )

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """As `System.rank`; of a question that is too long its beginning, none for no words."""
        ids = frozenset({query.transcript} if query.transcript is not None else ())
        text = query.text[:MAX_QUESTION_CHARS]
        try:
            hits = self.searcher.search(text, k, Filters(transcript_ids=ids))
        except QueryError:
            return []
        found: list[Ranked] = []
        for hit, citation in zip(hits, cite(self.searcher.library, text, hits), strict=True):
            found.append(Ranked(self._rowids[hit.passage.id], citation.paragraph))
            # What says the same stands beside it in the answer.
            found += [Ranked(self._rowids[same.id]) for same in hit.duplicates]
        return found[:k]


class Baseline:
    """What the baselines share: the passages' rowids, and which are of a transcript."""

    def __init__(self, collection: Collection) -> None:
        self.rowids = np.array([one.rowid for one in collection.texts], dtype=np.int64)
        of_transcript: defaultdict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(collection.texts):
            of_transcript[one.transcript].append(at)
        self._of_transcript = {id_: np.array(rows) for id_, rows in of_transcript.items()}

    def at(self, positions: NDArray[np.int64]) -> list[Ranked]:
        """The passages at these positions."""
        return [Ranked(rowid) for rowid in self.rowids[positions].tolist()]

    def allowed(self, query: Query) -> NDArray[np.int64]:
        """Positions of the passages that the query may find, ascending."""
        if query.transcript is None:
            return np.arange(len(self.rowids))
        return self._of_transcript.get(query.transcript, np.zeros(0, dtype=np.int64))


class Dense(Baseline):
    """Cosine of the question and the passage's own words."""

    name = "dense"

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self.embedder = collection.embedder
        self.configuration: dict[str, Any] = {"model": self.embedder.fingerprint}
        self.vectors: Vectors = text_vectors(
            collection.texts, self.embedder, collection.library.folder
        )

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """As `System.rank`."""
        allowed = self.allowed(query)
        rows = self.vectors if query.transcript is None else self.vectors[allowed]
        scores = rows @ self.embedder.embed_query(query.text)
        return self.at(allowed[best(scores, k)])


class BM25(Baseline):
    """BM25 (Lucene's) over the passage's own words: English stems, without stop words."""

    name = "bm25"

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        import bm25s
        import Stemmer

        library = f"bm25s {bm25s.__version__}"
        self.configuration: dict[str, Any] = {"library": library, "method": "lucene"}
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25()
        words = self._tokenize([one.text for one in collection.texts])
        self._known = frozenset(words.vocab)
        if self._known:
            self._index.index(words, show_progress=False)

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """As `System.rank`; passages that share no word with the question are not found."""
        asked = self._tokenize([query.text])
        names = {id_: word for word, id_ in asked.vocab.items()}
        words = [names[id_] for id_ in asked.ids[0] if names[id_] in self._known]
        if not words:
            return []
        allowed = self.allowed(query)
        scores = self._index.get_scores(words)[allowed]
        found = best(scores, k)
        return self.at(allowed[found[scores[found] > 0]])

    def _tokenize(self, texts: list[str]) -> Any:
        from bm25s import tokenize

        return tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


class Hybrid:
    """Dense and BM25, joined by reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""

    name = "hybrid"

    def __init__(self, dense: Dense, bm25: BM25) -> None:
        self.parts: tuple[Dense, BM25] = (dense, bm25)
        self.configuration: dict[str, Any] = {"rrf_k": RRF_K, "depth": RRF_DEPTH}

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """As `System.rank`."""
        return rrf([part.rank(query, RRF_DEPTH) for part in self.parts])[:k]


class PeerSystem:
    """A peer (see `peers`) as a system."""

    def __init__(self, peer: Peer) -> None:
        self.name = peer.name
        self.configuration: dict[str, Any] = peer.configuration
        self.peer = peer

    def rank(self, query: Query, k: int) -> list[Ranked]:
        """As `System.rank`."""
        return [Ranked(rowid) for rowid in self.peer.rank(query.text, k, query.transcript)]


class Systems:
    """Makes systems over a collection by their names; what two of them need is made once."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    @cached_property
    def dense(self) -> Dense:
        return Dense(self.collection)

    @cached_property
    def bm25(self) -> BM25:
        return BM25(self.collection)

    def make(self, name: str) -> System:
        """The system of that name. Raises EvaluationError as `check` does."""
        check([name])
        if name == "ours":
            return Ours(self.collection)
        if name == "dense":
            return self.dense
        if name == "bm25":
            return self.bm25
        if name == "hybrid":
            return Hybrid(self.dense, self.bm25)
        from evaluation import peers

        made: type[peers.Txtai | peers.Haystack] = (
            peers.Txtai if name == "txtai" else peers.Haystack
        )
        vectors = np.asarray(self.dense.vectors)
        return PeerSystem(made(self.collection.texts, vectors, self.dense.embedder.embed_query))


def check(names: Iterable[str]) -> None:
    """Raises EvaluationError for the name of no system, and for one that is not installed."""
    for name in names:
        if name not in NAMES:
            raise EvaluationError(f"there is no system {name!r}: choose of {', '.join(NAMES)}")
        module, extra = _NEEDS.get(name, ("ir_measures", "eval"))
        if find_spec(module) is None:
            raise EvaluationError(f"{name} needs {module}: pip install 'onrecord[{extra}]'")


def best(scores: NDArray[Any], k: int) -> NDArray[np.int64]:
    """Positions of the k highest of (n,) scores, best first, ties in order."""
    if len(scores) <= k:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, -k)[-k]
    candidates = np.flatnonzero(scores >= least)
    return candidates[np.argsort(-scores[candidates], kind="stable")[:k]]


def rrf(rankings: Iterable[Sequence[T]]) -> list[T]:
    """Rankings fused: a thing's score is the sum of 1 / (60 + rank); ties as first ranked."""
    scores: defaultdict[T, float] = defaultdict(float)
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            scores[one] += 1 / (RRF_K + rank)
    return sorted(scores, key=lambda one: -scores[one])


def plain(value: Any) -> Any:
    """A NamedTuple of settings, and those in it, as dicts."""
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    return value
