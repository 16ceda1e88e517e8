"""The article of a page → lines: what a reader sees as one, with the marks that stand on it.

A line ends with its paragraph, at `<br>`, or where the markup names another speaker. Which
marks are believed is decided in `html`.
"""

import re
from dataclasses import dataclass, replace

from indexer.formats.blocks import Dropped, Kind
from indexer.formats.html_marks import (
    is_about_speaker,
    is_emphasis,
    is_speaker,
    name_in,
    named_in_data,
    read_clock,
    speaker_cells,
    take_clock,
    terms_are_speakers,
    time_in,
)
from indexer.formats.html_runs import SENTENCE_END, Line, Run, end_of_bold, split_runs
from indexer.formats.html_tree import BLOCK_TAGS, Node, text_of
from indexer.formats.plain import WRAP_WIDTH
from indexer.formats.plain import read_blocks as read_plain
from indexer.labels import read_label
from indexer.transcript import fold

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 legend summary".split())
_PREFORMATTED = frozenset("listing plaintext pre xmp".split())
_PRE_STYLE = re.compile(r"white-space\s*:\s*pre", re.IGNORECASE)
_QUESTION_WORDS = frozenset("interviewer question".split())
_NOTE_AND_COLON = re.compile(r"\s*(?P<note>\([^()\n]{1,80}\))?\s*[:：]\s*")
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0xFEFF))


@dataclass(slots=True)
class _Frame:
    node: Node
    kind: Kind
    strong: bool
    asks: bool
    level: str = ""
    at: int = 0


def read_lines(roots: tuple[Node, ...]) -> tuple[list[Line], list[Dropped]]:
    """The lines of an article and what in it is no line."""
    reader = _Reader(roots)
    for root in roots:
        reader.read(root)
    return reader.lines, reader.dropped


