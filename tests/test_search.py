"""Search: fusion by hand, filters, live changes, errors."""

import datetime as dt
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from indexer.errors import ModelMismatch, NotFound, QueryError
from indexer.hints import Hints
from indexer.library import Library
from indexer.passages import excerpt
from indexer.search import Filters, Fusion, Searcher, fuse
from indexer.transcript import Hit, Role, Speaker
from models.embedder import Vectors
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


# What is worked by hand must not hang on the weights that are best at present.
WEIGHTS = Fusion(0.4, 0.2, 0.4, hints=Hints(0.1, 0.2, 0.3))


@pytest.fixture
def searcher(library: Library) -> Searcher:
    return Searcher(library, FakeEmbedder(), WEIGHTS)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


def test_the_score_is_the_fusion_of_its_components(searcher: Searcher, library: Library) -> None:
    """Components are two cosines, the share of BM25 and the hints; their sum ranks the hits."""
    question = "Who signed the treaty on nuclear arms?"
    hits = searcher.search(question)
    embedder = FakeEmbedder()
    query = embedder.embed_query(question)
    with library.read() as connection:
        words = searcher.words.at(connection)
        bm25, most = dict(words.search(question, 100)), words.ceiling(question)
    rowid_of = {one.id: at for at, one in library.passages(library.rowids().tolist()).items()}
    for hit in hits:
        vectors, (sentences,) = embedder.embed_excerpts([excerpt(hit.passage)])
        assert hit.components["dense"] == pytest.approx(float(vectors[0] @ query), abs=1e-6)
        assert hit.nearness == pytest.approx((sentences @ query).tolist(), abs=0.005)
        assert hit.components["sentence"] == max(hit.nearness)
        found = bm25.get(rowid_of[hit.passage.id], 0.0)
        assert hit.components["lexical"] == pytest.approx(found / most, rel=1e-12)
    total = np.zeros(len(hits))
    for name, weight in (("dense", 0.4), ("sentence", 0.2)):
        part = np.array([hit.components[name] for hit in hits])
        total += weight * (part - min(part)) / (max(part) - min(part))
    for name, weight in (("lexical", 0.4), ("lead", 0.1), ("date", 0.2), ("speaker", 0.3)):
        total += weight * np.array([hit.components[name] for hit in hits])
    assert [hit.score for hit in hits] == pytest.approx((total / 1.6).tolist())
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert ids(hits)[0] == "vienna:p1"
    assert hits[0].passage == library.passage("vienna:p1")


class Compass(FakeEmbedder):
    """Knows where a few sentences point; a text has the mean of its own, any other points up."""

    vectors: ClassVar = {"Lie east.": [1, 0], "Lie north-east.": [1, 1], "Lie west.": [-1, 0]}

    def __init__(self) -> None:
        super().__init__(dimension=2)

    def _embed(self, text: str) -> Vectors:
        total = sum(np.array(one) for said, one in self.vectors.items() if said in text)
        vector = np.array([0, 1]) if np.ndim(total) == 0 else total
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class Brief(FakeEmbedder):
    """The fewer words a text has, the nearer it is to any question."""

    def __init__(self) -> None:
        super().__init__(dimension=2)

    def embed_query(self, text: str) -> Vectors:
        return np.array([1, 0], dtype=np.float32)

    def _embed(self, text: str) -> Vectors:
        angle = len(text.split()) / 100
        return np.array([math.cos(angle), math.sin(angle)], dtype=np.float32)


def test_nearness_is_by_sentence_in_order(tmp_path: Path) -> None:
    """By hand: east and north-east of east are 1 and √½, north is 0, west -1; the best counts."""
    with Library.open(tmp_path, create=True) as library:
        document = transcript(
            "t", "Kerry: Lie north-east. / Lie west. / Lie down. Lie east.", "Lund: Lie west."
        )
        add(library, document, Compass())
        searcher = Searcher(library, Compass(), Fusion(0, 1, 0, hints=Hints(0, 0, 0)))
        best, other = searcher.search("Lie east.")
    assert best.passage.text == "Lie north-east.\nLie west.\nLie down. Lie east."
    assert best.nearness == pytest.approx((0.5**0.5, -1, 0, 1), abs=1e-6)
    assert other.nearness == (-1.0,)
    assert [hit.components["sentence"] for hit in (best, other)] == [1.0, -1.0]
    assert [hit.score for hit in (best, other)] == [1.0, 0.0]
    # The whole is (1, 1) of east, north-east and west added up.
    assert best.components["dense"] == pytest.approx(0.5**0.5, abs=1e-6)


