"""What the markup of a page marks: speakers by class, cell or term, times, bold type.

Looks at one node at a time; what follows from a mark is `html_lines`' and `html`'s work.
"""

import re
from collections.abc import Iterator

from indexer.formats.html_tree import Node, descend, text_of
from indexer.labels import MAX_LABEL, read_label
from indexer.transcript import fold

_SPEAKER_WORDS = frozenset(
    "intervenant locuteur orateur speaker speakername speakers sprecher".split()
)
# With these a class speaks of the speaker and is not the name.
_ABOUT_WORDS = frozenset(
    "about affiliation avatar bio biography description image img info meta org organisation "
    "organization photo portrait position role subtitle title".split()
)
_LIST_WORDS = frozenset("card cards grid list section text turn words".split())
_TIME_WORDS = frozenset("clock time timecode timestamp timestamps".split())
_EMPHASIS = frozenset("b em i strong u".split())
_BOLD_CLASSES = frozenset("bold font-bold font-semibold fw-bold strong".split())
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_BRACKETED = rf"(?:\[\s*{_CLOCK}\s*\]|\(\s*{_CLOCK}\s*\))"
_FIRST_CLOCK = re.compile(_CLOCK)
_CLOCK_ALONE = re.compile(rf"\s*[\[(]?\s*{_CLOCK}(?:\s*(?:[-–—]|-->)\s*{_CLOCK})?\s*[\])]?\s*")
_CLOCK_FIRST = re.compile(rf"\s*{_BRACKETED}\s*")
_CLOCK_IN_LABEL = re.compile(rf"(?P<name>[^:\n()\[\]]{{1,90}}){_BRACKETED}\s*(?P<colon>:?)")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*$")
_LABEL_KEY = re.compile(r"(?:speakers?|name)\s*:\s*(?=\S)", re.IGNORECASE)
_MAX_NODES = 40  # of a name


def is_emphasis(node: Node) -> bool:
    """Whether a node's text stands out: bold, italic or underlined."""
    return (
        node.tag in _EMPHASIS
        or bool(_BOLD_CLASSES.intersection(node.get("class").lower().split()))
        or bool(_BOLD_STYLE.search(node.get("style")))
    )


def named_in_data(node: Node) -> str | None:
    """Who speaks by an attribute of a turn."""
    name = fold(node.get("data-speaker-name") or node.get("data-speaker"))
    return name if name and len(name) <= MAX_LABEL and name[0] not in "[{" else None


def is_about_speaker(node: Node) -> bool:
    """Whether it is the office beside a name: `class="speaker-title"`."""
    words = node.words
    return bool(words & _SPEAKER_WORDS and words & _ABOUT_WORDS) and node.weight <= 200


def is_speaker(node: Node) -> bool:
    """Whether its class says that its text is a speaker's name."""
    words = node.words
    return bool(words & _SPEAKER_WORDS) and not words & (_ABOUT_WORDS | _LIST_WORDS)


def name_in(node: Node) -> str | None:
    """The text of a node as a speaker's name, None where it cannot be one."""
    if not 0 < node.weight <= MAX_LABEL or node.size > _MAX_NODES:
        return None
    name, _ = take_clock(_LABEL_KEY.sub("", fold(text_of(node)), count=1))
    name = name.rstrip(":： ").strip()
    if not name or (_SENTENCE_END.search(name) and read_label(name) is None):
        return None
    return name


def time_in(node: Node) -> float | None:
    """Seconds, where the node is nothing but a time of the recording."""
    marked = node.tag == "time" or bool(node.words & _TIME_WORDS)
    return read_clock(text_of(node)) if marked and node.weight <= 40 and node.size < 9 else None


def read_clock(text: str) -> float | None:
    """'1:02:03', '[00:12]', '0:00 – 0:15' in seconds; None for anything else."""
    found = _FIRST_CLOCK.search(text) if _CLOCK_ALONE.fullmatch(text) else None
    return _seconds(found[0]) if found else None


def take_clock(text: str) -> tuple[str, float | None]:
    """A line without the bracketed time at its front or in its label, and that time."""
    found = _CLOCK_FIRST.match(text)
    if found:
        clock = _FIRST_CLOCK.search(found[0])
        return text[found.end() :], _seconds(clock[0]) if clock else None
    found = _CLOCK_IN_LABEL.match(text)
    if found and (found["colon"] or not text[found.end() :].strip()) and read_label(found["name"]):
        clock = _FIRST_CLOCK.search(found[0], found.end("name"))
        rest = text[found.end() :]
        return f"{found['name'].strip()}:{rest}", _seconds(clock[0]) if clock else None
    return text, None


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def terms_are_speakers(roots: tuple[Node, ...]) -> bool:
    """Whether the terms of the description lists name speakers, not 'Date' and 'Place'."""
    terms: list[str | None] = []
    weight = sum(root.weight for root in roots)
    said = 0
    for root in roots:
        for node in descend(root):
            if node.tag == "dt":
                terms.append(name_in(node))
            elif node.tag == "dd":
                said += node.weight
    labels = [label for term in terms if term and (label := read_label(term))]
    speaking = [one for one in labels if not (one.is_header_key or one.never_speaks)]
    return len(terms) > 1 and len(speaking) * 5 >= len(terms) * 4 and said * 3 >= weight


def speaker_cells(table: Node) -> dict[Node, str]:
    """What the cells of a table of turns are: 'speaker', 'time' or 'head'; {} for other tables.

    The column of speakers holds names, at least one of them twice or all apart from the words'.
    """
    nodes = list(descend(table))
    if any(node.tag == "table" for node in nodes[1:]):
        return {}
    rows = [row for node in nodes if node.tag == "tr" and (row := list(_cells(node)))]
    width = max((len(row) for row in rows), default=0)
    if not 2 <= width <= 6 or len(rows) < 2:
        return {}
    head = rows[0] if all(cell.tag == "th" for cell in rows[0]) else []
    body = [row for row in rows if row is not head and len(row) == width]
    roles: dict[int, str] = {}
    for column in range(width):
        cells = [row[column] for row in body if row[column].weight]
        if cells and all(_is_clock(cell) for cell in cells):
            roles[column] = "time"
        elif "speaker" not in roles.values() and _are_names(cells):
            roles[column] = "speaker"
    words = sum(row[c].weight for row in body for c in range(width) if c not in roles)
    names = sum(row[c].weight for row in body for c, role in roles.items() if role == "speaker")
    if "speaker" not in roles.values() or words <= names:
        return {}
    found = {row[column]: role for row in body for column, role in roles.items()}
    return found | dict.fromkeys(head, "head")


def _cells(row: Node) -> Iterator[Node]:
    return (cell for cell in row.nodes if cell.tag in ("td", "th") and cell.dropped is None)


def _is_clock(cell: Node) -> bool:
    return cell.weight <= 40 and cell.size < 9 and read_clock(text_of(cell)) is not None


def _are_names(cells: list[Node]) -> bool:
    names = [name_in(cell) for cell in cells]
    labels = [label for name in names if name and (label := read_label(name))]
    speaking = [one for one in labels if not (one.is_header_key or one.never_speaks)]
    return len(cells) > 1 and len(speaking) * 5 >= len(cells) * 4
