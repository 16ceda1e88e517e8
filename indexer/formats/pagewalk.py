"""A tree of HTML elements → blocks, with speakers that the markup tells as labels.

Speakers: bold before a colon, `<cite>`, `<dt>`, a class or itemprop that says 'speaker', the first
cell of a table's row, headings. Walks without recursion, however deep the tree.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from indexer.formats.blocks import Block, Kind
from indexer.labels import read_label, split_time
from indexer.transcript import fold

_BLOCKS = frozenset(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption "
    "figure "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main ol p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BOLD = frozenset(("b", "strong"))
_SPEAKER_NAME = re.compile(r"(?:^|[\s_-])(?:speaker|speaker-name|speakername)(?:$|[\s_-])", re.I)
_SPEAKER_TAGS = frozenset(("cite", "dt"))
_CLOCK_ONLY = re.compile(r"[\[(]?(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?[\])]?")


@dataclass(slots=True)
class _Line:
    """A block on its way: its runs of text, each bold or not or a speaker's name."""

    kind: Kind = Kind.TEXT
    level: str = ""
    line: int = 0
    runs: list[tuple[str, str]] = field(default_factory=list)


def read_blocks(root: Any) -> list[Block]:
    """Blocks of the element's text in document order."""
    walker = _Walker()
    walker.walk(root)
    return walker.blocks


class _Walker:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.current = _Line()
        self.speaker: str | None = None
        self.start_s: float | None = None

    def walk(self, root: Any) -> None:
        """Enters and leaves every element; text is taken as it comes."""
        todo: list[tuple[Any, str, bool]] = [(root, "text", False)]
        while todo:
            element, mark, leaving = todo.pop()
            if leaving:
                self._leave(element)
                # The tail belongs to the parent's text.
                if element is not root and element.tail:
                    self.current.runs.append((mark, element.tail))
                continue
            inner = self._enter(element, mark)
            if element.text:
                self.current.runs.append((inner, element.text))
            todo.append((element, mark, True))
            todo.extend((child, inner, False) for child in reversed(element))

    def _enter(self, element: Any, mark: str) -> str:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "br":
            self._break_line(element)
        if tag in _BLOCKS:
            self._flush()
            self.current.line = element.sourceline or 0
            if tag in _HEADINGS:
                self.current.kind, self.current.level = Kind.HEADING, tag
            elif tag == "li":
                self.current.kind = Kind.ITEM
        if _tells_speaker(element, tag):
            return "speaker"
        if tag == "time":
            return "time"
        return "bold" if tag in _BOLD and mark == "text" else mark

    def _leave(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush(in_row=tag in ("td", "th"))
            self.current.line = element.sourceline or 0
        elif _tells_speaker(element, tag):
            self._take_speaker()

    def _break_line(self, element: Any) -> None:
        """Two breaks running are a paragraph's end, one is white space."""
        runs = self.current.runs
        if runs and runs[-1] == ("break", "\n"):
            self._flush()
            self.current.line = element.sourceline or 0
        else:
            runs.append(("break", "\n"))

    def _take_speaker(self) -> None:
        """A name marked as the speaker's begins a block of its own and labels what follows."""
        named = fold("".join(text for mark, text in self.current.runs if mark == "speaker"))
        before = [(mark, text) for mark, text in self.current.runs if mark != "speaker"]
        if not named:
            return
        self.current.runs = before
        self._flush()
        self._set_speaker(named)

    def _set_speaker(self, named: str) -> None:
        if self.speaker is not None:
            # Nobody's words followed the name above: it was perhaps no speaker.
            self.blocks.append(Block("", self.current.line, label=self.speaker))
        self.speaker = named.rstrip(": ")

    def _flush(self, *, in_row: bool = False) -> None:
        line, self.current = self.current, _Line(line=self.current.line)
        spoken = "".join(text for mark, text in line.runs if mark == "speaker")
        if fold(spoken):
            self._set_speaker(fold(spoken))
        clock = fold("".join(text for mark, text in line.runs if mark == "time"))
        timed = _CLOCK_ONLY.fullmatch(clock) is not None
        left = [(m, t) for m, t in line.runs if m != "speaker" and not (timed and m == "time")]
        text = fold("".join(text for _, text in left))
        if timed or _CLOCK_ONLY.fullmatch(text):
            code = clock if timed else text
            self.start_s = split_time(code if code[0] in "[(" else f"[{code}]")[0]
            text = "" if not timed else text
        if not text:
            return
        label, words = self._label(left, text, in_row=in_row)
        if words is None:
            return
        markup = line.level if line.kind is Kind.HEADING else ""
        kind = Kind.TEXT if label else line.kind
        block = Block(words, line.line, kind, label, markup=markup, start_s=self.start_s)
        self.blocks.append(block)
        self.start_s = None

    def _label(
        self, runs: list[tuple[str, str]], text: str, *, in_row: bool
    ) -> tuple[str | None, str | None]:
        """The label of a block and its words; None for words that only name the speaker."""
        if self.speaker is not None:
            label, self.speaker = self.speaker, None
            return label, text.removeprefix(":").strip() or None
        if in_row and text.rstrip(":") and _is_cell_name(text):
            self._set_speaker(text)
            return None, None
        first = next((at for at, (_, part) in enumerate(runs) if fold(part)), None)
        if first is None or runs[first][0] != "bold":
            return None, text
        end = first
        while end < len(runs) and (runs[end][0] == "bold" or not fold(runs[end][1])):
            end += 1
        bold = fold("".join(part for _, part in runs[first:end]))
        after = fold("".join(part for _, part in runs[end:]))
        if not (bold.endswith(":") or after.startswith(":") or not after):
            return None, text
        if read_label(bold) is None:
            return None, text
        return bold.rstrip(": "), after.removeprefix(":").strip()


def _tells_speaker(element: Any, tag: str) -> bool:
    if tag in _SPEAKER_TAGS:
        return True
    named = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    return _SPEAKER_NAME.search(named) is not None and len(element) <= 3


def _is_cell_name(text: str) -> bool:
    return len(text.split()) <= 6 and read_label(text) is not None