def test_fusion_by_hand() -> None:
    """Dense 0.2, 0.4, 0.6 are spread to 0, .5, 1, shares of words are not; the second leads."""
    dense, words = np.array([0.2, 0.4, 0.6]), np.array([0.8, 0.0, 0.2])
    sentences = np.array([-0.5, 0.5, -0.5])
    found = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    fusion = Fusion(0.5, 0.1, 0.4, hints=Hints(0.2, 0.2, 0.2))
    expected = [0.32 / 1.6, (0.25 + 0.1 + 0.2) / 1.6, (0.5 + 0.08) / 1.6]
    assert fuse(dense, sentences, words, found, fusion).tolist() == pytest.approx(expected)
    plain = Fusion(0.8, 0, 0.2, hints=Hints(0, 0, 0))
    assert fuse(dense, sentences, words, found, plain).tolist() == pytest.approx([0.16, 0.4, 0.84])


def test_the_share_of_the_words_by_hand(tmp_path: Path) -> None:
    """Four passages of six words; 'zebra' stands in one of them, once, 'unicorn' in none.

    At average length BM25 is the idf, ln(1 + 3.5 / 1.5), and 2.2 times the idf is the most; that of
    a word nobody said is ln(1 + 4.5 / 0.5). The share is the score, for it is not spread.
    """
    with Library.open(tmp_path, create=True) as library:
        said = ("zebra", "horse", "camel", "mule")
        document = transcript(
            "t", *(f"Kerry: We saw a {one}." for one in said), date=None, title="T"
        )
        add(library, document, FakeEmbedder())
        searcher = Searcher(library, FakeEmbedder(), Fusion(0, 0, 1, hints=Hints(0, 0, 0)))
        [alone, *others] = searcher.search("Which zebra?")
        assert alone.score == alone.components["lexical"] == pytest.approx(1 / 2.2)
        assert [hit.score for hit in others] == [0, 0, 0]
        zebra, unicorn = math.log(1 + 3.5 / 1.5), math.log(1 + 4.5 / 0.5)
        both = searcher.search("Zebra and unicorn?")[0]
        assert both.score == pytest.approx(zebra / (2.2 * (zebra + unicorn)))
        # 'Saw' has a small idf, but all that there is to have.
        assert [hit.score for hit in searcher.search("Who saw?")] == pytest.approx([1 / 2.2] * 4)


def test_a_malus_takes_away_and_no_score_is_below_nought() -> None:
    """By hand: 1 of 1 with 0.3 taken off is 0.7; of nothing nothing can be taken."""
    fusion = Fusion(1, 0, 0, hints=Hints(0, 0, 0, -0.3))
    dense, nothing = np.array([0.0, 0.5, 1.0]), np.zeros(3)
    found = np.array([[0.0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]])
    scores = fuse(dense, nothing, nothing, found, fusion)
    assert scores.tolist() == pytest.approx([0, 0.5, 0.7])


def test_equal_parts_make_equal_scores_wherever_they_stand() -> None:
    """To the last bit, which a matrix product would not promise."""
    random = np.random.default_rng(7)
    for n in range(2, 60):
        dense, sentences, words, *hints = random.random((7, n))
        for part in (dense, sentences, words, *hints):
            part[-1] = part[0]
        scores = fuse(dense, sentences, words, np.stack(hints, axis=1), WEIGHTS)
        assert scores[0] == scores[-1]


def test_equal_candidates_are_all_the_best_unless_they_have_nothing() -> None:
    """One candidate alone gets full marks for its cosines, none for words it does not share."""
    plain = Fusion(0.5, 0.25, 0.25, hints=Hints(0, 0, 0))

    def fused(dense: list[float], sentences: list[float], words: list[float]) -> list[float]:
        nothing = np.zeros((len(dense), 4))
        parts = (np.array(part) for part in (dense, sentences, words))
        return fuse(*parts, nothing, plain).tolist()

    assert fused([0.3], [0.2], [0.0]) == [0.75]
    assert fused([0.3, 0.3], [0.2, 0.2], [1.0, 1.0]) == [1.0, 1.0]
    assert fused([0.3, 0.3], [0.2, 0.2], [0.5, 0.5]) == [0.875, 0.875]
    assert fused([-0.3], [-0.1], [0.0]) == [0.0]


def test_ties_come_in_order_of_indexing(library: Library, searcher: Searcher) -> None:
    """The same words in two files come back both, the first indexed first."""
    text = "John Kerry: Unambiguous zebra statistics were read aloud to the whole room."
    for name in ("b", "a"):
        add(library, transcript(name, text, title="Same"), FakeEmbedder())
    hits = searcher.search("zebra statistics", k=2)
    assert ids(hits) == ["b:p1", "a:p1"]
    assert hits[0].score == hits[1].score


