"""One person under several names: suggested, said by the user, never guessed."""

import datetime as dt
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from indexer import aliases, hints
from indexer.aliases import Names
from indexer.errors import NotFound, QueryError
from indexer.filters import Filters
from indexer.library import Library
from indexer.live import LiveVectors
from indexer.namesakes import Person, Suggestion, suggest
from indexer.records import SpeakerSummary
from indexer.rows import LiveRows
from indexer.search import Searcher
from indexer.transcript import Speaker
from service import cli
from service.app import create_app
from tests.fakes import FakeEmbedder, add, speakers_of, transcript

KARINE, SHORT, TYPO = "Karine Jean-Pierre", "Ms. Jean-Pierre", "Ms. Jean-Piere"
MAY, JUNE, JULY = dt.date(2024, 5, 2), dt.date(2024, 6, 2), dt.date(2024, 7, 2)
FULL = transcript(
    "full",
    f"{KARINE}: The ferry sails again on Monday.",
    "Question: Who pays?",
    f"{KARINE}: The ministry does.",
    date=MAY,
)
BRIEF = transcript(
    "brief", f"{SHORT}: The bridge opens on Friday.", "Ivo Lund: So it is.", date=JUNE
)
SLIP = transcript("slip", f"{TYPO}: The tunnel stays closed.", date=JULY)


@pytest.fixture
def briefings(tmp_path: Path):
    """A library in which one person has three names."""
    with Library.open(tmp_path / "library", create=True) as opened:
        for document in (FULL, BRIEF, SLIP):
            add(opened, document, FakeEmbedder())
        yield opened


def found(library: Library, speaker: str, question: str = "What happens on Friday?") -> set[str]:
    hits = Searcher(library, FakeEmbedder()).search(question, 50, Filters(speaker=speaker))
    return {hit.passage.id for hit in hits}


# What is suggested


def pairs(*names: str, together=(), also=None):
    """Suggestions for the names, the first with the most turns; those together share a document."""
    people = {
        name: Person(name, (also or {}).get(name, ()), len(names) - at)
        for at, name in enumerate(names)
    }
    documents = {name: {0} if name in together else {at + 1} for at, name in enumerate(names)}
    got = suggest(people, lambda keys: {key: documents[key] for key in keys})
    return [(one.speaker, one.alias, one.reason) for one in got]


@pytest.mark.parametrize(
    ("speaker", "alias", "reason"),
    [
        ("Sergey Lavrov", "S. Lavrov", "initials"),
        ("Sergey Lavrov", "S.V. Lavrov", "initials"),
        ("Sergey Lavrov", "Mr. S. Lavrov", "initials"),
        ("Sergey Lavrov", "Sergey V. Lavrov", "same given name"),
        ("Jill Biden", "Dr. Jill Biden", "same given name"),
        ("Karine Jean-Pierre", "Ms. Jean-Pierre", "title and surname"),
        ("Antony Blinken", "Secretary Blinken", "title and surname"),
        ("Minister Lavrov", "Mr. Lavrov", "title and surname"),
        ("Sergey Lavrov", "Lavrov", "surname alone"),
        ("Péter Szijjártó", "Peter Szijjarto", "same given name"),
        ("Ms. Jean-Pierre", "Ms. Jean-Piere", "surname spelt almost the same"),
        ("Karine Jean-Pierre", "Karine Jean-Pierr", "surname spelt almost the same"),
        ("Jens Stoltenberg", "Jens Stoltenburg", "surname spelt almost the same"),
        ("Jens Stoltenberg", "Jens Stoltenbegr", "surname spelt almost the same"),
    ],
)
def test_names_that_agree_are_suggested(speaker, alias, reason):
    """With the reason; the fuller name is the one to keep, whichever has more turns."""
    assert pairs(speaker, alias) == [(speaker, alias, reason)]


