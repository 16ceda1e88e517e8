"""Domain values to rows and back, inside a transaction that the caller holds.

Knows the tables and the frozen dataclasses; opens nothing and commits nothing.
"""

import datetime as dt
import hashlib
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.duplicates import signature
from indexer.passages import is_follow_up
from indexer.phatic import is_phatic
from indexer.transcript import Passage, Transcript, Turn, slug

# Of a turn `t` with its row `a` in the aliases, if it has one.
PERSON = "coalesce(a.person_key, t.speaker_key)"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that a transcript was read from: absolute path, checksum, size in bytes.

    `parser` names the version of what read it, so that a better one reads it again.
    """

    path: str
    sha256: str
    size: int
    parser: str


@dataclass(frozen=True, slots=True)
class TranscriptSummary:
    """A transcript without its words."""

    id: str
    title: str
    date: dt.date | None
    language: str | None
    source: str
    sha256: str
    path: str
    turns: int
    paragraphs: int
    passages: int


@dataclass(frozen=True, slots=True)
class SpeakerSummary:
    """One speaker over all transcripts; the dates are those of the dated ones.

    `also` are the other names that the user merged into this one.
    """

    name: str
    named: bool
    turns: int
    transcripts: int
    first_date: dt.date | None
    last_date: dt.date | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats:
    """What a library holds."""

    generation: int
    model: str | None
    dimension: int | None
    transcripts: int
    turns: int
    paragraphs: int
    passages: int
    speakers: int
    embeddings: int
    first_date: dt.date | None
    last_date: dt.date | None


def speaker_key(name: str) -> str:
    """The name as it is compared: without regard to case or Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


def free_id(connection: sqlite3.Connection, stem: str, path: str) -> str:
    """The path's present id, else a slug of the stem, else the slug with digits of the path."""
    if row := connection.execute("SELECT id FROM transcripts WHERE path = ?", (path,)).fetchone():
        return str(row[0])
    digits = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()
    name = slug(stem)
    for candidate in (name, f"{name}-{digits[:6]}"):
        taken = connection.execute("SELECT 1 FROM transcripts WHERE id = ?", (candidate,))
        if taken.fetchone() is None:
            return candidate
    return f"{name}-{digits}"


def insert(
    connection: sqlite3.Connection,
    transcript: Transcript,
    passages: Sequence[Passage],
    hashes: Sequence[bytes],
    source: SourceFile,
) -> None:
    """Inserts a transcript with its turns, paragraphs and passages."""
    number = connection.execute(
        "INSERT INTO transcripts (id, title, date, language, source, sha256, path, size, parser) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            transcript.id,
            transcript.title,
            transcript.date.isoformat() if transcript.date else None,
            transcript.language,
            transcript.source,
            source.sha256,
            source.path,
            source.size,
            source.parser,
        ),
    ).lastrowid
    connection.executemany(
        "INSERT INTO turns (transcript, number, role, speaker, speaker_key, named, answers) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (number, turn.number, turn.role, *_speaker(turn), turn.answers)
            for turn in transcript.turns
        ),
    )
    connection.executemany(
        "INSERT INTO paragraphs (transcript, turn, number, text, start_s, end_s, page) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (number, turn.number, p.number, p.text, p.start_s, p.end_s, p.page)
            for turn in transcript.turns
            for p in turn.paragraphs
        ),
    )
    begun = 0
    for passage, hash_ in zip(passages, hashes, strict=True):
        turn = transcript.turns[passage.turn - 1]
        asked = transcript.question_of(turn)
        lead = passage.turn > begun and asked is not None and not is_follow_up(asked)
        begun = passage.turn
        connection.execute(
            "INSERT INTO passages (id, transcript, turn, role, speaker_key, named, answers, lead, "
            "phatic, signature, hash, first_paragraph, last_paragraph, start, "
            '"end", context, background, text) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.id,
                number,
                passage.turn,
                turn.role,
                *_speaker(turn)[1:],
                turn.answers,
                lead,
                is_phatic(passage.text),
                signature(passage.text),
                hash_,
                passage.first_paragraph,
                passage.last_paragraph,
                passage.start,
                passage.end,
                passage.context,
                passage.background,
                passage.text,
            ),
        )


