"""Which names a library knows, and the near ones where it does not know a name.

Knows the tables' columns; decides nothing of what a search finds.
"""

import difflib
import sqlite3

from indexer.errors import NotFound, QueryError

MAX_NAMES = 10_000
_NAMES = {
    "speaker": "SELECT speaker_key AS key, speaker AS name FROM turns WHERE speaker_key NOT NULL",
    "transcript": "SELECT id AS key, id AS name FROM transcripts",
}


def check_text(what: str, text: str) -> None:
    """Raises QueryError for half a surrogate pair, which JSON can hold and a database cannot."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(f"{what} holds a broken character at {error.start}") from error


def is_known(connection: sqlite3.Connection, what: str, key: str) -> bool:
    """Whether a transcript has that speaker or id; `what` is "speaker" or "transcript"."""
    found = connection.execute(f"SELECT 1 FROM ({_NAMES[what]}) WHERE key = ? LIMIT 1", (key,))
    return found.fetchone() is not None


def not_found(connection: sqlite3.Connection, what: str, key: str) -> NotFound:
    """The error for a key that is not known, with up to three that are near to it."""
    names: dict[str, str] = dict(
        connection.execute(
            f"SELECT key, min(name) FROM ({_NAMES[what]}) GROUP BY key LIMIT ?", (MAX_NAMES,)
        ).fetchall()
    )
    near = [name for name in names if key and key in name][:3]
    near = near or difflib.get_close_matches(key, names, n=3)
    hint = f": did you mean {' or '.join(names[name] for name in near)}?" if near else ""
    return NotFound(f"no {what} {key!r} in this library{hint}")
