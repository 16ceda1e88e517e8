"""Documents that say by their form who speaks: by a paragraph style of its own, or in a table.

Whoever is named so speaks, whatever the name looks like; nothing is guessed from the words.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from indexer.formats.blocks import Draft, Dropped, Kind, RawParagraph, RawTurn
from indexer.formats.clock import read_clock
from indexer.formats.columns import Column, Columns, find_columns
from indexer.formats.office_parts import Para, Part, Table
from indexer.formats.segments import raw_turn
from indexer.labels import read_label
from indexer.transcript import Role, Speaker, fold

_MAX_NAME_WORDS = 15
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_DIRECTION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HOLDER = re.compile(r"(?P<office>[^()]+?)\s*\((?P<name>[^()]+)\)")
_CHAIR = re.compile(
    r"(?:(?:the|el|la|le|il|o|a|der|die)\s)?(?:acting |deputy |vice-?)?"
    r"(?:president[ae]?|présidente?|präsident(?:in)?|chair(?:man|woman|person)?|speaker|vorsitzender?)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    "i y e de del della di do da dos du la las le les van von der den al".split()
)
_MIN_ROWS = 2
_NAMED_SHARE = 0.7


def speaks_by_style(parts: Iterable[tuple[int, Part]]) -> bool:
    """Whether paragraphs in a speaker's style stand above what each of them says."""
    paras = [part for _, part in parts if isinstance(part, Para) and part.text.strip()]
    names = [at for at, para in enumerate(paras) if names_speaker(para)]
    spoken = sum(at + 1 < len(paras) and not names_speaker(paras[at + 1]) for at in names)
    return len(names) > 1 and spoken * 5 >= len(names) * 4


def names_speaker(para: Para) -> bool:
    """Whether a paragraph is nothing but the name of who speaks below it, by its style."""
    text = fold(para.text)
    short = 0 < len(text.split()) <= _MAX_NAME_WORDS
    return para.names_speaker and short and not _SENTENCE_END.search(text)


def read_styled(parts: Iterable[tuple[int, Part]], draft: Draft) -> None:
    """Adds the turns of a document whose style names the speakers, from the first of them on."""
    holders: dict[str, set[str]] = {}
    name, role = None, None
    paragraphs: list[RawParagraph] = []
    for line, part in parts:
        text = fold(_text(part))
        if not text:
            continue
        if isinstance(part, Para) and names_speaker(part):
            _close(name, paragraphs, role, draft)
            name, paragraphs = _person(text.rstrip(": "), holders), []
            # Whoever is in the chair gives the floor and asks for nothing.
            role = Role.STATEMENT if _CHAIR.match(text) else None
        elif isinstance(part, Para) and (reason := _not_speech(part, text)):
            draft.dropped.append(Dropped(line, text, reason))
        else:
            paragraphs.append(RawParagraph(text, line))
    _close(name, paragraphs, role, draft)


def _text(part: Part) -> str:
    if isinstance(part, Para):
        return part.text
    return " ".join(cell for row in part.rows for cell in row)


def _not_speech(para: Para, text: str) -> str | None:
    if para.is_aside or _DIRECTION.fullmatch(text):
        return "stage direction"
    return "heading" if para.kind is Kind.HEADING else None


def _close(
    name: str | None, paragraphs: Sequence[RawParagraph], role: Role | None, draft: Draft
) -> None:
    if paragraphs:
        draft.turns.append(_turn(name, paragraphs, role))


def _turn(
    name: str | None, paragraphs: Sequence[RawParagraph], role: Role | None = None
) -> RawTurn:
    if name and read_label(name) is None and _is_person(name):
        return RawTurn(None, tuple(paragraphs), Speaker(name), role)
    return raw_turn(name, paragraphs, role)


def _person(text: str, holders: dict[str, set[str]]) -> str:
    """'The registrar (Ann Berg)' is Ann Berg, and so is the registrar where no other was."""
    match = _HOLDER.fullmatch(text)
    if match and not _is_person(match["office"]) and _is_person(match["name"]):
        holders.setdefault(match["office"].casefold(), set()).add(fold(match["name"]))
        return fold(match["name"])
    known = holders.get(text.casefold(), set())
    return next(iter(known)) if len(known) == 1 else text


def _is_person(text: str) -> bool:
    """Whether it is two words or more in capitals, but for the particles of names."""
    words = [word for word in text.split() if word.casefold() not in _PARTICLES]
    return len(words) > 1 and all(word[0].isupper() for word in words)


def speech_table(table: Table) -> Columns | None:
    """Which column is what in a table of speech; None where it is another table.

    By the header, else by what stands in the columns: names that come again, times, words.
    """
    rows = [row for row in table.rows if any(map(str.strip, row))]
    if len(rows) < _MIN_ROWS or len({len(row) for row in rows}) > 1 or len(rows[0]) > 6:
        return None
    header = find_columns([fold(cell) for cell in rows[0]])
    if header is not None and (header.speaker is not None or header.start is not None):
        return header
    columns = [[fold(row[at]) for row in rows] for at in range(len(rows[0]))]
    times = [at for at, cells in enumerate(columns) if _share(cells, _is_time) == 1.0]
    names = [
        at
        for at, cells in enumerate(columns)
        if at not in times
        and _share(cells, lambda cell: read_label(cell) is not None) >= _NAMED_SHARE
        and len(set(filter(None, cells))) < len(list(filter(None, cells)))
    ]
    rest = [at for at in range(len(columns)) if at not in (*times, *names[:1])]
    if not names or len(rest) != 1 or len(times) > 2:
        return None

    def column(found: Sequence[int], at: int) -> Column | None:
        return Column(found[at], "", 1.0) if len(found) > at else None

    text = Column(rest[0], "", 1.0)
    return Columns(0, text, column(names, 0), column(times, 0), column(times, 1), None, None)


def _share(cells: Sequence[str], holds: Callable[[str], bool]) -> float:
    filled = [cell for cell in cells if cell]
    return sum(map(holds, filled)) / len(filled) if filled else 0.0


def _time(text: str) -> float | None:
    return read_clock(text.strip("[]()")) if ":" in text else None


def _is_time(text: str) -> bool:
    return _time(text) is not None


def read_table(table: Table, line: int, columns: Columns, draft: Draft) -> None:
    """Adds the turns of a table of speech. A cell without a name goes on with the one above."""
    name: str | None = None
    for at, row in enumerate(table.rows):
        cells = [fold(cell) for cell in row]
        if columns.width and at == 0:
            draft.dropped.append(Dropped(line, fold(" ".join(cells)), "header of the table"))
            continue
        if columns.speaker is not None:
            name = cells[columns.speaker.at].rstrip(": ") or name
        start_s = _time(cells[columns.start.at]) if columns.start else None
        end_s = _time(cells[columns.end.at]) if columns.end else None
        if start_s is not None and end_s is not None and end_s < start_s:
            draft.warnings.append(f"line {line + at}: ends before it starts: the end is left out")
            end_s = None
        texts = [text for part in row[columns.text.at].split("\n") if (text := fold(part))]
        if texts:
            first = RawParagraph(texts[0], line + at, start_s, end_s if len(texts) == 1 else None)
            others = [RawParagraph(text, line + at) for text in texts[1:]]
            draft.turns.append(_turn(name, [first, *others]))