def _speaker(turn: Turn) -> tuple[str | None, str | None, bool | None]:
    if turn.speaker is None:
        return None, None, None
    return turn.speaker.name, speaker_key(turn.speaker.name), turn.speaker.named


def hashes_of(connection: sqlite3.Connection, where: str, value: str) -> list[bytes]:
    """Hashes of the passages of the transcripts for which `where` (SQL) holds."""
    rows = connection.execute(
        "SELECT DISTINCT hash FROM passages WHERE transcript IN "
        f"(SELECT number FROM transcripts WHERE {where})",
        (value,),
    )
    return [row[0] for row in rows]


def passages(connection: sqlite3.Connection, where: str, value: str) -> dict[int, Passage]:
    """Passages `p` for which `where` (SQL) holds, by rowid."""
    rows = connection.execute(
        "SELECT p.rowid, p.id, d.id, p.turn, p.first_paragraph, p.last_paragraph, p.start, "
        'p."end", p.text, p.context, p.background FROM passages p '
        "JOIN transcripts d ON d.number = p.transcript "
        f"WHERE {where}",
        (value,),
    )
    return {row[0]: Passage(*row[1:]) for row in rows}


def summaries(connection: sqlite3.Connection, after: str, limit: int) -> list[TranscriptSummary]:
    """Up to `limit` transcripts whose ids come after `after`, in the order of the ids."""
    rows = connection.execute(
        "SELECT id, title, date, language, source, sha256, path, "
        "(SELECT count(*) FROM turns WHERE transcript = d.number), "
        "(SELECT count(*) FROM paragraphs WHERE transcript = d.number), "
        "(SELECT count(*) FROM passages WHERE transcript = d.number) "
        "FROM transcripts d WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    return [TranscriptSummary(row[0], row[1], day(row[2]), *row[3:]) for row in rows]


def speakers(connection: sqlite3.Connection, limit: int) -> list[SpeakerSummary]:
    """Up to `limit` speakers (all for -1), those with the most turns first."""
    rows = connection.execute(
        f"SELECT {PERSON} AS key, coalesce(max(a.person), min(t.speaker)), max(t.named), count(*), "
        "count(DISTINCT t.transcript), min(d.date), max(d.date) FROM turns t "
        "JOIN transcripts d ON d.number = t.transcript LEFT JOIN aliases a USING (speaker_key) "
        "WHERE t.speaker_key IS NOT NULL GROUP BY key ORDER BY count(*) DESC, key LIMIT ?",
        (limit,),
    )
    also = other_names(connection)
    return [
        SpeakerSummary(
            name, bool(named), turns, documents, day(first), day(last), also.get(key, ())
        )
        for key, name, named, turns, documents, first, last in rows
    ]


def other_names(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """By the key of a merged person's shown name: the other names, in order."""
    names: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for key, name in connection.execute(
        "SELECT person_key, name FROM aliases WHERE speaker_key <> person_key ORDER BY speaker_key"
    ):
        names[key] += (name,)
    return names


def changed(connection: sqlite3.Connection) -> None:
    """Makes a new state: whoever remembers something of the library looks again."""
    connection.execute("UPDATE meta SET generation = generation + 1, state = hex(randomblob(8))")
    connection.execute("INSERT INTO states SELECT generation, state FROM meta")


def stats(connection: sqlite3.Connection) -> Stats:
    """Counts of everything."""
    generation, model, dimension = connection.execute(
        "SELECT generation, model, dimension FROM meta"
    ).fetchone()
    first, last = connection.execute("SELECT min(date), max(date) FROM transcripts").fetchone()

    def count(rest: str) -> int:
        return int(connection.execute(f"SELECT count({rest}").fetchone()[0])

    return Stats(
        generation=generation,
        model=model,
        dimension=dimension,
        transcripts=count("*) FROM transcripts"),
        turns=count("*) FROM turns"),
        paragraphs=count("*) FROM paragraphs"),
        passages=count("*) FROM passages"),
        speakers=count(f"DISTINCT {PERSON}) FROM turns t LEFT JOIN aliases a USING (speaker_key)"),
        embeddings=count("*) FROM embeddings"),
        first_date=day(first),
        last_date=day(last),
    )


def day(text: str | None) -> dt.date | None:
    """The date of a column that holds one."""
    return dt.date.fromisoformat(text) if text else None
