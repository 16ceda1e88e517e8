"""One person, several names: what the user says of the speakers of a library.

A name is a person's only where the user said so (`merge`); `suggestions` only proposes. The
table holds every name of a merged person, the displayed one included, all pointing at the
displayed one: no chains, so no cycles. It knows names, not transcripts, so it outlives both
indexing and deletion.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer import records
from indexer.database import Database
from indexer.errors import QueryError
from indexer.known import check_text, not_found
from indexer.namesakes import Person, Suggestion, suggest
from indexer.records import speaker_key
from indexer.transcript import fold


class _Name(NamedTuple):
    """A name of a person: its key, as it is written, and the displayed name of the person."""

    key: str
    written: str
    person_key: str
    person: str


class Names(NamedTuple):
    """The name of a person that is shown, and the others."""

    shown: str
    also: tuple[str, ...]


def merge(library: Database, name: str, others: Sequence[str]) -> Names:
    """Says that all `others` are names of the person `name`, and gives all names of the person.

    The person keeps the name that is shown, and takes over whatever names the others have; all
    is done or nothing. Raises NotFound where no transcript has the name; QueryError where it
    is only a role, belongs to another person, or is the displayed name of the same one.
    """
    with library.write() as connection:
        target = _name(connection, name)
        for other in others:
            _join(connection, target, _name(connection, other))
        records.changed(connection)
        also = records.other_names(connection)[target.person_key]
        return Names(target.person, also)


def split(library: Database, names: Sequence[str]) -> None:
    """Takes the names off the person they were merged into: each stands for itself again.

    Raises NotFound where the library knows no such name; QueryError where it was not merged
    into another.
    """
    with library.write() as connection:
        for given in names:
            name = _name(connection, given)
            if name.key == name.person_key:
                raise QueryError(_why_not_split(connection, name))
            connection.execute("DELETE FROM aliases WHERE speaker_key = ?", (name.key,))
            connection.execute(
                "DELETE FROM aliases WHERE person_key = :person "
                "AND (SELECT count(*) FROM aliases WHERE person_key = :person) = 1",
                {"person": name.person_key},
            )
        records.changed(connection)


def keys_of(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, set[str]]:
    """For each key of a name, those of all names that the same person has, its own included."""
    found = {key: {key} for key in keys}
    for key, other in connection.execute(
        "SELECT a.speaker_key, b.speaker_key FROM aliases a JOIN aliases b USING (person_key) "
        "WHERE a.speaker_key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(found)),),
    ):
        found[key].add(other)
    return found


def suggestions(library: Database) -> list[Suggestion]:
    """Which speakers may be one person; nothing is changed. See `namesakes.suggest`."""
    with library.read() as connection:
        people = {
            speaker_key(one.name): Person(one.name, one.also, one.turns)
            for one in records.speakers(connection, -1)
            if one.named
        }

        def documents(wanted: Iterable[str]) -> dict[str, set[int]]:
            person_of = {
                name: key for key, names in keys_of(connection, wanted).items() for name in names
            }
            held: defaultdict[str, set[int]] = defaultdict(set)
            for name, number in connection.execute(
                "SELECT DISTINCT speaker_key, transcript FROM turns "
                "WHERE speaker_key IN (SELECT value FROM json_each(?))",
                (json.dumps(list(person_of)),),
            ):
                held[person_of[name]].add(number)
            return held

        return suggest(people, documents)


def _name(connection: sqlite3.Connection, text: str) -> _Name:
    check_text("the name", text)
    written = fold(text)
    key = speaker_key(written)
    row = connection.execute(
        "SELECT name, person_key, person FROM aliases WHERE speaker_key = ?", (key,)
    ).fetchone()
    if row:
        return _Name(key, *row)
    row = connection.execute(
        "SELECT speaker, (SELECT max(named) FROM turns WHERE speaker_key = :key) FROM turns "
        "WHERE speaker_key = :key ORDER BY speaker <> :written, speaker LIMIT 1",
        {"key": key, "written": written},
    ).fetchone()
    if row is None:
        raise not_found(connection, "speaker", key)
    written, named = row
    if not named:
        raise QueryError(f"{written!r} is only a role, perhaps of many people: name a person")
    return _Name(key, written, key, written)


def _join(connection: sqlite3.Connection, target: _Name, other: _Name) -> None:
    if other.key == target.key:
        raise QueryError(f"{other.written!r} is one name: merge it with another one")
    if other.key == target.person_key:
        raise QueryError(
            f"{target.written!r} is a name of {other.person!r} already: to show the person as "
            f"{target.written!r}, split it first"
        )
    if other.person_key == target.person_key:
        return
    if other.key != other.person_key:
        raise QueryError(
            f"{other.written!r} is a name of {other.person!r} already: split it first, or merge "
            f"{other.person!r}"
        )
    connection.execute(
        "UPDATE aliases SET person_key = ?, person = ? WHERE person_key = ?",
        (target.person_key, target.person, other.key),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO aliases (speaker_key, name, person_key, person) VALUES (?, ?, ?, ?)",
        [
            (key, written, target.person_key, target.person)
            for key, written in (
                (target.person_key, target.person),
                (other.key, other.written),
            )
        ],
    )


def _why_not_split(connection: sqlite3.Connection, name: _Name) -> str:
    also = records.other_names(connection).get(name.key)
    if not also:
        return f"{name.written!r} was not merged with another name: there is nothing to split"
    return f"{name.written!r} is the name that is shown: split the others ({', '.join(also)})"
