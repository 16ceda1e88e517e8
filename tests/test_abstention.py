"""When an answer is none, why, and what a question suggests: known answers from a fake confidence.

The confidence is high where the first hit holds a certain word, whatever was asked.
"""

import datetime as dt
from threading import Thread

import pytest

from indexer import aliases
from indexer.filters import Filters
from indexer.library import Library
from indexer.periods import Period, find_periods
from indexer.search import Searcher
from indexer.transcript import Role
from service.abstention import Reason, ReasonKind
from service.answer import Answerer
from service.citations import Source
from service.suggestions import Suggestion, SuggestionKind, period_label
from tests.fakes import FakeEmbedder, add, transcript
from tests.judging import FakeConfidence

TREATY = "Who signed the treaty in 2011?"
MINISTRY = "What does the ministry pay, 28 million?"
NOBODY = Reason(ReasonKind.NOT_HERE, "Nobody in these transcripts says so.")
NOR_WITHOUT = Reason(
    ReasonKind.NOT_HERE,
    "Nobody in these transcripts says so, within these limits or without.",
)


@pytest.fixture
def asking(library):
    """Makes an answerer over the library that is sure of passages with any of the words."""

    def make(*words, threshold=None):
        return Answerer(Searcher(library, FakeEmbedder()), FakeConfidence(*words), threshold)

    return make


def test_a_sure_answer_has_its_confidence_and_no_reason(asking):
    """The treaty's paragraph is the first citation."""
    answer = asking("treaty").ask(TREATY, k=2)
    assert (answer.answered, answer.confidence, answer.reason) == (True, 0.9, None)
    assert len(answer.citations) == 2


def test_below_the_threshold_the_nearest_are_cited_all_the_same(asking):
    """The same citations as of an answer, with the reason."""
    sure, unsure = asking("treaty").ask(TREATY), asking("whale").ask(TREATY)
    assert (unsure.answered, unsure.confidence, unsure.reason) == (False, 0.1, NOBODY)
    assert unsure.citations == sure.citations


@pytest.mark.parametrize(
    ("threshold", "answered"), [(None, False), (0.1, True), (0.11, False), (0.0, True)]
)
def test_the_threshold_can_be_set(asking, threshold, answered):
    """A confidence of 0.1 is below the fake's own 0.5, and not below 0.1."""
    assert asking("whale", threshold=threshold).ask(TREATY).answered is answered


def test_without_a_calibrated_confidence_what_is_found_answers(asking):
    """Whatever the threshold."""
    answer = asking(threshold=1.0).ask(TREATY)
    assert (answer.answered, answer.confidence, answer.reason) == (True, None, None)


def test_the_confidence_is_the_same_for_one_citation_and_for_many(library):
    """It is judged by ten hits, whatever k."""
    seen = []

    class Counting(FakeConfidence):
        def of(self, hits):
            seen.append(len(hits))
            return super().of(hits)

    filler = [f"Ana Berg! The harbour of number {n} has its own weather today." for n in range(20)]
    add(library, transcript("harbour", *filler), FakeEmbedder())
    answerer = Answerer(Searcher(library, FakeEmbedder()), Counting("harbour"))
    for k in (1, 5, 15):
        assert len(answerer.ask("harbour weather", k=k).citations) == k
    assert set(seen) == {10}


