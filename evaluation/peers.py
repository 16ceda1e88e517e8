"""Real peers over our passages and our vectors: what differs is only their retrieval.

Drives txtai and Haystack through their public interfaces, in the hybrid configuration that their
own documentation gives. Both get the same passages, the same unit vectors and the same embedding of
the question as we do. Knows nothing of libraries and datasets; splits no text.

Needs `pip install 'onrecord[peers]'`. Haystack's telemetry is switched off before it is imported.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EvaluationError
from models.embedder import Vectors

EmbedQuery = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class PassageText:
    """What a peer is told of a passage; results are `rowid`s, filters name a `transcript`."""

    rowid: int
    transcript: str
    text: str


class Peer(Protocol):
    """Ranks passages; `configuration` is its version and what of it was chosen, for the record."""

    name: str
    configuration: dict[str, Any]

    def rank(self, question: str, k: int, transcript: str | None = None) -> list[int]:
        """At most `k` rowids, best first; of one transcript only where it is named."""
        ...


class Txtai:
    """txtai's embeddings database with `hybrid=True`, content and Faiss.

    Its documentation (github.com/neuml/txtai, docs/embeddings) on what is set here:
    - configuration/general.md, hybrid: "Enables hybrid (sparse + dense) indexing for this
      embeddings. When enabled, this parameter creates a BM25 index for full text search." BM25
      scores are normalised to 0–1 and fused with the cosine by a convex combination; query.md:
      "both indexes will be queried and the results will be equally weighted unless otherwise
      specified".
    - configuration/vectors.md, external: "Embeddings are created via an external model or API.
      Requires setting the transform parameter to a function that translates data into embeddings."
    - configuration/ann.md, faiss: components "defaults to "IDMap,Flat" for small indices and
      "IVFx,Flat" for larger indexes". Here it is "IDMap,Flat" at any size: exact search, in its
      favour.
    - query.md, Similar clause: "The number of candidates should be larger than the desired number
      of results when applying additional filter clauses." It filters what the search found, so
      with a transcript every passage is a candidate: no passage is lost, again in its favour.
    """

    name = "txtai"
    _OF_ALL = "select id from txtai where similar(:question)"
    _OF_ONE = (
        "select id from txtai where similar(:question, :candidates) and transcript = :transcript"
    )

    def __init__(
        self, passages: Sequence[PassageText], vectors: Vectors, embed_query: EmbedQuery
    ) -> None:
        """`vectors` (n, dimension) float32, unit rows. Raises EvaluationError without txtai."""
        try:
            from txtai import Embeddings
        except ModuleNotFoundError as error:
            raise _missing(self.name) from error
        rows = {passage.text: row for row, passage in enumerate(passages)}

        # A plain function: txtai calls any other callable to be given its transform. Once the
        # passages are in, what is to be embedded are questions, be they a passage's words or not.
        def transform(texts: list[str]) -> NDArray[np.float32]:
            if rows:
                return vectors[[rows[text] for text in texts]]
            return np.stack([embed_query(text) for text in texts])

        chosen: dict[str, Any] = {
            "hybrid": True,
            "content": True,
            "columns": {"store": ["transcript"]},
            "backend": "faiss",
            "faiss": {"components": "IDMap,Flat"},
        }
        self.configuration = {"version": version("txtai"), **chosen}
        self._candidates = len(passages)
        self._embeddings = Embeddings(method="external", transform=transform, **chosen)
        self._embeddings.index(
            (passage.rowid, {"text": passage.text, "transcript": passage.transcript}, None)
            for passage in passages
        )
        rows.clear()

    def rank(self, question: str, k: int, transcript: str | None = None) -> list[int]:
        """As `Peer.rank`; without those that share no word and have a cosine of 0 or below."""
        query = self._OF_ALL if transcript is None else self._OF_ONE
        bound = {"question": question, "candidates": self._candidates, "transcript": transcript}
        return [int(row["id"]) for row in self._embeddings.search(query, k, parameters=bound)]


class Haystack:
    """Haystack's hybrid pipeline: BM25 and embedding retrievers, reciprocal rank fusion.

    Its documentation on what is set here:
    - "Tutorial: Creating a Hybrid Retrieval Pipeline" (haystack.deepset.ai/tutorials/
      33_hybrid_retrieval): InMemoryDocumentStore, InMemoryBM25Retriever,
      InMemoryEmbeddingRetriever, DocumentJoiner; the cross-encoder that it puts after them is left
      out, since nobody in the comparison has one.
    - docs.haystack.deepset.ai/docs/documentjoiner: `reciprocal_rank_fusion` "combines documents
      into a single list based on their ranking received from multiple components"; the joiner's
      own default, concatenation, sorts by scores of different scales. RRF is the default of its
      MultiRetriever (docs/multiretriever), which runs the same two retrievers.
    - docs/inmemorydocumentstore: "a very simple document store with no extra services or
      dependencies. It is great for experimenting with Haystack, however we do not recommend using
      it for production": the only one that haystack-ai brings itself.

    All else is its default: BM25L, its tokenizer, the dot product (of unit vectors: the cosine),
    equal weights. Either retriever is asked for `k`; filters apply before ranking.
    """

    name = "haystack"

    def __init__(
        self, passages: Sequence[PassageText], vectors: Vectors, embed_query: EmbedQuery
    ) -> None:
        """`vectors` (n, dimension) float32, unit rows. Raises EvaluationError without Haystack."""
        os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
        try:
            from haystack import Document, Pipeline
            from haystack.components.joiners import DocumentJoiner
            from haystack.components.retrievers import in_memory as retrievers
            from haystack.document_stores.in_memory import InMemoryDocumentStore
        except ModuleNotFoundError as error:
            raise _missing(self.name) from error
        store = InMemoryDocumentStore(shared=False)
        store.write_documents(
            [
                Document(
                    id=str(passage.rowid),
                    content=passage.text,
                    meta={"transcript": passage.transcript},
                    embedding=vector.tolist(),
                )
                for passage, vector in zip(passages, vectors, strict=True)
            ]
        )
        self.configuration = {
            "version": version("haystack-ai"),
            "bm25_algorithm": store.bm25_algorithm,
            "join_mode": "reciprocal_rank_fusion",
        }
        self._embed_query = embed_query
        self._pipeline = Pipeline()
        self._pipeline.add_component("bm25", retrievers.InMemoryBM25Retriever(store))
        self._pipeline.add_component("dense", retrievers.InMemoryEmbeddingRetriever(store))
        self._pipeline.add_component("joiner", DocumentJoiner(self.configuration["join_mode"]))
        self._pipeline.connect("bm25", "joiner")
        self._pipeline.connect("dense", "joiner")

    def rank(self, question: str, k: int, transcript: str | None = None) -> list[int]:
        """As `Peer.rank`, none for no question; the longer `k`, the more of each list is fused."""
        if not question:
            return []
        options: dict[str, Any] = {"top_k": k}
        if transcript is not None:
            only = {"field": "meta.transcript", "operator": "==", "value": transcript}
            options["filters"] = only
        found = self._pipeline.run(
            {
                "bm25": {"query": question, **options},
                "dense": {"query_embedding": self._embed_query(question).tolist(), **options},
                "joiner": {"top_k": k},
            }
        )
        return [int(document.id) for document in found["joiner"]["documents"]]


def _missing(name: str) -> EvaluationError:
    return EvaluationError(f"{name} is not installed: pip install 'onrecord[peers]'")
