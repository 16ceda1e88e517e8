"""BM25: the formula by hand, hostile questions, filters before the limit."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.lexical import Words, telling_words
from indexer.library import Library
from indexer.transcript import Role
from indexer.where import EVERYWHERE, Where
from indexer.words import LiveWords
from tests.fakes import FakeEmbedder, add, transcript

KERRY = Where(speakers=frozenset({"kerry"}))


def words_of(library: Library) -> Words:
    with library.read() as connection:
        return LiveWords(library).at(connection)


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Words]:
    """Four passages, rowids 1 to 4, whose background is the title and the speaker."""
    with Library.open(tmp_path, create=True) as library:
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
        yield words_of(library)


def test_the_score_is_bm25(words: Words) -> None:
    """By hand: 'tuesday' is in one of four passages, once, in a passage of 9 words.

    The passages with their backgrounds (two words each) have 9, 5, 6 and 7 words, 6.75 on average.
    """
    idf = math.log(1 + (4 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 9 / 6.75))
    [(rowid, score)] = words.search("tuesday", 10)
    assert rowid == 1
    assert score == pytest.approx(expected, rel=1e-6)


def test_a_word_counts_wherever_it_stands(words: Words) -> None:
    """'kerry' stands only in backgrounds, 'treaty' twice in one text."""
    idf = math.log(1 + 2.5 / 2.5)
    shorter, longer = (idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * n / 6.75)) for n in (5, 7))
    assert words.search("kerry", 10) == [
        (2, pytest.approx(shorter, rel=1e-6)),
        (4, pytest.approx(longer, rel=1e-6)),
    ]
    twice = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 9 / 6.75))
    assert words.search("treaty", 1) == [(1, pytest.approx(twice, rel=1e-6))]


def test_words_are_stemmed_and_freed_of_accents(words: Words, tmp_path: Path) -> None:
    """'Mentioned' finds 'mentions', 'Sýria' finds 'Syria'; so it is in Greek and Cyrillic."""
    assert [rowid for rowid, _ in words.search("Mentioned?", 10)] == [2]
    assert [rowid for rowid, _ in words.search("Sýria", 10)] == [3]
    assert [rowid for rowid, _ in words.search("Sy\u0301ria", 10)] == [3]
    with Library.open(tmp_path / "other", create=True) as library:
        said = ("η Αθήνα", "Чайка", "straße", "हिन्दी में")
        add(library, transcript("t", *(f"Kerry: {one}" for one in said)), FakeEmbedder())
        other = words_of(library)
        for rowid, question in enumerate(("ΑΘΗΝΑ", "чаика", "STRASSE", "हिन्दी"), 1):
            assert [found for found, _ in other.search(question, 10)] == [rowid]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (EVERYWHERE, [1, 4]),
        (KERRY, [4]),
        (Where(speakers=frozenset({"kerry", "lavrov"})), [1, 4]),
        (Where(roles=frozenset({Role.STATEMENT})), [1, 4]),
        (Where(roles=frozenset({Role.ANSWER, Role.QUESTION})), []),
        (Where(roles=frozenset()), []),
        (Where(transcripts=frozenset({1, 7})), [1, 4]),
        (Where(transcripts=frozenset({7})), []),
        (Where(transcripts=frozenset()), []),
        (KERRY & Where(transcripts=frozenset({1})), [4]),
        (KERRY & Where(speakers=frozenset({"lavrov"})), []),
    ],
)
def test_filters_hold(words: Words, where: Where, expected: list[int]) -> None:
    """Each part that is given must hold."""
    assert [rowid for rowid, _ in words.search("treaty", 9, where)] == expected


def test_filters_act_before_the_limit_and_leave_the_scores(words: Words) -> None:
    """The best passage is not allowed: the limit of one is filled by the next."""
    both = words.search("treaty", 9)
    assert words.search("treaty", 1) == both[:1]
    assert words.search("treaty", 1, KERRY) == both[1:]


def test_scores_of_given_passages_are_those_of_the_search(words: Words) -> None:
    """Passages that share no word have no score."""
    found = dict(words.search("Syria treaty", 10))
    assert words.scores("Syria treaty", [2, 3, 4]) == {3: found[3], 4: found[4]}
    assert words.scores("Syria treaty", []) == {}


def test_the_ceiling_is_every_word_without_end(words: Words) -> None:
    """By hand, of four passages: 'tuesday' is in one, 'treaty' in two, 'zebra' in none.

    A passage full of a word has k1 + 1 = 2.2 times its idf; function words, repeats and other
    forms of the same word do not count.
    """
    tuesday, treaty, zebra = math.log(1 + 3.5 / 1.5), math.log(2), math.log(1 + 4.5 / 0.5)
    for question, expected in (
        ("tuesday", tuesday),
        ("On Tuesday, tuesday!", tuesday),
        ("zebra", zebra),
        ("Tuesday's treaty of zebras", tuesday + treaty + zebra),
        ("treaty treaties", treaty),
    ):
        assert words.ceiling(question) == pytest.approx(expected * 2.2, rel=1e-9)
    assert words.ceiling("?!") == 0


def test_no_score_reaches_the_ceiling(tmp_path: Path) -> None:
    """Not even that of a passage of nothing but the word."""
    with Library.open(tmp_path, create=True) as library:
        others = [f"Kerry: Nothing of number {n} is known." for n in range(9)]
        full = transcript("t", "Kerry: " + "zebra " * 200, *others, title="Vienna", date=None)
        add(library, full, FakeEmbedder(1024))
        words = words_of(library)
        [(_, score)] = words.search("zebra", 9)
        assert 0.8 * words.ceiling("zebra") < score < words.ceiling("zebra")


def test_an_empty_library_has_no_scores(tmp_path: Path) -> None:
    """And a ceiling that is no error."""
    with Library.open(tmp_path, create=True) as library:
        words = words_of(library)
        assert words.search("zebra", 10) == []
        assert words.scores("zebra", [1]) == {}
        assert words.ceiling("zebra") == pytest.approx(2.2 * math.log(2))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What did he say about Syria?", "say syria"),
        ("Who are you?", "who are you"),
        (
            '"Syria" AND (NEAR(treaty, 5) OR text:x*) NOT ^y',
            "syria near treaty 5 text x y",
        ),
        ("Russia's don't", "russia"),
        ("U.S.–Laos", "u laos"),
        ("Syria syria SYRIA", "syria"),
        ("a\x00b 🙂 Syria", "b syria"),
        ("हिन्दी में", "हिन्दी में"),
        ('?! "" () * - 🙂 \x00 _', ""),
        ("", ""),
        ("\ud800 broken", "broken"),
    ],
)
def test_a_question_becomes_words(question: str, words: str) -> None:
    """Letters and numbers; function words go where others remain."""
    assert telling_words(question) == words.split()


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
def test_no_question_is_a_syntax_error(words: Words, question: str) -> None:
    """Whatever is asked is words, here such as nobody said, or 'Syria'."""
    found = [rowid for rowid, _ in words.search(question + " qqq", 10)]
    assert found == ([3] if "syria" in question else [])
