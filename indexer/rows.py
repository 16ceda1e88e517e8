"""What passages are in short, as columns in memory: whose they are, and where they stand.

So filters, clues and hints need no query to the database. Knows nothing of texts or vectors.
"""

import sqlite3
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.duplicates import PARTS
from indexer.library import Library, State
from indexer.transcript import Role
from indexer.vectors import Ids
from indexer.where import EVERYWHERE, Where

ROLES = tuple(Role)
NOBODY = -1
REMEMBERED_FILTERS = 32

_SELECT = (
    "SELECT rowid, transcript, turn, role, speaker_key, named, answers, lead, phatic, signature "
    "FROM passages"
)
_ALL = f"{_SELECT} INDEXED BY passages_in_short"


@dataclass(frozen=True)
class Rows:
    """The passages of one state, n of them; `table` holds their columns, ascending by rowid.

    `keys` are speakers' keys by their number in the table, `named` those of persons, `persons` the
    key of the shown name for every key of a merged person.
    """

    table: NDArray[np.void]
    keys: tuple[str, ...]
    named: frozenset[str]
    persons: Mapping[str, str]
    _allowed: "OrderedDict[Where, Ids]" = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def rowids(self) -> Ids:
        """All rowids, (n,) int64 ascending; a copy, for columns of the table lie far apart."""
        return np.ascontiguousarray(self.table["rowid"])

    def of(self, rowids: Ids) -> NDArray[np.void]:
        """The rows of those passages, in order; all must be there."""
        return self.table[np.searchsorted(self.rowids, rowids)]

    def hold(self, rowids: Ids) -> NDArray[np.bool_]:
        """(m,): which of the passages are there."""
        if not len(self.table):
            return np.zeros(len(rowids), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.rowids, rowids), len(self.table) - 1)
        return np.asarray(self.rowids[at] == rowids)

    def allowed(self, where: Where) -> Ids | None:
        """Rowids that meet the condition, None where it allows all; a few are remembered."""
        if where == EVERYWHERE:
            return None
        with self._lock:
            if where in self._allowed:
                self._allowed.move_to_end(where)
                return self._allowed[where]
        found: Ids = self.rowids[self._meeting(where)]
        with self._lock:
            self._allowed[where] = found
            while len(self._allowed) > REMEMBERED_FILTERS:
                self._allowed.popitem(last=False)
        return found

    def _meeting(self, where: Where) -> NDArray[np.bool_]:
        meets = np.ones(len(self.table), dtype=np.bool_)
        if where.roles is not None:
            meets &= np.array([role in where.roles for role in ROLES])[self.table["role"]]
        if where.speakers is not None:
            meets &= self.spoken_by(self.table, where.speakers)
        if where.transcripts is not None:
            numbers = np.array(sorted(where.transcripts), dtype=np.int32)
            meets &= np.isin(self.table["transcript"], numbers)
        return meets

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {key: at for at, key in enumerate(self.keys)}

    @cached_property
    def _persons(self) -> NDArray[np.int32]:
        """A number of the person for every number of a speaker; the last is for nobody.

        The shown name need not be among the speakers: its transcripts may be gone.
        """
        numbers: dict[str, int] = {}
        shown = (self.persons.get(key, key) for key in self.keys)
        found = [numbers.setdefault(key, len(numbers)) for key in shown]
        return np.array([*found, NOBODY], dtype=np.int32)

    def persons_of(self, table: NDArray[np.void]) -> NDArray[np.int32]:
        """Numbers that tell the persons apart whose words some of the rows are, (n,)."""
        return np.asarray(self._persons[table["speaker"]])

    def spoken_by(self, table: NDArray[np.void], keys: Iterable[str]) -> NDArray[np.bool_]:
        """Which of some of the rows are of speakers of these keys, (n,)."""
        numbers = [self._numbers[key] for key in keys if key in self._numbers]
        return np.isin(table["speaker"], numbers)

    @cached_property
    def surnames(self) -> Mapping[str, tuple[str, ...]]:
        """Keys of persons who speak by the last word of each."""
        counts = np.bincount(self.table["speaker"] + 1, minlength=len(self.keys) + 1)[1:]
        found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for at in np.flatnonzero(counts).tolist():
            if (key := self.keys[at]) in self.named and (words := key.split()):
                found[words[-1]] += (key,)
        return dict(found)


class LiveRows:
    """Follows the library: gives the rows of the state that a reader sees."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._lock = threading.Lock()
        self._state: State | None = None
        self._rows = _nothing()

    def at(self, connection: sqlite3.Connection) -> Rows:
        """The rows of the state that `library.read()` shows on the connection."""
        with self._lock:
            state = self.library.state()
            if state == self._state:
                return self._rows
            if self._state is not None and state.generation < self._state.generation:
                # A reader of an older state must not take the others back.
                return _read(connection, _nothing(), _ALL)
            rows = self._rows
            if self._state is not None:
                gone = self.library.removed_since(self._state.generation)
                kept = np.isin(rows.rowids, gone, invert=True) if len(gone) else slice(None)
                rows = Rows(rows.table[kept], rows.keys, rows.named, rows.persons)
            # Rowids are never given again: what is new is greater than all that was seen.
            new = _SELECT + f" WHERE rowid > {int(self._rows.rowids.max(initial=0))}"
            self._rows = _read(connection, rows, _ALL if self._state is None else new)
            self._state = state
            return self._rows


def _nothing() -> Rows:
    return Rows(_table([], {}), (), frozenset(), {})


def _read(connection: sqlite3.Connection, before: Rows, sql: str) -> Rows:
    """The rows and what the statement finds besides."""
    found = connection.execute(sql).fetchall()
    numbers = {key: at for at, key in enumerate(before.keys)}
    for row in found:
        if row[4] is not None:
            numbers.setdefault(row[4], len(numbers))
    named = before.named.union(row[4] for row in found if row[5])
    table = np.concatenate([before.table, _table(found, numbers)])
    persons = dict(connection.execute("SELECT speaker_key, person_key FROM aliases"))
    return Rows(table, tuple(numbers), named, persons)


_KINDS = np.dtype(
    [
        ("rowid", np.int64),
        ("transcript", np.int32),
        ("turn", np.int32),
        ("role", np.int8),
        ("speaker", np.int32),
        ("answers", np.int32),  # 0 where it answers nothing: turns begin at 1
        ("lead", np.bool_),
        ("phatic", np.bool_),
        ("signature", np.uint32, PARTS),
    ]
)


def _table(rows: Sequence[tuple[Any, ...]], numbers: Mapping[str, int]) -> NDArray[np.void]:
    made = np.empty(len(rows), dtype=_KINDS)
    if rows:
        rowids, transcripts, turns, roles, keys, _, answers, leads, phatic, signatures = zip(
            *rows, strict=True
        )
        role_numbers = {role.value: at for at, role in enumerate(ROLES)}
        made["rowid"], made["transcript"], made["turn"] = rowids, transcripts, turns
        made["role"] = [role_numbers[role] for role in roles]
        made["speaker"] = [numbers.get(key, NOBODY) for key in keys]
        made["answers"] = [answer or 0 for answer in answers]
        made["lead"], made["phatic"] = leads, phatic
        made["signature"] = np.frombuffer(b"".join(signatures), "<u4").reshape(-1, PARTS)
        made.sort(order="rowid")
    return made