def test_questions_are_no_hits_unless_asked_for(searcher: Searcher) -> None:
    """They are the context of their answers."""
    question = "Will the treaty on nuclear arms hold for more than ten years, do you think?"
    assert "vienna:p2" not in ids(searcher.search(question))
    both = ids(searcher.search(question, filters=Filters(include_questions=True)))
    assert both[:2] == ["vienna:p4", "vienna:p2"]  # what answers it goes before
    only = Filters(roles=frozenset({Role.QUESTION}))
    assert ids(searcher.search(question, filters=only)) == ["vienna:p2"]


def test_a_speaker_s_questions_are_wanted_with_the_speaker(library: Library) -> None:
    """What she asks is hers to be found, unless a role is named; nobody else's question is."""
    talk = transcript(
        "talk",
        "Question: Who of you has ever seen a zebra here, in the harbour or on the hills?",
        "Ana Berg: Nobody has seen one, as far as I was told by those who would know of it.",
    )
    turns = (replace(talk.turns[0], speaker=Speaker("Ivo Lund")), *talk.turns[1:])
    add(library, replace(talk, turns=turns), FakeEmbedder())
    searcher = Searcher(library, FakeEmbedder())
    lund, berg = Filters(speaker="Ivo Lund"), Filters(speaker="Ana Berg")
    answers = Filters(speaker="Ivo Lund", roles=frozenset({Role.ANSWER}))
    assert ids(searcher.search("zebra", filters=lund)) == ["talk:p1"]
    assert ids(searcher.search("zebra", filters=berg)) == ["talk:p2"]
    assert searcher.search("zebra", filters=answers) == []
    assert "talk:p1" not in ids(searcher.search("zebra"))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(speaker="question"), {"vienna:p2"}),
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


# What is asked of Berg or Lund, and of a time, stands there more than anywhere else.
NAMED = "The treaty, said Berg, said Lund, in March, in May, on 14, in 2020, in 2023! " * 2
LOUD = [f"Kerry: {NAMED}{' '.join(f'x{n}y{m}' for m in range(10 + n))}" for n in range(9)]
MORE = " And so on, as I said to all of you before, more than once, and will say again." * 3
QUIET = {
    "then": f"Of the treaty I would say that it has to wait.{MORE}",
    "near": f"Nothing in the treaty is about fish, and the port lives by fish, as we know.{MORE}",
    "other": f"My own copy of the treaty has no page seven, so ask somebody else about it.{MORE}",
}


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Library]:
    """Nine passages full of every word, by Kerry in 2017, and three others."""
    with Library.open(tmp_path, create=True) as library:
        add(library, transcript("loud", *LOUD), Brief())
        for name, speaker, day in (
            ("then", "Ana Berg", dt.date(2023, 3, 14)),
            ("near", "Ivo Lund", dt.date(2023, 3, 30)),
            ("other", "Ana Berg", dt.date(2020, 5, 5)),
        ):
            quiet = transcript(name, f"{speaker}: {QUIET[name]}", date=day)
            add(library, quiet, Brief())
        yield library


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the treaty", []),
        ("the treaty in May 2020", ["other:p1"]),
        ("the treaty on 14 March 2023", ["then:p1"]),
        ("the treaty, said Lund", ["near:p1"]),
        ("the treaty, said Berg", ["then:p1"]),
        ("the treaty, said Berg in May 2020", ["other:p1"]),
        ("the treaty, said Lund in March 2023", ["near:p1", "then:p1"]),
        ("the treaty, said Lund in 2020", ["other:p1"]),
    ],
)
def test_candidates_are_drawn_where_the_clues_point(
    crowd: Library, question: str, expected: list[str]
) -> None:
    """At a depth of one the best of all is drawn, and the best at that time, or by that speaker.

    Without hints only the best of all is.
    """
    words_alone = Fusion(0, 0, 1, hints=Hints(0, 0.5, 0.5), depth=1)

    class Drawn(Searcher):
        def _rank(self, *arguments: Any) -> Any:
            ranked = super()._rank(*arguments)
            passages = self.library.passages(ranked.rowids.tolist())
            drawn.append(sorted(one.id for one in passages.values()))
            return ranked

    drawn: list[list[str]] = []
    searcher = Drawn(crowd, Brief(), words_alone)
    assert len(searcher.search(question, k=1)) == 1
    assert len(searcher.search(question, k=1, hints=False)) == 1
    assert drawn == [sorted(["loud:p1", *expected]), ["loud:p1"]]