def test_the_fuller_name_is_kept_though_it_speaks_less():
    """A written-out given name before initials, initials before a title."""
    assert pairs("S. Lavrov", "Sergey Lavrov") == [("Sergey Lavrov", "S. Lavrov", "initials")]
    assert pairs("Mr. Lavrov", "S. Lavrov") == [("S. Lavrov", "Mr. Lavrov", "title and surname")]
    assert pairs("Jens Stoltenburg", "Jens Stoltenberg")[0][0] == "Jens Stoltenburg"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sergey Lavrov", "Anna Lavrov"),
        ("Sergey Lavrov", "A. Lavrov"),
        ("Mr. Smith", "Ms. Smith"),
        ("President Smith", "Senator Smith"),
        ("Sergey Lavrov", "Sergey Ryabkov"),
        ("Anna Hansen", "Anna Hanson"),
        ("Mr. Stoltenberg", "Ms. Stoltenburg"),
        ("Jens Stoltenberg", "J. Stoltenburg"),
        ("Jens Stoltenberg", "Jan Stoltenburg"),
        ("Anna Berg", "Anna"),
        ("President", "Mr. President"),
    ],
)
def test_names_that_do_not_agree_are_not_suggested(one, other):
    """Another given name, sex, office or surname; a short surname that differs is another one."""
    assert pairs(one, other) == []


def test_who_meet_in_a_document_are_two_people():
    """The parser told them apart where it saw them together."""
    assert pairs("Anna Smith", "Ms. Smith", together=("Anna Smith", "Ms. Smith")) == []


def test_a_name_that_fits_two_people_is_suggested_for_neither():
    """Unless those two may be one person themselves."""
    assert pairs("Anna Smith", "Berta Smith", "Ms. Smith") == []
    assert pairs("Anna Smith", "Berta Smith", "Ms. Smith", "A. Smith") == [
        ("Anna Smith", "A. Smith", "initials")
    ]
    assert pairs("Anna Smith", "A. Smith", "Ms. Smith") == [
        ("Anna Smith", "A. Smith", "initials"),
        ("Anna Smith", "Ms. Smith", "title and surname"),
    ]
    together = ("Anna Smith", "A. Smith")
    assert pairs("Anna Smith", "A. Smith", "Ms. Smith", together=together) == []


def test_a_slip_does_not_hide_the_full_name():
    """Each name is suggested for its nearest; merged one after the other, they are one."""
    assert pairs(KARINE, SHORT, TYPO) == [
        (KARINE, SHORT, "title and surname"),
        (SHORT, TYPO, "surname spelt almost the same"),
    ]


def test_all_names_of_a_merged_person_count():
    """One of them may agree, none may contradict."""
    assert pairs("Anna Berg", "A. Lund", also={"Anna Berg": ("Anna Lund",)}) == [
        ("Anna Berg", "A. Lund", "initials")
    ]
    assert pairs("Berta Lund", "Ms. Lund", also={"Ms. Lund": ("Anna Lund",)}) == []


def test_a_crowd_of_one_surname_is_left_alone():
    """Fifty of one surname are compared, fifty-one are not."""
    crowd = [f"{chr(0x4E00 + at)}x Smith" for at in range(48)]
    assert pairs("Anna Smith", "Anna B. Smith", *crowd) != []
    assert pairs("Anna Smith", "Anna B. Smith", *crowd, "Zoe Smith") == []


def test_a_library_suggests_from_its_transcripts(briefings):
    """Role labels and people who are alone are left out; what is merged is not suggested again."""
    assert aliases.suggestions(briefings) == [
        Suggestion(KARINE, SHORT, "title and surname"),
        Suggestion(SHORT, TYPO, "surname spelt almost the same"),
    ]
    aliases.merge(briefings, KARINE, [SHORT])
    assert aliases.suggestions(briefings) == [
        Suggestion(KARINE, TYPO, "surname spelt almost the same")
    ]
    both = transcript("both", f"{SHORT}: Yes.", f"{TYPO}: No.")
    add(briefings, both, FakeEmbedder())
    assert aliases.suggestions(briefings) == []


# What a merge does


def test_merged_names_are_counted_as_one_speaker(briefings):
    """Under the shown name, with the others beside it and the dates of all."""
    assert aliases.merge(briefings, KARINE, [SHORT, TYPO]) == Names(KARINE, (TYPO, SHORT))
    assert briefings.speakers()[0] == SpeakerSummary(
        KARINE, True, 4, 3, MAY, JULY, also=(TYPO, SHORT)
    )
    assert [one.name for one in briefings.speakers()] == [KARINE, "Ivo Lund", "Question"]
    assert briefings.stats().speakers == 3


