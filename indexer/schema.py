"""The tables of a library's database, and how to open one.

Holds SQL and the format version; knows nothing of transcripts as objects, nor of vectors.

A row of `passages` never changes and its rowid is never given again, so whatever is derived from
a rowid (its vector in memory, its words in the index of words) stays true until the row is gone.
What is gone since an earlier state stands in `removed`, and `states` tells whether a state that
something was derived from is an earlier one of this library at all.
"""

import sqlite3
from pathlib import Path

FORMAT = 4
APPLICATION = 0x4F545231  # "OTR1", in the header of the file
BUSY_TIMEOUT_S = 30.0
MAPPED_BYTES = 1 << 40  # SQLite maps no more than it was built for, as a rule 2 GiB

TABLES = """
CREATE TABLE meta (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    format     INTEGER NOT NULL,
    model      TEXT,                -- fingerprint of the embedder, null until one is bound
    dimension  INTEGER,
    generation INTEGER NOT NULL,    -- counts the changes of what can be found and by which name
    state      TEXT NOT NULL        -- random, new with every generation
) STRICT;

CREATE TABLE transcripts (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    title    TEXT NOT NULL,
    date     TEXT,                  -- 2017-06-16
    language TEXT,
    source   TEXT NOT NULL,
    sha256   TEXT NOT NULL,         -- of the file's bytes
    path     TEXT NOT NULL UNIQUE,  -- absolute
    size     INTEGER NOT NULL,      -- bytes
    parser   TEXT NOT NULL
) STRICT;

CREATE TABLE turns (
    transcript  INTEGER NOT NULL REFERENCES transcripts ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    role        TEXT NOT NULL,
    speaker     TEXT,
    speaker_key TEXT,               -- the name without regard to case
    named       INTEGER,
    answers     INTEGER,
    PRIMARY KEY (transcript, number)
) STRICT;
CREATE INDEX turns_of_speaker ON turns (speaker_key, transcript);

CREATE TABLE aliases (              -- the user's word: no transcript's coming or going changes it
    speaker_key TEXT PRIMARY KEY,   -- of every name of a merged person, the shown one too
    name        TEXT NOT NULL,      -- as it is written
    person_key  TEXT NOT NULL,      -- of the name that is shown
    person      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_of_person ON aliases (person_key);

CREATE TABLE paragraphs (
    transcript INTEGER NOT NULL,
    turn       INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    text       TEXT NOT NULL,
    start_s    REAL,
    end_s      REAL,
    page       INTEGER,
    PRIMARY KEY (transcript, turn, number),
    FOREIGN KEY (transcript, turn) REFERENCES turns ON DELETE CASCADE
) STRICT;

CREATE TABLE passages (
    rowid           INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    transcript      INTEGER NOT NULL,
    turn            INTEGER NOT NULL,
    role            TEXT NOT NULL,  -- what is the turn's stands here too: it is read from one index
    speaker_key     TEXT,
    named           INTEGER,
    answers         INTEGER,
    lead            INTEGER NOT NULL, -- whether an answer begins with it
    phatic          INTEGER NOT NULL, -- see `indexer.phatic`
    signature       BLOB NOT NULL,  -- of the text, see `indexer.duplicates`
    hash            BLOB NOT NULL,  -- sha256 of the embedded text
    first_paragraph INTEGER NOT NULL,
    last_paragraph  INTEGER NOT NULL,
    start           INTEGER NOT NULL,
    "end"           INTEGER NOT NULL,
    context         TEXT NOT NULL,
    background      TEXT NOT NULL,  -- the context uncut: found by its words
    text            TEXT NOT NULL,
    FOREIGN KEY (transcript, turn) REFERENCES turns ON DELETE CASCADE
) STRICT;
CREATE INDEX passages_in_short
    ON passages (transcript, turn, role, speaker_key, named, answers, lead, phatic, signature);
CREATE INDEX passages_of_embedding ON passages (hash);

CREATE TABLE embeddings (
    model    TEXT NOT NULL,
    hash     BLOB NOT NULL,
    vector   BLOB NOT NULL,         -- float32, little-endian
    sentences BLOB NOT NULL,        -- int8, see `indexer.packing`
    stored_s INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (hash, model)
) STRICT;

CREATE TABLE states (
    generation INTEGER PRIMARY KEY,
    state      TEXT NOT NULL
) STRICT;

CREATE TABLE removed (
    passage    INTEGER PRIMARY KEY, -- rowid
    generation INTEGER NOT NULL     -- the first one without it
) STRICT;
CREATE INDEX removed_since ON removed (generation);

CREATE TRIGGER passage_deleted AFTER DELETE ON passages BEGIN
    INSERT INTO removed (passage, generation)
    VALUES (old.rowid, (SELECT generation + 1 FROM meta));
END;
CREATE TRIGGER passage_changed BEFORE UPDATE ON passages BEGIN
    SELECT RAISE(ABORT, 'a passage never changes: delete it and add another');
END;

PRAGMA application_id = {application};
INSERT INTO meta (only_row, format, generation, state) VALUES (1, {format}, 0, hex(randomblob(8)));
INSERT INTO states SELECT generation, state FROM meta;
"""


def connect(database: Path) -> sqlite3.Connection:
    """Opens an existing file; any thread may close it, only one may use it.

    Raises sqlite3.Error where there is no file or it is no database.
    """
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL: what was acknowledged outlives a power cut, not only a killed process.
        connection.execute("PRAGMA synchronous = FULL")
        # A question reads hundreds of rows from all over the file: without a copy of each page.
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_library(connection: sqlite3.Connection) -> bool:
    """Whether the database is a library's, of whatever format."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION)


def make(connection: sqlite3.Connection) -> None:
    """Makes the tables in an empty database, all or none; leaves one that holds tables alone."""
    if not _is_empty(connection):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster.
        if _is_empty(connection):
            for statement in _statements(TABLES.format(format=FORMAT, application=APPLICATION)):
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _statements(script: str) -> list[str]:
    """The script's statements; executescript() would commit the transaction that is open."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
