"""What a question says of where its answer stands, and what a passage has of it."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from indexer import aliases
from indexer.dates import find_date
from indexer.hints import Clues, find, read
from indexer.library import Library
from indexer.periods import find_periods
from indexer.rows import LiveRows
from indexer.transcript import Speaker
from tests.fakes import FakeEmbedder, add, transcript


@pytest.fixture
def rowids(library: Library):
    """Of the passages of one more transcript, by their ids."""
    document = transcript(
        "harbour",
        "Ida Holm: The harbour was full of ice in the winter of that year, and no ship came in.",
        "Question: When does the next ship come into the harbour, and what does it carry for us?",
        "Ida Holm: It comes on Monday with flour, salt and the post, if the ice allows it to. / "
        "The one after it comes in spring, and that one has the timber for the new bridge.",
        date=dt.date(2023, 3, 14),
    )
    add(library, document, FakeEmbedder())
    passages = library.passages(library.rowids().tolist())
    return {passage.id: rowid for rowid, passage in passages.items()}


def hints_of(library: Library, question: str, rowids: dict[str, int], *ids: str):
    with library.read() as connection:
        rows = LiveRows(library).at(connection)
        clues = read(connection, rows, question)
        wanted = np.array([rowids[id_] for id_ in ids], dtype=np.int64)
        return find(connection, clues, rows, wanted).tolist()


def speakers_in(library: Library, question: str) -> set[str]:
    with library.read() as connection:
        return set(read(connection, LiveRows(library).at(connection), question).speakers)


def add_speaker(library: Library, name: str, named: bool = True) -> None:
    """A transcript in which only that person speaks."""
    talk = transcript(f"of-{name}", "Somebody: So it is.")
    turn = replace(talk.turns[0], speaker=Speaker(name, named))
    add(library, replace(talk, turns=(turn,)), FakeEmbedder())


def test_an_answer_s_first_passage_leads(library, rowids):
    """Neither statements, nor questions, nor later paragraphs of the answer do."""
    ids = ("harbour:p1", "harbour:p2", "harbour:p3", "harbour:p4")
    leads = [lead for lead, *_ in hints_of(library, "ship", rowids, *ids)]
    assert leads == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which ship came in 2023?", 1),
        ("Which ship came in March 2023?", 1),
        ("Which ship came on 14 March 2023?", 1),
        ("Which ship came on 2023-03-14?", 1),
        ("Which ship came in mid-March 2023?", 1),
        ("Which ship came in spring 2023?", 1),
        ("Which ship came in the winter of 2022, or in spring 2023?", 1),
        ("Which of the 2023 ships?", 1),
        ("Which ship came on 15 March 2023?", 0.5),
        ("Which ship came in late March 2023?", 0.5),
        ("Which ship came in early March 2023?", 0.5),
        ("Which ship came in May 2023?", 0),
        ("Which ship came in the winter of 2022?", 0),
        ("Which ship came in 2024?", 0),
        ("Which ship came in March?", 0),
        ("Which ship came on 31 February 2023?", 0),
    ],
)
def test_a_time_named_in_the_question_counts(library, rowids, question, expected):
    """The transcript is of 14 March 2023; half of it where only the month is the same."""
    assert hints_of(library, question, rowids, "harbour:p3")[0][1] == expected


def test_a_transcript_without_a_date_is_of_no_time(library, rowids):
    """Whatever the question names."""
    assert hints_of(library, "Who pays in 2023?", rowids, "dam:p1") == [[0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Ida Holm say?", 1),
        ("What about Holm's ship?", 1),
        ("what did holm say", 1),
        ("what did holm say in March 2023", 1),
        ("What grows on a holm?", 0),
        ("What did Ivo Lund say?", 0),
    ],
)
def test_a_speaker_named_in_the_question_counts(library, rowids, question, expected):
    """By surname, written as a name; without any capital all words may be names."""
    assert hints_of(library, question, rowids, "harbour:p3")[0][2] == expected


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("Theresa May", "What did May say of the dam?", True),
        ("Theresa May", "what did theresa say in may 2023", False),
        ("Theresa May", "What was said in May 2023?", False),
        ("Theresa May", "What did May say in May 2023?", True),
        ("Theresa May", "May ships enter the harbour?", False),
        ("Sun Do", "Do the ships come?", False),
        ("I", "Can I swim here?", False),
        ("A", "is there a dam", False),
        ("A", "A dam is what?", False),
        ("A", "What did A say?", True),
        ("Malcolm X", "What did Malcolm X say?", True),
        ("Malcolm X", "what did malcolm x say", True),
        ("Péter Szijjártó", "What did Szijja\u0301rto\u0301 say?", True),
        ("KARINE JEAN-PIERRE", "What did Jean-Pierre’s deputy say?", True),
        ("Brian O'Neil", "What about O'Neil's ship?", True),
    ],
)
def test_a_word_that_is_a_name_only_by_its_letters_names_nobody(library, name, question, expected):
    """Function words at the beginning, "I", months with their year; names of one letter are."""
    add_speaker(library, name)
    assert bool(speakers_in(library, question)) is expected


def test_a_role_is_nobody_who_could_be_named(library):
    """Nor is a turn without a speaker."""
    add_speaker(library, "Moderator", named=False)
    add(library, transcript("nobody", "-: Somebody says it."), FakeEmbedder())
    assert speakers_in(library, "What did the Moderator ask?") == set()
    assert speakers_in(library, "what is the question of the moderator") == set()


def test_a_question_names_all_of_one_surname_by_all_their_names(library):
    """Two people called Berg, one of whom has another name too."""
    for name in ("Ada Berg", "Ida Holm"):
        add_speaker(library, name)
    aliases.merge(library, "Ada Berg", ["Ida Holm"])
    assert speakers_in(library, "What does Berg say?") == {"ana berg", "ada berg", "ida holm"}
    assert speakers_in(library, "What does Holm say?") == {"ada berg", "ida holm"}


def test_an_empty_library_gives_only_periods(tmp_path):
    """Nobody speaks there."""
    with Library.open(tmp_path, create=True) as empty, empty.read() as connection:
        rows = LiveRows(empty).at(connection)
        dated = Clues(tuple(find_periods("2023")))
        assert read(connection, rows, "What did Holm say in 2023?") == dated
        assert read(connection, rows, "What did Holm say?") == Clues()
        assert find(connection, dated, rows, rows.rowids).shape == (0, 4)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which ship?", []),
        ("Which ship came on 1 March 2023?", ["harbour"]),
        ("Which ship came in March 2023 or in June 2017?", ["harbour talks"]),
        ("What did Berg say?", ["dam:p1 dam:p3 talks:p5"]),
        ("What did Berg say in June 2017?", ["talks", "talks:p5"]),
        ("What did Berg say in 2024?", ["", ""]),
    ],
)
def test_where_clues_point(library, rowids, question, expected):
    """At the months named, by the speaker named; of both, at that time and by her then."""
    with library.read() as connection:
        rows = LiveRows(library).at(connection)
        places = read(connection, rows, question).places(connection)
        ids = {rowid: id_ for id_, rowid in rowids.items()}
        found = [{ids[one] for one in rows.allowed(place).tolist()} for place in places]
    wanted = [
        {id_ for id_ in rowids if {id_, id_.split(":")[0]} & set(names.split())}
        for names in expected
    ]
    assert found == wanted


def test_dates_are_found_in_the_forms_that_transcripts_use():
    """English words, ISO and dotted; a time run into the year does not hide it."""
    day = dt.date(2017, 6, 16)
    for text in (
        "16 June 201713:25",
        "Moscow, June 16, 2017",
        "16th of June, 2017",
        "2017-06-16 18:29:46-04:00",
        "on 16.06.2017",
        "Jun. 16, 2017",
    ):
        found = find_date(text)
        assert found is not None
        assert found[0] == day
    assert find_date("in June 2017") is None
    assert find_date("31 February 2017") is None
