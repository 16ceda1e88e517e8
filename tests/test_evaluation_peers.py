"""The peers: what they find is theirs, over our passages, our vectors and our filters."""

import sys
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest

from evaluation.errors import EvaluationError
from evaluation.peers import EmbedQuery, Haystack, PassageText, Peer, Txtai
from models.embedder import Vectors

MakePeer = Callable[..., Peer]

needs_txtai = pytest.mark.skipif(find_spec("txtai") is None, reason="txtai is not installed")
needs_haystack = pytest.mark.skipif(find_spec("haystack") is None, reason="no Haystack installed")
both = pytest.mark.parametrize(
    "make",
    [
        pytest.param(Txtai, marks=needs_txtai, id="txtai"),
        pytest.param(Haystack, marks=needs_haystack, id="haystack"),
    ],
)

HARBOUR = (
    "harbour walls are old",
    "harbour fees will rise",
    "mooring gets dearer soon",
    "nobody saw a boat",
)


def passages(*texts: str, transcript: str = "talks") -> list[PassageText]:
    """Passages 11, 12, …"""
    return [PassageText(rowid, transcript, text) for rowid, text in enumerate(texts, start=11)]


def at_cosines(*cosines: float) -> Vectors:
    """Unit vectors whose cosines with `ahead` are these."""
    return np.array([(cosine, np.sqrt(1 - cosine**2)) for cosine in cosines], dtype=np.float32)


def ahead(question: str) -> Vectors:
    return np.array([1, 0], dtype=np.float32)


@needs_txtai
@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.25, [12, 13, 14, 11]), (0.20, [12, 13, 11, 14])]
)
def test_txtai_adds_half_of_normalised_bm25_to_half_of_the_cosine(
    cosine: float, expected: list[int]
) -> None:
    """All texts have four words, so BM25 is the sum of ln(1 + (4 - n + .5) / (n + .5)).

    "harbour" (n = 2) counts 0.693, "fees" 1.204. txtai divides by the best, 1.897, and the score of
    an average word, 1.211: passage 12 has .610, passage 11 .223. Passage 14, found by its cosine
    alone, comes before 11 where its cosine is higher than .223.
    """
    peer = Txtai(passages(*HARBOUR), at_cosines(0, 0.6, 0.8, cosine), ahead)
    assert peer.rank("harbour fees", 4) == expected


@needs_haystack
def test_haystack_fuses_by_reciprocal_rank() -> None:
    """BM25 ranks 12, 11 and the vectors 13, 12, 14.

    12: 1/61 + 1/62; 13: 1/61; 11: 1/62; 14: 1/63. By their scores 11 would be before 13.
    """
    peer = Haystack(passages(*HARBOUR), at_cosines(0, 0.6, 0.8, 0.2), ahead)
    assert peer.rank("harbour fees", 3) == [12, 13, 11]


@needs_haystack
def test_haystack_finds_nothing_for_no_question() -> None:
    """Where Haystack itself refuses an empty question, a run goes on."""
    peer = Haystack(passages(*HARBOUR), at_cosines(0, 0.6, 0.8, 0.2), ahead)
    assert peer.rank("", 3) == []


@both
def test_a_transcript_is_filtered_without_loss(make: MakePeer) -> None:
    """The passages of a transcript are found though 300 of another one are nearer."""
    near = [PassageText(row, "far", f"fees {row}") for row in range(300)]
    wanted = [PassageText(row, 'it\'s "here"', f"boat {row}") for row in range(1000, 1005)]
    vectors = at_cosines(*([0.9] * 300), 0.1, 0.5, 0.3, 0.2, 0.4)
    peer = make([*near, *wanted], vectors, ahead)
    assert peer.rank("fees", 5, 'it\'s "here"') == [1001, 1004, 1002, 1003, 1000]
    assert peer.rank("fees", 5, "nowhere") == []


@both
def test_the_vectors_are_searched_exactly(make: MakePeer) -> None:
    """Beyond the size where txtai would approximate, the nearest are NumPy's."""
    random = np.random.default_rng(4)
    vectors = random.normal(size=(6000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"word{row}" for row in range(6000)]
    peer = make(passages(*texts), vectors, lambda question: vectors[7])
    nearest = np.argsort(-(vectors @ vectors[7]))[:10] + 11
    assert peer.rank("unheard", 10) == nearest.tolist()


@both
@pytest.mark.parametrize(
    "question",
    ["select id from txtai where id = 11", 'it\'s; "quoted" :question * 5%', "fees rise"],
)
def test_a_question_is_words_whatever_they_are(make: MakePeer, question: str) -> None:
    """SQL, quotation marks and a passage's own words are embedded and searched as questions."""
    asked = []

    def embed_query(text: str) -> Vectors:
        asked.append(text)
        return ahead(text)

    peer = make(passages("old walls", "fees rise"), at_cosines(0.9, 0.2), embed_query)
    assert sorted(peer.rank(question, 5)) == [11, 12]
    assert asked == [question]


@both
def test_the_same_words_twice_are_two_passages(make: MakePeer) -> None:
    """Passages of equal text keep their rowids and their transcripts."""
    thanks = [PassageText(1, "monday", "Thank you"), PassageText(2, "friday", "Thank you")]
    peer = make(thanks, at_cosines(0.5, 0.5), ahead)
    assert sorted(peer.rank("thank", 5)) == [1, 2]
    assert peer.rank("thank", 5, "friday") == [2]


@pytest.mark.parametrize(("make", "module"), [(Txtai, "txtai"), (Haystack, "haystack")])
def test_a_peer_that_is_not_installed_says_how(
    make: MakePeer, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra."""
    monkeypatch.setitem(sys.modules, module, None)
    embed_query: EmbedQuery = ahead
    with pytest.raises(EvaluationError, match=rf"^{module} is not installed.*onrecord\[peers\]"):
        make(passages("old walls"), at_cosines(0.9), embed_query)
