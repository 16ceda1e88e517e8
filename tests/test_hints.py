"""What speaks for a passage beside its words: where it stands, when and by whom it was said."""

import datetime as dt

import pytest

from indexer.dates import find_date, find_months
from indexer.hints import find
from indexer.library import Library
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
        return find(connection, question, [rowids[id_] for id_ in ids]).tolist()


def test_an_answer_s_first_passage_leads(library, rowids):
    """Neither statements, nor questions, nor later paragraphs of the answer do."""
    ids = ("harbour:p1", "harbour:p2", "harbour:p3", "harbour:p4")
    leads = [lead for lead, _, _ in hints_of(library, "ship", rowids, *ids)]
    assert leads == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which ship came in 2023?", 1),
        ("Which ship came in March 2023?", 1),
        ("Which ship came in May 2023?", 0),
        ("Which ship came in 2024?", 0),
        ("Which of the 2023 ships?", 1),
        ("Which ship came in March?", 0),
    ],
)
def test_a_year_or_month_named_in_the_question_counts(library, rowids, question, expected):
    """A month counts only with its year."""
    assert hints_of(library, question, rowids, "harbour:p3")[0][1] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Ida Holm say?", 1),
        ("What about Holm's ship?", 1),
        ("what did holm say", 1),
        ("What grows on a holm?", 0),
        ("What did Ivo Lund say?", 0),
    ],
)
def test_a_speaker_named_in_the_question_counts(library, rowids, question, expected):
    """By surname, written as a name; without any capital all words may be names."""
    assert hints_of(library, question, rowids, "harbour:p3")[0][2] == expected


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
    assert find_months("between May 2016 and 2018, not 12018") == ["2016-05", "2018"]