def test_what_answers_goes_before_what_asks(tmp_path: Path) -> None:
    """By brevity alone: in a meeting the question is a statement, and here the shortest.

    Its best answer takes the place before it, with its score; the second best stays, and so does
    one that was not drawn.
    """
    talk = transcript(
        "t",
        "Question: How many zebras?",
        "Ana Berg: They are not counted by us, for which we have our reasons, and that is all.",
        "Ivo Lund: We counted them twice in the harbour.",
        f"Ida Vik! Nobody has seen any horse there.{MORE}",
    )
    member = replace(talk.turns[0], speaker=Speaker("Ada Holm"), role=Role.STATEMENT)
    brief = Fusion(1, 0, 0, hints=Hints(0, 0, 0))
    with Library.open(tmp_path, create=True) as library:
        add(library, replace(talk, turns=(member, *talk.turns[1:])), Brief())
        hits = Searcher(library, Brief(), brief).search("zebras?")
        assert ids(hits) == ["t:p3", "t:p1", "t:p2", "t:p4"]
        assert hits[0].score == hits[1].score == 1 > hits[2].score > hits[3].score == 0
        nearness = [hit.components["dense"] for hit in hits]
        assert nearness[1] > nearness[0] > nearness[2] > nearness[3]
        first = Searcher(library, Brief(), brief._replace(depth=1)).search("unicorns?", k=1)
        assert ids(first) == ["t:p1"]
        statements = Filters(roles=frozenset({Role.STATEMENT}))
        assert ids(Searcher(library, Brief(), brief).search("zebras?", 9, statements)) == [
            "t:p1",
            "t:p4",
        ]


def test_hints_bring_what_the_question_names_to_the_front(crowd: Library) -> None:
    """By hand: nothing but hints counts here, 0.5 each of 1.5 with the words."""
    searcher = Searcher(crowd, Brief(), Fusion(0, 0, 0, hints=Hints(0, 0.5, 0.5)))
    question = "What did Berg say of the treaty on 14 March 2023?"
    found = {hit.passage.transcript_id: hit for hit in searcher.search(question, k=20)}
    assert {name: hit.score for name, hit in found.items()} == {
        "then": 1.0,
        "other": 0.5,
        "near": 0.25,
        "loud": 0.0,
    }
    assert next(iter(found)) == "then"
    plain = searcher.search(question, k=20, hints=False)
    assert {hit.score for hit in plain} == {0.0}
    assert len(plain) == 12


def test_filters_hold_wherever_the_clues_point(crowd: Library) -> None:
    """A name or a time in the question brings nothing that is not allowed."""
    searcher = Searcher(crowd, Brief(), WEIGHTS)
    question = "What did Berg say of the treaty in March 2023?"
    for filters, expected in (
        (Filters(speaker="Ivo Lund"), ["near:p1"]),
        (Filters(date_to=dt.date(2021, 1, 1), speaker="Ana Berg"), ["other:p1"]),
        (Filters(date_from=dt.date(2023, 3, 20)), ["near:p1"]),
        (Filters(language="xx"), []),
        (Filters(speaker="Ivo Lund", date_to=dt.date(2021, 1, 1)), []),
    ):
        assert ids(searcher.search(question, filters=filters)) == expected


def test_an_empty_library_has_no_hits(tmp_path: Path) -> None:
    """Whatever is asked, and however many are wanted."""
    with Library.open(tmp_path, create=True) as library:
        searcher = Searcher(library, FakeEmbedder())
        for question in ("treaty", "Who are you?", "What did Berg say in March 2023?"):
            assert searcher.search(question, k=1000) == []


@pytest.mark.parametrize(
    "question",
    [
        *("who are you", "Is it?", "5", "a", "ß", "\u0130", "漢", "①", "Who, in 31 February 2017?"),
        *(" ".join(["2023"] * 400), " ".join(f"{n}/2023" for n in range(200)), "Berg " * 400),
    ],
)
def test_whatever_is_asked_has_scores_from_0_to_1(searcher: Searcher, question: str) -> None:
    """Function words alone, no word that anybody said, more years than anybody asks for."""
    hits = searcher.search(question, k=1000)
    assert len(hits) == 6
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_search_in_an_older_state_finds_all_of_it(library: Library, searcher: Searcher) -> None:
    """Though another thread has searched in a newer one since, and the vectors followed it."""
    with library.read():
        before = library.stats().passages
        with Library.open(library.folder) as other:
            other.delete("geneva")
            add(other, transcript("new", "Kerry: The treaty is new."), FakeEmbedder())
        newer: list[Hit] = []
        thread = threading.Thread(target=lambda: newer.extend(searcher.search("treaty")))
        thread.start()
        thread.join()
        assert before == 7
        assert {hit.passage.transcript_id for hit in newer} == {"vienna", "undated", "new"}
        for depth in (1, 100):
            searcher.fusion = WEIGHTS._replace(depth=depth)
            hits = searcher.search("treaty", k=6)
            assert sorted({hit.passage.transcript_id for hit in hits}) == [
                "geneva",
                "undated",
                "vienna",
            ]
            assert len(hits) == 6
    assert len(searcher.search("treaty")) == 5


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