@pytest.mark.parametrize("name", [KARINE, SHORT, "ms. jean-pierre", TYPO])
def test_the_filter_takes_any_name(briefings, name):
    """All of the person's words, whichever name they stand under, and nobody else's."""
    aliases.merge(briefings, KARINE, [SHORT, TYPO])
    assert found(briefings, name) == {"full:p1", "full:p3", "brief:p1", "slip:p1"}


@pytest.mark.parametrize("question", ["What did Jean-Pierre say?", "What did Ms. Jean-Piere say?"])
def test_a_question_may_name_the_person_by_any_name(briefings, question):
    """The hint holds for words that stand under another name of the person."""
    aliases.merge(briefings, KARINE, [SHORT, TYPO])
    with briefings.read() as connection:
        rows = LiveRows(briefings).at(connection)
        clues = hints.read(connection, rows, question)
        rowids = rows.rowids.tolist()
        named = hints.find(connection, clues, rows, rows.rowids)[:, 2].tolist()
    ids = [briefings.passages([rowid])[rowid].id for rowid in rowids]
    said = {id_ for id_, hint in zip(ids, named, strict=True) if hint}
    assert said == {"full:p1", "full:p3", "brief:p1", "slip:p1"}


def test_words_are_the_person_s_whatever_the_name(briefings):
    """By the key of the shown name; nobody's where the source does not tell."""
    add(briefings, transcript("nobody", "-: Somebody says it."), FakeEmbedder())
    aliases.merge(briefings, KARINE, [SHORT])
    with briefings.read() as connection:
        rows = LiveRows(briefings).at(connection)
    ids = {rowid: one.id for rowid, one in briefings.passages(rows.rowids.tolist()).items()}
    keys = zip(rows.rowids.tolist(), speakers_of(rows), strict=True)
    persons = {rowid: rows.persons.get(key, key) for rowid, key in keys if key is not None}
    assert {ids[rowid]: person for rowid, person in persons.items()} == {
        "full:p1": "karine jean-pierre",
        "full:p2": "question",
        "full:p3": "karine jean-pierre",
        "brief:p1": "karine jean-pierre",
        "brief:p2": "ivo lund",
        "slip:p1": "ms. jean-piere",
    }


def test_a_transcript_shows_the_person_and_keeps_its_own_name(briefings):
    """`as_written` only where the document has another name."""
    aliases.merge(briefings, KARINE, [SHORT])
    assert briefings.transcript("brief").turns[0].speaker == Speaker(KARINE, True, SHORT)
    assert briefings.transcript("brief").turns[1].speaker == Speaker("Ivo Lund")
    assert briefings.transcript("full") == FULL


def test_nothing_is_embedded_again(briefings):
    """Passages, vectors and scores stay what they were; only the state is a new one."""
    before = (briefings.stats(), briefings.rowids().tolist(), briefings.passage("brief:p1"))
    aliases.merge(briefings, KARINE, [SHORT])
    after = (briefings.stats(), briefings.rowids().tolist(), briefings.passage("brief:p1"))
    assert after[1:] == before[1:]
    assert after[0].embeddings == before[0].embeddings
    assert after[0].generation == before[0].generation + 1


def test_split_takes_a_merge_back(briefings):
    """Name by name, until all is as it was."""
    before = briefings.speakers()
    aliases.merge(briefings, KARINE, [SHORT, TYPO])
    aliases.split(briefings, [SHORT])
    assert found(briefings, SHORT) == {"brief:p1"}
    assert found(briefings, TYPO) == {"full:p1", "full:p3", "slip:p1"}
    aliases.split(briefings, [TYPO])
    assert briefings.speakers() == before
    assert briefings.transcript("brief") == BRIEF
    with briefings.read() as connection:
        assert connection.execute("SELECT count(*) FROM aliases").fetchone() == (0,)