class _Reader:
    """Walks a tree in the order of the page, without recursion."""

    def __init__(self, roots: tuple[Node, ...]) -> None:
        self.lines: list[Line] = []
        self.dropped: list[Dropped] = []
        self._weight = sum(root.weight for root in roots)
        self._terms = terms_are_speakers(roots)
        self._cells: dict[Node, str] = {}
        self._runs: list[Run] = []
        self._at_start = True  # of a line
        self._line = 1
        self._speaker: str | None = None
        self._by_data = False
        self._start_s: float | None = None

    def read(self, root: Node) -> None:
        stack = [_Frame(root, Kind.TEXT, False, False)]
        while stack:
            frame = stack[-1]
            if frame.at == len(frame.node.children):
                stack.pop()
                if frame.node.tag in BLOCK_TAGS:
                    self._flush()
                continue
            child = frame.node.children[frame.at]
            frame.at += 1
            if isinstance(child, str):
                self._add(child, frame)
            elif inner := self._enter(child, frame):
                stack.append(inner)
        self._flush()
        self._forget_speaker()

    def _enter(self, node: Node, frame: _Frame) -> _Frame | None:
        """Goes into a node; None where there is nothing more to be read in it."""
        if node.tag in BLOCK_TAGS:
            self._flush()
        self._line = node.line
        if node.dropped is not None:
            return None
        if node.tag == "br":
            self._runs.append(Run("\n", node.line, frame.kind, False, False, breaks=True))
            self._at_start = True
            return None
        if node.tag in _PREFORMATTED or _PRE_STYLE.search(node.get("style")):
            self._read_preformatted(node)
            return None
        if self._take_mark(node, frame):
            return None
        if node.tag == "table":
            self._cells = speaker_cells(node)
        return _Frame(
            node,
            self._kind(node, frame.kind),
            frame.strong or is_emphasis(node),
            frame.asks or bool(node.words & _QUESTION_WORDS),
            node.tag if node.tag in _HEADINGS else frame.level,
        )

    def _kind(self, node: Node, outer: Kind) -> Kind:
        if node.tag in _HEADINGS or node.get("role").lower() == "heading":
            return Kind.HEADING
        if node.tag == "li" and node.parent is not None and node.parent.weight * 3 < self._weight:
            return Kind.ITEM
        return outer

    def _take_mark(self, node: Node, frame: _Frame) -> bool:
        """Reads a time or a speaker that the markup names; whether the node is done with that."""
        cell = self._cells.get(node)
        seconds = time_in(node) if cell != "time" else read_clock(text_of(node))
        if seconds is not None:
            if self._at_start:
                self._start_s = seconds
            return True
        if cell == "head" or is_about_speaker(node):
            if text := fold(text_of(node)):
                reason = "head of the table" if cell else "about the speaker"
                self.dropped.append(Dropped(node.line, text, reason))
            return True
        if name := named_in_data(node):
            self._flush()
            self._set_speaker(name, by_data=True)
        name = name_in(node) if self._names(node, frame, cell) else None
        if name:
            self._flush()
            self._set_speaker(name, by_data=False)
        return bool(name)

    def _names(self, node: Node, frame: _Frame, cell: str | None) -> bool:
        """Whether a node is a speaker's name, by itself or by where it stands."""
        if cell == "speaker" or (node.tag == "dt" and self._terms):
            return True
        if node.tag == "header":  # it is furniture unless each turn has its own
            return read_label(name_in(node) or "") is not None
        if not (node.tag == "cite" or is_speaker(node)):
            return False
        if node.tag in BLOCK_TAGS or node.weight > 200 or node.size > 40:
            return True
        colon = fold(text_of(node)).endswith((":", "：")) or _next_text(frame).startswith(":")
        if node.tag == "cite":
            above = frame.node
            quoted = "blockquote" in (above.tag, above.parent.tag if above.parent else "")
            return self._at_start and not quoted and (colon or not _next_text(frame))
        return self._at_start or colon

    def _set_speaker(self, name: str, *, by_data: bool) -> None:
        if not (self._by_data and not by_data) and self._speaker != name:
            self._forget_speaker()
        self._speaker, self._by_data = name, by_data

    def _forget_speaker(self) -> None:
        if self._speaker is not None and not self._by_data:
            self.dropped.append(Dropped(self._line, self._speaker, "speaker without words"))
        self._speaker = None

    def _add(self, text: str, frame: _Frame) -> None:
        shown = text.translate(_INVISIBLE)
        if shown.strip():
            self._at_start = False
        lead = len(shown) - len(shown.lstrip())
        line = self._line + shown.count("\n", 0, lead)
        self._line += shown.count("\n")
        shown = shown.replace("\r", " ").replace("\n", " ").replace("\t", " ")
        self._runs.append(Run(shown, line, frame.kind, frame.strong, frame.asks, frame.level))

    def _read_preformatted(self, node: Node) -> None:
        self._flush()
        for block in read_plain(text_of(node).translate(_INVISIBLE)):
            text, seconds = take_clock(block.text)
            self._append(
                Line(
                    text,
                    node.line + block.line - 1,
                    block.kind,
                    start_s=seconds,
                    continues=block.continues,
                )
            )

    def _flush(self) -> None:
        runs, self._runs, self._at_start = self._runs, [], True
        parts = list(split_runs(runs))
        wrapped = all(sum(len(run.text) for run in part) <= WRAP_WIDTH for part, _ in parts)
        for at, (part, joined) in enumerate(parts):
            before = "".join(run.text for run in parts[at - 1][0]) if at else ""
            joined = joined and (wrapped or not SENTENCE_END.search(before[-20:]))
            self._append_runs(part, joined)

    def _append_runs(self, runs: list[Run], joined: bool) -> None:
        first = next(run for run in runs if run.text.strip())
        start_s = None if first.strong else read_clock(first.text)
        if start_s is not None:
            runs = runs[runs.index(first) + 1 :]
        at = end_of_bold(runs)
        bold, rest = ("".join(run.text for run in part) for part in (runs[:at], runs[at:]))
        bold, seconds = take_clock(bold)
        start_s = seconds if start_s is None else start_s
        rest, seconds = take_clock(rest)
        start_s = seconds if start_s is None else start_s
        self._append(
            Line(
                f"{bold}{rest}".strip(),
                first.line,
                first.kind,
                bold.strip(),
                rest.strip(),
                start_s=start_s,
                continues=joined,
                asks=first.asks or (bool(bold.strip()) and not rest.strip()),
                level=first.level,
            )
        )

    def _append(self, line: Line) -> None:
        """Gives the line the speaker and the time that were read before it."""
        if not line.text:
            self._start_s = line.start_s if line.start_s is not None else self._start_s
            return
        text, speaker = line.text, None
        if line.kind is not Kind.HEADING:
            speaker, self._speaker = self._speaker, None
        if speaker is not None:
            if text.startswith(f"{speaker}:"):
                text = text[len(speaker) :]
            if found := _NOTE_AND_COLON.match(text):
                text = text[found.end() :]
                speaker = f"{speaker} {found['note'] or ''}".strip()
            if not text:
                self._speaker = speaker
                return
        start_s = line.start_s if line.start_s is not None else self._start_s
        if line.kind is not Kind.HEADING:
            self._start_s = None
        continues = line.continues and speaker is None
        self.lines.append(
            replace(line, text=text, speaker=speaker, start_s=start_s, continues=continues)
        )


def _next_text(frame: _Frame) -> str:
    """The text right behind the node that was entered last; '' before a node or at the end."""
    for child in frame.node.children[frame.at : frame.at + 9]:
        if not isinstance(child, str):
            return fold(text_of(child)) if child.tag in ("b", "i", "em", "strong", "span") else ""
        if child.strip():
            return child.strip()
    return ""
