"""Systems over the same passages: known rankings, and ours as the service ranks."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from evaluation.collection import Collection, open_collection
from evaluation.datasets import Dataset, Document, Query, Row, read_dataset
from evaluation.errors import EvaluationError
from evaluation.peers import PassageText
from evaluation.samples import ROOT, Silent
from evaluation.systems import BM25, Ours, Systems, best, check, plain, rrf
from evaluation.textvectors import text_vectors
from indexer.search import Fusion
from indexer.transcript import Role
from service.app import create_app
from service.opening import open_answerer
from service.settings import load_settings
from tests.fakes import FakeEmbedder

SAID = {
    "port": ("the boats of the port", "grain and fish came in", "nobody went to the mill"),
    "mill": ("the mill ran on the stream", "grain grain and flour", "boats are for others"),
}


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Two documents of three paragraphs each, every one long enough to be a passage."""
    tail = "and that is all that there was to be said about it today"
    documents = tuple(
        Document(
            id_,
            id_.title(),
            None,
            tuple(
                Row(f"{id_}:{at}", f"{text} {tail}", str(at), "Ann Berg", Role.STATEMENT)
                for at, text in enumerate(texts)
            ),
        )
        for id_, texts in SAID.items()
    )
    dataset = Dataset("made", Path("/made"), (), documents=documents)
    with open_collection(dataset, FakeEmbedder(), Silent(), cache=tmp_path) as opened:
        yield opened


def rows(collection, system, question, document=None, k=100):
    query = collection.bind(Query("q", question, document))
    return list(collection.rows_of(system.rank(query, k), query, k))


def test_bm25_ranks_by_stems_and_finds_only_what_shares_a_word(collection):
    """'grains' is 'grain', twice is better than once; a stop word finds nothing."""
    bm25 = Systems(collection).bm25
    assert rows(collection, bm25, "Which grains?") == ["mill:1", "port:1"]
    assert rows(collection, bm25, "Which grains?", "port") == ["port:1"]
    assert rows(collection, bm25, "Which grains?", k=1) == ["mill:1"]
    assert rows(collection, bm25, "and the of") == []
    assert rows(collection, bm25, "???") == []


def test_bm25_scores_are_lucene_s(collection):
    """idf = ln(1 + (N - n + 0.5) / (n + 0.5)), tf / (tf + k1 (1 - b + b length / mean))."""
    bm25 = Systems(collection).bm25
    scores = bm25._index.get_scores(["mill"])
    texts = [bm25._tokenize([one.text]) for one in collection.texts]
    lengths = [len(one.ids[0]) for one in texts]
    holds = ["mill" in one.vocab for one in texts]
    n, mean = sum(holds), sum(lengths) / len(lengths)
    idf = math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
    wanted = [
        idf / (1 + 1.5 * (0.25 + 0.75 * length / mean)) if held else 0
        for length, held in zip(lengths, holds, strict=True)
    ]
    assert n == 2
    assert scores.tolist() == pytest.approx(wanted, rel=1e-5)


def test_dense_is_the_cosine_of_the_text_alone(collection):
    """Against NumPy, whole and within a document; the context plays no part."""
    dense = Systems(collection).dense
    question = "Who went to the mill that day?"
    embedder = FakeEmbedder()
    vectors = embedder.embed_passages([one.text for one in collection.texts])
    cosines = vectors @ embedder.embed_query(question)
    order = np.argsort(-cosines, kind="stable")
    wanted = [next(iter(collection.rows[collection.texts[at].rowid].values())) for at in order]
    assert rows(collection, dense, question) == wanted
    assert rows(collection, dense, question, k=2) == wanted[:2]
    within = [row for row in wanted if row.startswith("mill")]
    assert rows(collection, dense, question, "mill") == within


def test_hybrid_is_the_reciprocal_rank_fusion_of_both(collection):
    """1 / (60 + rank), summed."""
    made = Systems(collection)
    query = Query("q", "Which grain came to the mill?")
    fused = rrf([made.dense.rank(query, 100), made.bm25.rank(query, 100)])
    assert made.make("hybrid").rank(query, 100) == fused
    assert made.make("hybrid").rank(query, 2) == fused[:2]


def test_rrf_by_hand():
    """b: 1/62 + 1/61, a: 1/61 + 1/63, then d: 1/62 and c: 1/63."""
    assert rrf([[1, 2, 3], [2, 4, 1]]) == [2, 1, 4, 3]
    assert rrf([[1], []]) == [1]
    assert rrf([[5, 6], [6, 5]]) == [5, 6]


def test_the_best_are_ties_in_order():
    """Fewer than k, as many, more; equal scores as they stand."""
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.5])
    assert best(scores, 3).tolist() == [1, 0, 2]
    assert best(scores, 9).tolist() == [1, 0, 2, 4, 3]
    assert best(np.zeros(0), 3).tolist() == []


def test_a_collection_without_words_finds_nothing(tmp_path):
    """Every system says so in the same way."""
    document = Document("d", "D", None, (Row("d:1", "The. Of?", role=Role.QUESTION),))
    dataset = Dataset("made", Path("/made"), (), documents=(document,))
    with open_collection(dataset, FakeEmbedder(), Silent(), cache=tmp_path) as collection:
        made = Systems(collection)
        for name in ("ours", "dense", "bm25", "hybrid"):
            assert rows(collection, made.make(name), "Which grain?") == []


def test_ours_asks_what_cannot_be_asked_whole(collection):
    """No words find nothing; of what is longer than the service takes, the beginning counts."""
    ours = Ours(collection)
    assert rows(collection, ours, "?!") == []
    long = "Which grain came to the mill? " * 100
    assert rows(collection, ours, long) == rows(collection, ours, long[:2000])
    assert len(rows(collection, ours, long)) == 6