def test_a_person_takes_the_other_names_along(briefings):
    """Merging into any name of a person is merging into the person."""
    aliases.merge(briefings, SHORT, [TYPO])
    assert aliases.merge(briefings, KARINE, [SHORT]) == Names(KARINE, (TYPO, SHORT))
    assert aliases.merge(briefings, TYPO, ["Ivo Lund"]) == Names(KARINE, ("Ivo Lund", TYPO, SHORT))
    assert aliases.merge(briefings, KARINE, [SHORT]).also == ("Ivo Lund", TYPO, SHORT)


def test_names_are_shown_as_a_document_writes_them(briefings):
    """Not as they were typed; other cases of the shown name are the same person's."""
    add(briefings, transcript("loud", f"{KARINE.upper()}: Order!"), FakeEmbedder())
    assert aliases.merge(briefings, KARINE, [SHORT.upper()]) == Names(KARINE, (SHORT,))
    assert briefings.speakers()[0].name == KARINE
    loud = briefings.transcript("loud").turns[0].speaker
    assert loud == Speaker(KARINE, True, KARINE.upper())


def test_indexing_and_deletion_leave_merges_alone(briefings):
    """A name that comes back is still the person's; without words there is nobody to find."""
    aliases.merge(briefings, KARINE, [SHORT])
    add(briefings, BRIEF, FakeEmbedder())
    assert found(briefings, KARINE) == {"full:p1", "full:p3", "brief:p1"}
    briefings.delete("full")
    assert [one.name for one in briefings.speakers()] == ["Ivo Lund", KARINE, TYPO]
    assert found(briefings, KARINE) == {"brief:p1"}
    briefings.delete("brief")
    assert [one.name for one in briefings.speakers()] == [TYPO]
    with pytest.raises(NotFound, match="no speaker 'karine jean-pierre'"):
        found(briefings, KARINE)
    assert aliases.merge(briefings, SHORT, [TYPO]) == Names(KARINE, (TYPO, SHORT))
    add(briefings, FULL, FakeEmbedder())
    assert found(briefings, SHORT) == {"full:p1", "full:p3", "slip:p1"}


