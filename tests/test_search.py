"""Search: fusion by hand, filters, live changes, errors."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ModelMismatch, NotFound, QueryError
from indexer.hints import Hints
from indexer.library import Library
from indexer.search import Filters, Fusion, Searcher, fuse
from indexer.transcript import Hit, Role
from tests.fakes import FakeEmbedder, add, transcript

VIENNA = transcript(
    "vienna",
    "Sergey Lavrov: We signed the treaty on nuclear arms in the morning of the first day here.",
    "Question: Will the treaty on nuclear arms hold for more than ten years, do you think?",
    "Sergey Lavrov: It holds as long as both of us want it to, and we do want it very much.",
    "John Kerry: Syria was the other matter of the day, and there we did not agree on much.",
    title="Vienna",
    date=dt.date(2015, 7, 14),
)
GENEVA = transcript(
    "geneva",
    "John Kerry: The treaty on grain came up in the talks, and so did the price of grain itself.",
    "Sergey Lavrov: Grain is for the ministers of agriculture, as far as I am concerned today.",
    title="Geneva",
    date=dt.date(2016, 9, 9),
    language="fr",
)
UNDATED = transcript(
    "undated", "-: Nobody knows when this was said about the treaty, nor by whom it was.", date=None
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", create=True) as library:
        for document in (VIENNA, GENEVA, UNDATED):
            add(library, document, FakeEmbedder())
        yield library


@pytest.fixture
def searcher(library: Library) -> Searcher:
    return Searcher(library, FakeEmbedder())


def ids(hits: list[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


def test_the_score_is_the_fusion_of_its_components(searcher: Searcher, library: Library) -> None:
    """Components are the cosine, BM25 and the hints; their weighted sum ranks the hits."""
    hits = searcher.search("Who signed the treaty on nuclear arms?")
    embedder = FakeEmbedder()
    query = embedder.embed_query("Who signed the treaty on nuclear arms?")
    dense = [hit.components["dense"] for hit in hits]
    words = [hit.components["lexical"] for hit in hits]
    for hit, cosine in zip(hits, dense, strict=True):
        vector = embedder.embed_passages([f"{hit.passage.context}\n{hit.passage.text}"])[0]
        assert cosine == pytest.approx(float(vector @ query), abs=1e-6)
    total = 0.6 * (np.array(dense) - min(dense)) / (max(dense) - min(dense))
    total += 0.4 * (np.array(words) - min(words)) / (max(words) - min(words))
    total += 0.2 * np.array([hit.components["lead"] for hit in hits])
    total += 0.2 * np.array([hit.components["date"] for hit in hits])
    total += 0.2 * np.array([hit.components["speaker"] for hit in hits])
    assert [hit.score for hit in hits] == pytest.approx((total / 1.6).tolist())
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert ids(hits)[0] == "vienna:p1"
    assert hits[0].passage == library.passage("vienna:p1")


def test_fusion_by_hand() -> None:
    """Dense 0.2, 0.4, 0.6, BM25 8, 0, 2: .6 of 0, .5, 1 and .4 of 1, 0, .25; the second leads."""
    dense, words = np.array([0.2, 0.4, 0.6]), np.array([8.0, 0.0, 2.0])
    found = np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0]])
    expected = [0.4 / 1.6, (0.3 + 0.2) / 1.6, (0.6 + 0.1) / 1.6]
    assert fuse(dense, words, found).tolist() == pytest.approx(expected)
    plain = Fusion(0.8, 0.2, hints=Hints(0, 0, 0))
    assert fuse(dense, words, found, plain).tolist() == pytest.approx([0.2, 0.4, 0.85])


def test_equal_candidates_are_all_the_best_unless_they_have_nothing() -> None:
    """One candidate alone gets full marks for its cosine, none for words it does not share."""
    plain = Fusion(0.6, 0.4, hints=Hints(0, 0, 0))

    def fused(dense: list[float], words: list[float]) -> list[float]:
        nothing = np.zeros((len(dense), 3))
        return fuse(np.array(dense), np.array(words), nothing, plain).tolist()

    assert fused([0.3], [0.0]) == [0.6]
    assert fused([0.3, 0.3], [2.0, 2.0]) == [1.0, 1.0]
    assert fused([-0.3], [0.0]) == [0.0]


def test_ties_come_in_order_of_indexing(library: Library, searcher: Searcher) -> None:
    """The same words in two files come back both, the first indexed first."""
    text = (
        "John Kerry: Mountains of unambiguous zebra statistics were read aloud to the whole room."
    )
    for name in ("b", "a"):
        add(library, transcript(name, text, title="Same"), FakeEmbedder())
    hits = searcher.search("zebra statistics", k=2)
    assert ids(hits) == ["b:p1", "a:p1"]
    assert hits[0].score == hits[1].score


def test_questions_are_no_hits_unless_asked_for(searcher: Searcher) -> None:
    """They are the context of their answers."""
    question = "Will the treaty on nuclear arms hold for more than ten years, do you think?"
    assert "vienna:p2" not in ids(searcher.search(question))
    assert ids(searcher.search(question, filters=Filters(include_questions=True)))[0] == "vienna:p2"
    only = Filters(roles=frozenset({Role.QUESTION}))
    assert ids(searcher.search(question, filters=only)) == ["vienna:p2"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(speaker="sergey LAVROV"), {"vienna:p1", "vienna:p3", "geneva:p2"}),
        (Filters(speaker="John Kerry", transcript_ids=frozenset({"geneva"})), {"geneva:p1"}),
        (Filters(roles=frozenset({Role.ANSWER})), {"vienna:p3", "vienna:p4"}),
        (Filters(date_from=dt.date(2015, 7, 15)), {"geneva:p1", "geneva:p2"}),
        (Filters(date_to=dt.date(2015, 7, 14)), {"vienna:p1", "vienna:p3", "vienna:p4"}),
        (Filters(date_from=dt.date(2020, 1, 1)), set()),
        (Filters(language="fr"), {"geneva:p1", "geneva:p2"}),
        (
            Filters(transcript_ids=frozenset({"undated", "geneva"})),
            {"undated:p1", "geneva:p1", "geneva:p2"},
        ),
    ],
)
def test_all_that_a_filter_admits_comes_back(
    searcher: Searcher, filters: Filters, expected: set[str]
) -> None:
    """With few allowed passages all are found, whether they fit the question or not."""
    assert set(ids(searcher.search("zebra", filters=filters))) == expected


def test_k_hits_come_from_beyond_the_depth(library: Library) -> None:
    """A depth of one still fills k; and words that nobody said are searched by their vector."""
    searcher = Searcher(library, FakeEmbedder(), Fusion(depth=1))
    assert len(searcher.search("treaty", k=4)) == 4
    hits = searcher.search("zyzzyva", k=2)
    assert [hit.components["lexical"] for hit in hits] == [0.0, 0.0]


def test_a_filter_beyond_the_best_hundred_finds_its_passages(tmp_path: Path) -> None:
    """300 better passages of another speaker do not crowd out the three that are allowed."""
    with Library.open(tmp_path, create=True) as library:
        loud = [
            f"Kerry: The treaty, the treaty and again the treaty, number {n} of many, is good."
            for n in range(300)
        ]
        quiet = [
            f"Lavrov! Nothing of the kind was ever said by me, as number {n} of us knows."
            for n in range(3)
        ]
        add(library, transcript("t", *loud, *quiet), FakeEmbedder())
        hits = Searcher(library, FakeEmbedder()).search("the treaty", 10, Filters(speaker="Lavrov"))
        assert sorted(ids(hits)) == ["t:p301", "t:p302", "t:p303"]


def test_changes_are_seen_at_once(library: Library, searcher: Searcher) -> None:
    """What another library object adds, replaces or deletes is so in the very next search."""
    new = transcript(
        "new", "John Kerry: The zebra has crossed the border of the neighbouring country by night."
    )
    changed = transcript(
        "new",
        "John Kerry: The giraffe has crossed the border of the neighbouring country by night.",
    )
    with Library.open(library.folder) as other:
        assert "new:p1" not in ids(searcher.search("zebra"))
        add(other, new, FakeEmbedder())
        assert ids(searcher.search("zebra"))[0] == "new:p1"
        add(other, changed, FakeEmbedder())
        assert "giraffe" in searcher.search("giraffe")[0].passage.text
        other.delete("new")
        assert "new:p1" not in ids(searcher.search("giraffe"))
        for document in (VIENNA, GENEVA, UNDATED):
            other.delete(document.id)
        assert searcher.search("giraffe") == []


def test_searches_in_threads_see_whole_states(library: Library, searcher: Searcher) -> None:
    """While one thread adds and deletes, every search of the others finds all that is allowed."""
    failures: list[BaseException] = []
    done = threading.Event()

    def read(filters: Filters, expected: int) -> None:
        try:
            while not done.is_set():
                assert len(searcher.search("treaty", expected, filters)) == expected
        except BaseException as error:
            failures.append(error)

    readers = [
        threading.Thread(target=read, args=arguments)
        for arguments in ((Filters(), 6), (Filters(include_questions=True), 7),
                          (Filters(speaker="Sergey Lavrov"), 3))
    ]  # fmt: skip
    for reader in readers:
        reader.start()
    for n in range(30):
        name = f"more{n}"
        add(library, transcript(name, "Kerry: The treaty and nothing else."), FakeEmbedder())
        library.delete(name)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []


@pytest.mark.parametrize(
    ("question", "k", "message"),
    [
        ("", 10, "no words"),
        (" \n\t", 10, "no words"),
        ("?!\0", 10, "no words"),
        ("x" * 2001, 10, "2001 characters, 2000"),
        ("x", 0, "k is 0"),
        ("x", 1001, "k is 1001"),
        ("x\ud800", 10, "broken character"),
    ],
)
def test_senseless_questions_are_refused(
    searcher: Searcher, question: str, k: int, message: str
) -> None:
    """The error says what is wrong and what is allowed."""
    with pytest.raises(QueryError, match=message):
        searcher.search(question, k)


def test_crossed_dates_are_refused() -> None:
    """Both dates are named."""
    with pytest.raises(QueryError, match="2017-01-02 is after date_to 2017-01-01"):
        Filters(date_from=dt.date(2017, 1, 2), date_to=dt.date(2017, 1, 1))


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(speaker="lavrov"), "no speaker 'lavrov'.*did you mean Sergey Lavrov"),
        (Filters(speaker="Jon Kery"), "did you mean John Kerry"),
        (Filters(speaker="Napoleon"), "no speaker 'napoleon' in this library$"),
        (
            Filters(transcript_ids=frozenset({"viena"})),
            "no transcript 'viena'.*did you mean vienna",
        ),
    ],
)
def test_unknown_names_are_named_with_near_ones(
    searcher: Searcher, filters: Filters, message: str
) -> None:
    """An unknown speaker or transcript is no empty result."""
    with pytest.raises(NotFound, match=message):
        searcher.search("treaty", filters=filters)


def test_another_model_is_refused(library: Library) -> None:
    """Both models are named."""
    with pytest.raises(ModelMismatch, match=r"indexed with fake@0000 .*model now is other@1111"):
        Searcher(library, FakeEmbedder(fingerprint="other@1111"))