@pytest.mark.parametrize(
    ("question", "filters", "kind", "without", "detail"),
    [
        (
            TREATY,
            Filters(speaker="ana berg"),
            "not-by-that-speaker",
            ("speaker",),
            "Ana Berg does not say so here; 1 passage of others may: ask without the speaker.",
        ),
        (
            TREATY,
            Filters(date_from=dt.date(2018, 1, 1)),
            "not-in-those-dates",
            ("dates",),
            "Nobody says so in those dates; 1 passage of other days may: ask without the dates.",
        ),
        (
            TREATY,
            Filters(transcript_ids=frozenset({"dam"})),
            "not-in-those-transcripts",
            ("transcript",),
            "Nobody says so in that transcript; 1 passage of other transcripts may: "
            "ask without the transcript.",
        ),
        (
            MINISTRY,
            Filters(roles=frozenset({Role.STATEMENT})),
            "not-in-that-role",
            ("role",),
            "Nobody says so in that role; 1 passage in other roles may: ask without the role.",
        ),
        (
            TREATY,
            Filters(speaker="Ana Berg", transcript_ids=frozenset({"talks"})),
            "not-by-that-speaker",
            ("speaker",),
            "Ana Berg does not say so here; 1 passage of others may: ask without the speaker.",
        ),
        (
            TREATY,
            Filters(speaker="Ana Berg", date_from=dt.date(2018, 1, 1)),
            "not-by-that-speaker",
            ("speaker", "dates"),
            "Nobody says so within these limits; 1 passage outside of these limits may: "
            "ask without the speaker and the dates.",
        ),
    ],
)
def test_the_filter_that_keeps_the_answer_out_is_named(
    asking, question, filters, kind, without, detail
):
    """The first filter without which it is answered; all, where it takes more than one."""
    answer = asking("treaty" if question == TREATY else "ministry").ask(question, filters=filters)
    assert answer.answered is False
    assert answer.reason == Reason(ReasonKind(kind), detail, without)


def test_all_that_may_answer_outside_is_counted(asking):
    """Ivo Lund's statement and his answer, and not what Ana Berg says of a sign."""
    answerer = asking("treaty", "confirm", "sign")
    only = Filters(speaker="Ana Berg", transcript_ids=frozenset({"talks"}))
    answer = answerer.ask("captain search confirm", filters=only)
    assert "2 passages of others may" in answer.reason.detail


def test_where_no_filter_is_at_fault_nobody_says_so(asking):
    """Within the limits or without."""
    filters = Filters(speaker="Ana Berg", date_to=dt.date(2018, 1, 1))
    answer = asking("whale").ask(TREATY, filters=filters)
    assert answer.reason == NOR_WITHOUT
    assert {citation.speaker.name for citation in answer.citations} == {"Ana Berg"}


def test_what_the_filter_allows_is_no_reason_to_drop_it(library):
    """Though the passage, first in both searches, is believed only in the wider one."""

    class Wider(FakeConfidence):
        def of(self, hits):
            return 0.9 if len(hits) > 3 else 0.1

    answerer = Answerer(Searcher(library, FakeEmbedder()), Wider())
    answer = answerer.ask(TREATY, filters=Filters(speaker="Ivo Lund"))
    assert answer.citations[0].paragraph == 1
    assert answer.reason == NOR_WITHOUT


def test_nothing_found_says_what_there_is_to_search(asking, library, tmp_path):
    """No passage in the limits, and an empty library."""
    filters = Filters(speaker="Ivo Lund", transcript_ids=frozenset({"dam"}))
    answer = asking("whale").ask(TREATY, filters=filters)
    assert answer.citations == ()
    assert answer.confidence is None
    assert answer.reason == Reason(ReasonKind.NOTHING_FOUND, "No passage is within these limits.")
    with Library.open(tmp_path / "empty", create=True) as empty:
        answer = Answerer(Searcher(empty, FakeEmbedder())).ask("Who?")
    assert (answer.answered, answer.reason.kind) == (False, "empty-library")
    for id_ in ("dam", "talks"):
        library.delete(id_)
    add(library, transcript("asked", "Question: Is this all that there is?"), FakeEmbedder())
    assert asking("whale").ask("all").reason.detail == "No passage in the library can answer."


def test_asking_again_sees_the_same_library(asking, library):
    """The treaty's file is replaced, and another thread has seen that, between two searches."""
    answerer = asking("treaty")
    found = answerer.searcher.search
    searched = []

    def change_and_look():
        add(library, transcript("talks", "Ana Berg: Short."), FakeEmbedder())
        found("Short")

    def search_then_change(question, **rest):
        hits = found(question, **rest)
        if not searched:
            writer = Thread(target=change_and_look)
            writer.start()
            writer.join()
        searched.append(rest["filters"])
        return hits

    answerer.searcher.search = search_then_change
    answer = answerer.ask(TREATY, filters=Filters(speaker="Ana Berg"))
    assert searched == [Filters(speaker="Ana Berg"), Filters()]
    assert answer.reason.kind == "not-by-that-speaker"
    assert answerer.ask(TREATY, filters=Filters(speaker="Ana Berg")).reason == NOR_WITHOUT


