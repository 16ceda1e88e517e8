"""What was said, from rows to domain values: turns, and transcripts of them.

Knows the tables; opens nothing.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from indexer.records import day
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn

_TURN = "t.number, t.speaker, t.named, a.person, t.role, t.answers"
_WANTED = (
    "WITH w (at, id, turn, first, last) AS (SELECT key, value ->> 0, value ->> 1, value ->> 2, "
    "value ->> 3 FROM json_each(?))"
)


class Stretch(NamedTuple):
    """Paragraphs of a turn, by their numbers from `first` to `last`; by default all of them."""

    transcript_id: str
    turn: int
    first: int = 1
    last: int = 1 << 62


def transcript(connection: sqlite3.Connection, transcript_id: str) -> Transcript | None:
    """The transcript as it was added but for merged names, None where there is none."""
    head = connection.execute(
        "SELECT number, title, date, language, source, sha256 FROM transcripts WHERE id = ?",
        (transcript_id,),
    ).fetchone()
    if head is None:
        return None
    number, title, date, language, source, sha256 = head
    paragraphs = connection.execute(
        "SELECT turn, number, text, start_s, end_s, page FROM paragraphs p WHERE transcript = ? "
        "ORDER BY turn, number",
        (number,),
    )
    turns = connection.execute(
        f"SELECT t.number, {_TURN} FROM turns t LEFT JOIN aliases a USING (speaker_key) "
        "WHERE t.transcript = ? ORDER BY t.number",
        (number,),
    )
    built = _turns(turns, paragraphs).values()
    return Transcript(transcript_id, title, day(date), language, source, sha256, tuple(built))


def stretches(connection: sqlite3.Connection, wanted: Iterable[Stretch]) -> dict[Stretch, Turn]:
    """Turns with no more than the paragraphs that are wanted; those that exist."""
    different = list(set(wanted))
    given = (json.dumps(different),)
    paragraphs = connection.execute(
        f"{_WANTED} SELECT w.at, p.number, p.text, p.start_s, p.end_s, p.page FROM w "
        "CROSS JOIN transcripts d ON d.id = w.id CROSS JOIN paragraphs p "
        "ON p.transcript = d.number AND p.turn = w.turn AND p.number BETWEEN w.first AND w.last "
        "ORDER BY w.at, p.number",
        given,
    )
    turns = connection.execute(
        f"{_WANTED} SELECT w.at, {_TURN} FROM w CROSS JOIN transcripts d ON d.id = w.id "
        "CROSS JOIN turns t ON t.transcript = d.number AND t.number = w.turn "
        "LEFT JOIN aliases a USING (speaker_key)",
        given,
    )
    return {different[at]: turn for at, turn in _turns(turns, paragraphs).items()}


def _turns(turns: Iterable[Any], paragraphs: Iterable[Any]) -> dict[int, Turn]:
    """Turns by what the rows begin with."""
    spoken: defaultdict[int, list[Paragraph]] = defaultdict(list)
    for key, *fields in paragraphs:
        spoken[key].append(Paragraph(*fields))
    return {
        key: Turn(
            number,
            None if name is None else _shown(name, bool(named), person),
            Role(role),
            tuple(spoken[key]),
            answers,
        )
        for key, number, name, named, person, role, answers in turns
    }


def _shown(name: str, named: bool, person: str | None) -> Speaker:
    if person is None or person == name:
        return Speaker(name, named)
    return Speaker(person, named, as_written=name)