@pytest.mark.parametrize(
    ("name", "other", "error", "message"),
    [
        ("Karin Jean-Pierre", SHORT, NotFound, f"did you mean {KARINE}"),
        (KARINE, "Nobody", NotFound, "no speaker 'nobody' in this library"),
        (KARINE, "Question", QueryError, "'Question' is only a role"),
        ("question", KARINE, QueryError, "'Question' is only a role"),
        (KARINE, KARINE.lower(), QueryError, f"'{KARINE}' is one name"),
        (SHORT, KARINE, QueryError, f"'{SHORT}' is a name of '{KARINE}' already"),
        (SHORT, SHORT, QueryError, f"'{SHORT}' is one name"),
        ("Ivo Lund", SHORT, QueryError, f"'{SHORT}' is a name of '{KARINE}' already: split it"),
        (KARINE, "\ud800", QueryError, "broken character"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(briefings, name, other, error, message):
    """Unknown, a role, oneself, a circle, another's name: told, and nothing is changed."""
    aliases.merge(briefings, KARINE, [SHORT])
    state, speakers = briefings.state(), briefings.speakers()
    with pytest.raises(error, match=message):
        aliases.merge(briefings, name, [TYPO, other])
    assert (briefings.state(), briefings.speakers()) == (state, speakers)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("Nobody", NotFound, "no speaker 'nobody'"),
        ("Ivo Lund", QueryError, "was not merged with another name"),
        (KARINE, QueryError, rf"is the name that is shown: split the others \({SHORT}\)"),
        ("Question", QueryError, "only a role"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(briefings, name, error, message):
    """Told, and nothing is changed."""
    aliases.merge(briefings, KARINE, [SHORT, TYPO])
    with pytest.raises(error, match=message):
        aliases.split(briefings, [TYPO, name])
    assert briefings.speakers()[0].also == (TYPO, SHORT)


# Who asks


def test_an_open_searcher_follows(briefings):
    """A filter that was remembered is not used for a new state; vectors stay."""
    searcher = Searcher(briefings, FakeEmbedder())
    wanted = Filters(speaker=SHORT)
    assert len(searcher.search("ferry", 50, wanted)) == 1
    with Library.open(briefings.folder) as other:
        aliases.merge(other, KARINE, [SHORT])
    assert len(searcher.search("ferry", 50, wanted)) == 3
    with Library.open(briefings.folder) as other:
        aliases.split(other, [SHORT])
    assert len(searcher.search("ferry", 50, wanted)) == 1
    assert len(LiveVectors(briefings)._store.ids) == len(briefings.rowids())


def test_a_running_server_follows(library, open_answerer):
    """API and page show the person from the next request on, and say what the document has."""
    with TestClient(create_app(open_answerer, ["testserver"])) as client:
        assert 'value="Ana Berg"' in client.get("/").text
        aliases.merge(library, "Ivo Lund", ["Ana Berg"])
        speakers = client.get("/v1/speakers").json()["speakers"]
        assert [(one["name"], one["also"], one["turns"]) for one in speakers] == [
            ("Ivo Lund", ["Ana Berg"], 5),
            ("Question", [], 2),
        ]
        query = {"q": "Who pays for the repair?", "speaker": "Ana Berg", "transcript": "dam"}
        citation = client.get("/v1/search", params=query).json()["citations"][0]
        assert (citation["speaker"], citation["speaker_as_written"]) == ("Ivo Lund", "Ana Berg")
        turns = client.get("/v1/transcripts/talks").json()["turns"]
        assert [(turn["speaker"], turn["speaker_as_written"]) for turn in turns] == [
            ("Ivo Lund", None),
            ("Question", None),
            ("Ivo Lund", None),
            ("Ivo Lund", "Ana Berg"),
        ]
        assert 'value="Ana Berg"' not in client.get("/").text
        assert "also as Ana Berg" in client.get("/speakers").text
        assert '<p class="speaker">Ivo Lund</p>' in client.get("/?q=boat&speaker=Ana+Berg").text


def test_the_command_line(briefings, monkeypatch, capsys):
    """Lists, suggests what can be pasted, merges and splits."""
    monkeypatch.setenv("ONRECORD_LIBRARY", str(briefings.folder))

    def run(*arguments: str) -> str:
        assert cli.main(["speakers", *arguments]) == 0
        return capsys.readouterr().out

    assert run().splitlines() == [
        f"     2 turns     1 transcripts  {KARINE}",
        "     1 turns     1 transcripts  Ivo Lund",
        f"     1 turns     1 transcripts  {TYPO}",
        f"     1 turns     1 transcripts  {SHORT}",
        "     1 turns     1 transcripts  Question (only a role)",
        "",
        "Perhaps one person; if so, say it:",
        f"  onrecord speakers merge '{KARINE}' '{SHORT}'  # title and surname",
        f"  onrecord speakers merge '{SHORT}' '{TYPO}'  # surname spelt almost the same",
    ]
    assert run("merge", KARINE, SHORT) == f"{KARINE}, also {SHORT}\n"
    assert json.loads(run("merge", SHORT, TYPO, "--json")) == {
        "name": KARINE,
        "also": [TYPO, SHORT],
    }
    assert run().splitlines()[0] == (
        f"     4 turns     3 transcripts  {KARINE}, also {TYPO}, {SHORT}"
    )
    assert run("split", TYPO) == f"{TYPO} stands for itself again\n"
    listed = json.loads(run("--json"))
    assert listed["speakers"][0]["also"] == [SHORT]
    assert listed["suggestions"] == [
        {"speaker": KARINE, "alias": TYPO, "reason": "surname spelt almost the same"}
    ]
    assert json.loads(run("split", SHORT, "--json")) == {"split": [SHORT]}


def test_options_before_a_command_of_the_group_count(briefings, monkeypatch, capsys, tmp_path):
    """`speakers --library X merge` changes X and not the library of the settings."""
    monkeypatch.setenv("ONRECORD_LIBRARY", str(tmp_path / "nowhere"))
    given = ["--library", str(briefings.folder), "--json"]
    assert cli.main(["speakers", *given, "merge", KARINE, SHORT]) == 0
    assert json.loads(capsys.readouterr().out)["also"] == [SHORT]
    assert cli.main(["speakers", "merge", KARINE, SHORT]) == 1