def test_an_answer_is_searched_for_once(asking):
    """Only abstaining asks again."""
    answerer = asking("treaty")
    found = answerer.searcher.search
    searched = []
    answerer.searcher.search = lambda question, **rest: (
        searched.append(rest["filters"]) or found(question, **rest)
    )
    only = Filters(speaker="Ivo Lund")
    assert answerer.ask(TREATY, filters=only).answered
    assert searched == [only]


# Suggestions

LUND = Suggestion(SuggestionKind.SPEAKER, "Ivo Lund", speaker="Ivo Lund")
JUNE = Suggestion(
    SuggestionKind.DATES,
    "June 2017",
    date_from=dt.date(2017, 6, 1),
    date_to=dt.date(2017, 6, 30),
)
NAMED = "What did Lund say in June 2017?"


@pytest.mark.parametrize(
    ("question", "filters", "expected"),
    [
        (NAMED, Filters(), (LUND, JUNE)),
        (NAMED, Filters(speaker="Ana Berg"), (JUNE,)),
        (NAMED, Filters(date_to=dt.date(2020, 1, 1)), (LUND,)),
        (NAMED, Filters(transcript_ids=frozenset({"talks"})), (LUND, JUNE)),
        ("What did the captain say?", Filters(), ()),
        ("What did Holm say in June?", Filters(), ()),
    ],
)
def test_what_the_question_names_is_suggested(asking, question, filters, expected):
    """Not where such a filter is given; not for who does not speak, nor for no known year."""
    assert asking("treaty").ask(question, filters=filters).suggestions == expected


def test_without_hints_nothing_is_suggested_or_preferred(asking):
    """Neither speaker nor time has a bonus."""
    answerer = asking("treaty")
    hinted, plain = (answerer.ask(NAMED, hints=hints) for hints in (True, False))
    assert hinted.citations[0].components["speaker"] == 1
    assert hinted.citations[0].components["date"] == 1
    assert plain.suggestions == ()
    for citation in plain.citations:
        assert (citation.components["speaker"], citation.components["date"]) == (0, 0)


def test_a_merged_speaker_is_suggested_once_by_the_name_that_is_shown(asking, library):
    """Ana Berg is Ivo Lund's other name here; the most talkative of several comes first."""
    add(
        library,
        transcript("more", *["Ole Lund: Fish.", "Eva Lund: Salt."] * 2, "Eva Lund: Gone."),
        FakeEmbedder(),
    )
    aliases.merge(library, "Ana Berg", ["Ole Lund"])
    named = asking("treaty").ask("What did Lund say?").suggestions
    assert [one.speaker for one in named] == ["Ana Berg", "Eva Lund", "Ivo Lund"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("4 December 2023", "4 December 2023"),
        ("late March 2023", "18 March 2023 to 31 March 2023"),
        ("February 2024", "February 2024"),
        ("2022", "2022"),
        ("winter 2023", "December 2023 to February 2024"),
    ],
)
def test_a_period_is_told_as_short_as_it_can_be(text, label):
    """A day, a month, a year, else its ends."""
    [period] = find_periods(text)
    assert period_label(period) == label


def test_a_year_that_is_not_from_january_is_told_by_its_ends():
    """Twelve months, but of two years."""
    period = Period(dt.date(2023, 2, 1), dt.date(2024, 1, 31))
    assert period_label(period) == "February 2023 to January 2024"


# The same elsewhere


def test_a_citation_lists_where_else_it_is_said(asking, library):
    """The statement stands in two files; the later one in the library is the other place."""
    words = "Eva Holm: The lighthouse keeper has counted every single ship that passed last night."
    for id_, title in (("first", "A"), ("second", "B <i>")):
        add(library, transcript(id_, "Eva Holm! Good day.", words, title=title), FakeEmbedder())
    answer = asking("lighthouse").ask("lighthouse keeper counted ships", k=2)
    assert [citation.transcript_id for citation in answer.citations].count("second") == 0
    assert answer.citations[0].also == (Source("second", "B <i>", dt.date(2017, 6, 16), 2),)
    assert answer.citations[0].also[0].href == "/transcripts/second#p2"
    assert answer.citations[1].also == ()