def test_settings_are_told_as_dicts(collection):
    """Down to the parts of parts."""
    told = Ours(collection).configuration["fusion"]
    assert told["dense"] == Fusion().dense
    assert told["hints"] == Fusion().hints._asdict()
    assert json.loads(json.dumps(told)) == told
    assert plain((1, 2)) == (1, 2)


def test_unknown_systems_are_named(collection):
    """With those that there are."""
    with pytest.raises(EvaluationError, match="no system 'solr': choose of ours, dense, bm25"):
        Systems(collection).make("solr")


def test_what_a_system_needs_is_named_with_its_extra(monkeypatch):
    """Before anything is indexed."""
    monkeypatch.setattr("evaluation.systems.find_spec", lambda module: None)
    for name, message in (
        ("ours", r"ours needs ir_measures: pip install 'onrecord\[eval\]'"),
        ("hybrid", r"hybrid needs bm25s: pip install 'onrecord\[eval\]'"),
        ("haystack", r"haystack needs haystack: pip install 'onrecord\[peers\]'"),
    ):
        with pytest.raises(EvaluationError, match=message):
            check([name])


# Vectors of the texts

TEXTS = [PassageText(n, "t", f"passage number {n} of them all") for n in range(1, 601)]


def test_text_vectors_are_made_once(tmp_path):
    """The second time they are read, and equal; a changed text makes all anew."""
    first, second, third = FakeEmbedder(), FakeEmbedder(), FakeEmbedder()
    vectors = np.array(text_vectors(TEXTS, first, tmp_path))
    assert first.embedded == 600
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, first.embed_passages([one.text for one in TEXTS]))
    assert np.array_equal(text_vectors(TEXTS, second, tmp_path), vectors)
    assert second.embedded == 0
    text_vectors([*TEXTS[:-1], replace(TEXTS[-1], text="other words")], third, tmp_path)
    assert third.embedded == 600


def test_text_vectors_go_on_where_they_were_broken_off(tmp_path):
    """Batches that are done are not done again."""

    class Failing(FakeEmbedder):
        def embed_passages(self, texts):
            if self.embedded >= 512:
                raise KeyboardInterrupt
            return super().embed_passages(texts)

    with pytest.raises(KeyboardInterrupt):
        text_vectors(TEXTS, Failing(), tmp_path)
    embedder = FakeEmbedder()
    vectors = np.array(text_vectors(TEXTS, embedder, tmp_path))
    assert embedder.embedded == 600 - 512
    assert np.array_equal(vectors, embedder.embed_passages([one.text for one in TEXTS]))


def test_another_model_s_text_vectors_are_not_taken(tmp_path):
    """The fingerprint stands beside them; so damaged notes count for nothing."""
    text_vectors(TEXTS, FakeEmbedder(), tmp_path)
    other = FakeEmbedder(fingerprint="fake@1111", dimension=32)
    assert text_vectors(TEXTS, other, tmp_path).shape == (600, 32)
    (tmp_path / "text-vectors.json").write_text("{")
    again = FakeEmbedder()
    assert text_vectors(TEXTS, again, tmp_path).shape == (600, 64)
    assert again.embedded == 600
    assert text_vectors([], again, tmp_path).shape == (0, 64)


# One searcher


def test_command_line_http_and_evaluation_rank_alike(run, fake_model, tmp_path):
    """The same passages in the same order, for every question about the samples, k of 10 or 100."""
    assert run("index", ROOT / "samples")[0] == 0
    dataset = read_dataset(ROOT / "evaluation/samples.jsonl")
    library = tmp_path / "library"
    opening = open_collection(dataset, fake_model, Silent(), cache=tmp_path, library=library)
    app = create_app(lambda: open_answerer(load_settings()), ["testserver"])
    with opening as collection, TestClient(app) as client:
        ours = Systems(collection).make("ours")
        for query in dataset.queries:
            printed = json.loads(run("search", query.text, "--json")[1])["citations"]
            body = {"question": query.text, "k": 10}
            answered = client.post("/v1/ask", json=body).json()["citations"]
            found = ours.rank(query, 100)[:10]
            evaluated = collection.library.passages([one.rowid for one in found])
            ranked = [(evaluated[one.rowid].id, one.paragraph) for one in found]
            assert [(one["passage_id"], one["paragraph"]) for one in printed] == ranked
            assert [(one["passage_id"], one["paragraph"]) for one in answered] == ranked
            assert len(ranked) == 10


def test_a_filter_to_one_transcript_is_the_service_s(run, fake_model, tmp_path):
    """`--transcript`, `transcript_ids` and a query of one document find the same."""
    run("index", ROOT / "samples")
    dataset = read_dataset(ROOT / "evaluation/samples.jsonl")
    library = tmp_path / "library"
    opening = open_collection(dataset, fake_model, Silent(), cache=tmp_path, library=library)
    with opening as collection:
        file, id_ = sorted(collection.transcripts.items())[0]
        query = collection.bind(Query("q", "What was agreed about the dam?", file))
        printed = json.loads(run("search", query.text, "--transcript", id_, "--json")[1])
        found = [one.rowid for one in Ours(collection).rank(query, 10)]
        passages = collection.library.passages(found)
        ranked = [passages[rowid].id for rowid in found]
        assert [one["passage_id"] for one in printed["citations"]] == ranked
        assert {passages[rowid].transcript_id for rowid in found} == {id_}
        bm25 = [one.rowid for one in BM25(collection).rank(query, 10)]
        assert bm25
        assert {one.transcript_id for one in collection.library.passages(bm25).values()} == {id_}
