"""BM25: the formula by hand, hostile questions, filters before the limit."""

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import lexical
from indexer.lexical import Weights, Where, match_expression
from indexer.library import Library
from tests.fakes import FakeEmbedder, add, transcript


@pytest.fixture
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Four passages, rowids 1 to 4, whose background is the title and the speaker."""
    with Library.open(tmp_path_factory.mktemp("library"), create=True) as library:
        document = transcript(
            "t",
            "Lavrov: We signed the treaty treaty on Tuesday",
            "Kerry: Nobody mentions it",
            "Lavrov: We spoke of Syria",
            "Kerry: The treaty is not alive",
            title="Vienna",
            date=None,
        )
        add(library, document, FakeEmbedder())
        with library.read() as connection:
            yield connection


def test_the_score_is_bm25(connection: sqlite3.Connection) -> None:
    """By hand: 'tuesday' is in one of four passages, once, in a passage of 9 words.

    The passages with their backgrounds (two words each) have 9, 5, 6 and 7 words, 6.75 on average.
    """
    idf = math.log((4 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 9 / 6.75))
    [(rowid, score)] = lexical.search(connection, "tuesday", 10)
    assert rowid == 1
    assert score == pytest.approx(expected, rel=1e-9)


def test_a_word_in_the_background_counts_by_its_weight(connection: sqlite3.Connection) -> None:
    """'kerry' stands only in backgrounds: weight 0 leaves nothing of it."""
    idf = 1e-6  # in two of four: ln(1) = 0, FTS5's floor
    shorter, longer = (idf * 0.6 * 2.2 / (0.6 + 1.2 * (0.25 + 0.75 * n / 6.75)) for n in (5, 7))
    found = lexical.search(connection, "kerry", 10, weights=Weights(background=0.6))
    assert [rowid for rowid, _ in found] == [2, 4]
    assert [score for _, score in found] == pytest.approx([shorter, longer], rel=1e-6)
    nothing = lexical.search(connection, "kerry", 10, weights=Weights(background=0.0))
    assert [score for _, score in nothing] == [0.0, 0.0]


def test_words_are_stemmed_and_freed_of_accents(connection: sqlite3.Connection) -> None:
    """'Mentioned' finds 'mentions', 'Sýria' finds 'Syria'."""
    assert [rowid for rowid, _ in lexical.search(connection, "Mentioned?", 10)] == [2]
    assert [rowid for rowid, _ in lexical.search(connection, "Sýria", 10)] == [3]


def test_filters_act_before_the_limit(connection: sqlite3.Connection) -> None:
    """The best passage is not allowed: the limit of one is filled by the next."""
    assert [row for row, _ in lexical.search(connection, "treaty", 1)] == [1]
    where = Where("p.speaker_key = ?", ("kerry",))
    assert [row for row, _ in lexical.search(connection, "treaty", 1, where)] == [4]


def test_scores_of_given_passages_are_those_of_the_search(connection: sqlite3.Connection) -> None:
    """Passages that share no word have no score."""
    found = dict(lexical.search(connection, "Syria treaty", 10))
    assert lexical.scores(connection, "Syria treaty", [2, 3, 4]) == {3: found[3], 4: found[4]}


def test_the_ceiling_is_every_word_without_end(connection: sqlite3.Connection) -> None:
    """By hand, of four passages: 'tuesday' is in one, 'treaty' in two, 'zebra' in none.

    A passage full of a word has k1 + 1 = 2.2 times its idf; function words and repeats do not
    count, two forms of a word do, as they do in the score.
    """
    tuesday, treaty, zebra = math.log(3.5 / 1.5), 1e-6, math.log(4.5 / 0.5)
    for question, expected in (
        ("tuesday", tuesday),
        ("On Tuesday, tuesday!", tuesday),
        ("zebra", zebra),
        ("Tuesday's treaty of zebras", tuesday + treaty + zebra),
        ("treaty treaties", 2 * treaty),
    ):
        assert lexical.ceiling(connection, question) == pytest.approx(expected * 2.2, rel=1e-9)
    assert lexical.ceiling(connection, "?!") == 0


def test_no_score_reaches_the_ceiling(tmp_path: Path) -> None:
    """Not even that of a passage of nothing but the word, whatever the weights."""
    with Library.open(tmp_path, create=True) as library:
        others = [f"Kerry: Nothing of number {n} is known." for n in range(9)]
        full = transcript("t", "Kerry: " + "zebra " * 200, *others, title="Vienna", date=None)
        add(library, full, FakeEmbedder(1024))
        with library.read() as connection:
            most = lexical.ceiling(connection, "zebra")
            for weight in (0.5, 1.0, 10.0):
                weights = Weights(weight, weight)
                [(_, score)] = lexical.search(connection, "zebra", 9, weights=weights)
                assert 0.8 * most < score < most


def test_an_empty_library_has_no_scores(tmp_path: Path) -> None:
    """And a ceiling that is no error."""
    with Library.open(tmp_path, create=True) as library, library.read() as connection:
        assert lexical.search(connection, "zebra", 10) == []
        assert lexical.ceiling(connection, "zebra") == pytest.approx(2.2e-6)


def test_two_conditions_hold_together(connection: sqlite3.Connection) -> None:
    """An OR in one of them does not get out of it."""
    either = Where("p.rowid = ? OR p.rowid = ?", (1, 4))
    kerry = Where("p.speaker_key = ?", ("kerry",))
    for where in (either & kerry, kerry & either, lexical.EVERYWHERE & (either & kerry)):
        assert [row for row, _ in lexical.search(connection, "treaty", 9, where)] == [4]
    nothing = kerry & Where("p.speaker_key = ?", ("lavrov",))
    assert lexical.search(connection, "treaty", 9, nothing) == []


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("What did he say about Syria?", '"say" OR "syria"'),
        ("Who are you?", '"who" OR "are" OR "you"'),
        (
            '"Syria" AND (NEAR(treaty, 5) OR text:x*) NOT ^y',
            '"syria" OR "near" OR "treaty" OR "5" OR "text" OR "x" OR "y"',
        ),
        ("Russia's don't", '"russia"'),
        ("U.S.–Laos", '"u" OR "laos"'),
        ("Syria syria SYRIA", '"syria"'),
        ("a\x00b 🙂 Syria", '"b" OR "syria"'),
        ("हिन्दी में", '"हिन्दी" OR "में"'),
        ('?! "" () * - 🙂 \x00 _', ""),
        ("", ""),
        ("\ud800 broken", '"broken"'),
    ],
)
def test_a_question_becomes_words(question: str, expression: str) -> None:
    """Only quoted words joined with OR; function words go where others remain."""
    assert match_expression(question) == expression


@pytest.mark.parametrize(
    "question",
    [
        '"',
        "'",
        "a AND",
        "NEAR(",
        "*",
        "syria*",
        "text:",
        "(((",
        "\x00",
        "🙂",
        "-x ^y",
        "{a b}:c",
        "x " * 1000,
        " ".join(f"w{n}" for n in range(600)),
    ],
)
def test_no_question_is_a_syntax_error(connection: sqlite3.Connection, question: str) -> None:
    """Whatever is asked, FTS5 sees words that are not in the library."""
    assert lexical.search(connection, question + " qqq", 10) in (
        [],
        lexical.search(connection, "syria", 10),
    )
