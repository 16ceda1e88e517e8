"""Passages as columns: what they hold, what filters make of them, how they follow."""

import numpy as np
import pytest

from indexer import aliases
from indexer import rows as rows_module
from indexer.library import Library
from indexer.rows import LiveRows, Rows
from indexer.transcript import Role
from indexer.where import EVERYWHERE, Where
from tests.fakes import FakeEmbedder, add, speakers_of, transcript

TALK = transcript(
    "talk",
    "-: Nobody knows who said this here in the room.",
    "Question: How many zebras are in the harbour, and who counted the zebras of it?",
    "Ana Berg: Zebras are not counted by us, and that is all.",
    "Ivo Lund! We counted the zebras of the harbour twice.",
)


@pytest.fixture
def talk(tmp_path) -> Library:
    with Library.open(tmp_path / "talk", create=True) as library:
        add(library, TALK, FakeEmbedder())
        yield library


def rows_of(library: Library, live: LiveRows | None = None) -> Rows:
    with library.read() as connection:
        return (live or LiveRows(library)).at(connection)


def facts(rows: Rows) -> list[tuple]:
    """Rowid, turn, role, speaker, what it answers, whether it leads."""
    table = rows.table
    return list(
        zip(
            table["rowid"].tolist(),
            table["turn"].tolist(),
            [list(Role)[at] for at in table["role"].tolist()],
            speakers_of(rows),
            table["answers"].tolist(),
            table["lead"].tolist(),
            strict=True,
        )
    )


def test_the_columns_are_what_the_passages_are(talk):
    """Four passages of four turns."""
    assert facts(rows_of(talk)) == [
        (1, 1, Role.STATEMENT, None, 0, False),
        (2, 2, Role.QUESTION, "question", 0, False),
        (3, 3, Role.ANSWER, "ana berg", 2, True),
        (4, 4, Role.STATEMENT, "ivo lund", 0, False),
    ]


def test_what_only_keeps_the_talk_going_is_known(talk):
    """Each passage says something, but the last one."""
    add(talk, transcript("more", "Ida Holm: No.", "Ana Berg: Oh. Thank you."), FakeEmbedder())
    assert rows_of(talk).table["phatic"].tolist() == [False] * 5 + [True]


def test_only_persons_have_surnames(talk):
    """A role is nobody who could be named."""
    assert rows_of(talk).surnames == {"berg": ("ana berg",), "lund": ("ivo lund",)}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where(roles=frozenset({Role.STATEMENT})), [1, 4]),
        (Where(roles=frozenset()), []),
        (Where(speakers=frozenset({"ana berg", "ivo lund"})), [3, 4]),
        (Where(speakers=frozenset({"nobody"})), []),
        (Where(transcripts=frozenset({1, 9})), [1, 2, 3, 4]),
        (Where(transcripts=frozenset()), []),
        (Where(roles=frozenset({Role.ANSWER}), speakers=frozenset({"ivo lund"})), []),
    ],
)
def test_filters_allow_what_meets_every_part(talk, where, expected):
    """Ascending; asked again, the same comes back."""
    rows = rows_of(talk)
    assert rows.allowed(where).tolist() == expected
    assert rows.allowed(where) is rows.allowed(where)


def test_everywhere_is_no_list(talk):
    """None, so that nothing has to be compared."""
    assert rows_of(talk).allowed(EVERYWHERE) is None


def test_only_a_few_filters_are_remembered(talk):
    """The oldest goes."""
    rows = rows_of(talk)
    first = rows.allowed(Where(transcripts=frozenset({1})))
    for number in range(2, 34):
        rows.allowed(Where(transcripts=frozenset({number})))
    assert rows.allowed(Where(transcripts=frozenset({1}))) is not first


def test_which_passages_are_there(talk, tmp_path):
    """Also in an empty library."""
    wanted = np.array([4, 0, 9, 2], dtype=np.int64)
    assert rows_of(talk).hold(wanted).tolist() == [True, False, False, True]
    with Library.open(tmp_path / "empty", create=True) as empty:
        assert rows_of(empty).hold(wanted).tolist() == [False] * 4


def test_rows_follow_every_change(talk):
    """Added, replaced, deleted, merged: the same as read anew; what was given stays as it was."""
    live = LiveRows(talk)
    first = rows_of(talk, live)
    before = facts(first)
    add(talk, transcript("more", "Ida Holm: We sail.", "Ana Berg: We stay."), FakeEmbedder())
    assert facts(rows_of(talk, live)) == facts(rows_of(talk)) != before
    add(talk, transcript("talk", "Ivo Lund: Nothing more."), FakeEmbedder())
    now = rows_of(talk, live)
    assert [fact[3] for fact in facts(now)] == ["ida holm", "ana berg", "ivo lund"]
    talk.delete("more")
    now = rows_of(talk, live)
    assert facts(now) == facts(rows_of(talk))
    assert now.surnames == {"lund": ("ivo lund",)}
    assert facts(first) == before
    add(talk, TALK, FakeEmbedder())
    aliases.merge(talk, "Ana Berg", ["Ivo Lund"])
    assert rows_of(talk, live).persons == {"ana berg": "ana berg", "ivo lund": "ana berg"}


def test_an_older_reader_sees_its_own_state(talk):
    """Though another has followed a newer one since; and the newer one stays."""
    live = LiveRows(talk)
    with talk.read() as connection:
        before = facts(live.at(connection))
        with Library.open(talk.folder) as other:
            other.delete("talk")
            with other.read() as present:
                theirs = LiveRows(other)
                assert facts(theirs.at(present)) == []
            live.library = other
            assert facts(rows_of(other, live)) == []
            live.library = talk
        assert facts(live.at(connection)) == before
    assert facts(rows_of(talk, live)) == []


def test_all_rows_are_read_from_the_index_alone(talk):
    """The passages' texts, a gigabyte in a million, stay on the disk."""
    with talk.read() as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {rows_module._ALL}").fetchall()
    assert [row[3] for row in plan] == ["SCAN passages USING COVERING INDEX passages_in_short"]


def test_names_of_one_person_are_one_though_the_shown_name_is_gone(talk):
    """The user's word outlives the transcript in which the person has that name."""
    add(talk, transcript("shown", "Dr. Berg: We sail."), FakeEmbedder())
    add(talk, transcript("other", "A. Berg: We stay."), FakeEmbedder())
    aliases.merge(talk, "Dr. Berg", ["Ana Berg", "A. Berg"])
    talk.delete("shown")
    rows = rows_of(talk)
    nobody, question, ana, lund, other = rows.persons_of(rows.table).tolist()
    assert ana == other
    assert len({nobody, question, ana, lund}) == 4
