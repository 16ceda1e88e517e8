"""What was said, from rows to domain values: turns, and transcripts of them.

Knows the tables; opens nothing.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from indexer.records import day
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn


def transcript(connection: sqlite3.Connection, transcript_id: str) -> Transcript | None:
    """The transcript as it was added but for merged names, None where there is none."""
    head = connection.execute(
        "SELECT number, title, date, language, source, sha256 FROM transcripts WHERE id = ?",
        (transcript_id,),
    ).fetchone()
    if head is None:
        return None
    number, title, date, language, source, sha256 = head
    turns = _turns(connection, "t.transcript = ?", number).values()
    return Transcript(transcript_id, title, day(date), language, source, sha256, tuple(turns))


def turns(
    connection: sqlite3.Connection, wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], Turn]:
    """Those of the turns, by transcript id and number, that exist."""
    pairs = json.dumps([[id_, number] for id_, number in set(wanted)])
    return _turns(
        connection,
        "(d.id, t.number) IN "
        "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))",
        pairs,
    )


def _turns(
    connection: sqlite3.Connection, where: str, value: str | int
) -> dict[tuple[str, int], Turn]:
    """Turns `t` of transcripts `d` for which `where` (SQL) holds, in order."""
    of_them = f"JOIN transcripts d ON d.number = t.transcript WHERE {where} ORDER BY d.id, t.number"
    spoken: defaultdict[tuple[str, int], list[Paragraph]] = defaultdict(list)
    for id_, turn, *fields in connection.execute(
        "SELECT d.id, t.number, p.number, p.text, p.start_s, p.end_s, p.page FROM turns t "
        "JOIN paragraphs p ON p.transcript = t.transcript AND p.turn = t.number "
        f"{of_them}, p.number",
        (value,),
    ):
        spoken[id_, turn].append(Paragraph(*fields))
    rows = connection.execute(
        "SELECT d.id, t.number, t.speaker, t.named, a.person, t.role, t.answers FROM turns t "
        f"LEFT JOIN aliases a USING (speaker_key) {of_them}",
        (value,),
    )
    return {
        (id_, number): Turn(
            number,
            None if name is None else _shown(name, bool(named), person),
            Role(role),
            tuple(spoken[id_, number]),
            answers,
        )
        for id_, number, name, named, person, role, answers in rows
    }


def _shown(name: str, named: bool, person: str | None) -> Speaker:
    if person is None or person == name:
        return Speaker(name, named)
    return Speaker(person, named, as_written=name)
