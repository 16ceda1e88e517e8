"""The lines of a cue → rows of plain text: tags off, voices and changes of speaker kept.

Takes off WebVTT and SubRip markup and decodes entities; '<inaudible>' is the transcriber's word
and stays. Who the speakers are is `captions`' work.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.formats.cues import Cue, Slips
from indexer.transcript import fold

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z]++)(?P<rest>(?:[.\s/][^<>]*+)?)>"
    r"|<[\d:.,]{1,20}>|\{\\[^{}\n]{0,200}\}|(?P<broken><v(?:\.[^\s<>]{1,99})?[ \t])"
)
_MARKUP = frozenset("b br c em font i lang rt ruby s span strike strong u v".split())
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][\dA-Za-z]{1,31});")
# Invisible marks of the direction of writing would hide a dash or a label behind them.
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_DASH = re.compile(r"[-‐–—](?![-‐–—>])\s*")
_CHEVRONS = re.compile(r"\s*>{2,}\s*")
_DIRECTION = re.compile(
    r"(?=.*[^\W\d_]|.*[♪♫])"
    r"(?:(?:\([^()]*+\)|\[[^\[\]]*+\]|\*[^*]*+\*|[♪♫]++)[\s.]*+)++",
    re.DOTALL,
)
_STOP = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


@dataclass(slots=True, eq=False)
class Voice:
    """A stretch that a voice tag gives to a speaker; `closed` if the tag was closed."""

    name: str | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A folded line of a cue. `change` says that another speaker begins with it.

    `dashed` says that it is told by a dash. Only a row with `change` may be empty.
    """

    text: str
    line: int
    voice: Voice | None = None
    change: bool = False
    dashed: bool = False


def ends_sentence(text: str) -> bool:
    return _STOP.search(text) is not None


def is_direction(text: str) -> bool:
    """Whether it is nothing but '[Music]', '(laughs)', '♪'; '[ __ ]' is a word that was spoken."""
    return _DIRECTION.fullmatch(text) is not None


def read_rows(cue: Cue, slips: Slips) -> list[Row]:
    """The lines of a cue without markup, parted also where a voice begins or ends."""
    return [row for row in _Payload(cue, slips).rows if row.text]


class _Payload:
    """Reads a cue's payload once from left to right; tags may stand over several lines."""

    def __init__(self, cue: Cue, slips: Slips) -> None:
        self.rows: list[Row] = []
        self.numbers = [number for number, _ in cue.payload]
        self.at = 0
        self.voice: Voice | None = None
        self.pending: list[str] = []
        self.muted = False
        text = "\n".join(text for _, text in cue.payload)
        end = 0
        for tag in _TAG.finditer(text):
            name = (tag["name"] or "").lower()
            if name and name not in _MARKUP:
                continue
            self._text(text[end : tag.start()])
            end = tag.end()
            if tag["broken"]:
                slips.note("a voice tag without its '>': its words are kept", self.numbers[self.at])
            elif name:
                self._tag(name, tag["rest"], ends=bool(tag["end"]))
            self.at += tag[0].count("\n")
        self._text(text[end:])
        self._flush()

    def _tag(self, name: str, rest: str, *, ends: bool) -> None:
        if name == "v":
            self._flush()
            if self.voice is not None and ends:
                self.voice.closed = True
            self.voice = None if ends else Voice(_annotation(rest))
        elif name == "br":
            self._flush()
        elif name in ("rt", "ruby"):
            # The reading of a character is no second word.
            self.muted = name == "rt" and not ends

    def _text(self, text: str) -> None:
        for n, piece in enumerate(text.split("\n")):
            if n:
                self._flush()
                self.at += 1
            if not self.muted:
                self.pending.append(piece)

    def _flush(self) -> None:
        text = fold(_decode("".join(self.pending)).lstrip(_INVISIBLE + " \t"))
        self.rows.append(Row(text, self.numbers[self.at], self.voice))
        self.pending.clear()


def _annotation(rest: str) -> str | None:
    """The name in ' Mary' and '.loud Mary'."""
    parts = re.split(r"\s", rest, maxsplit=1)
    return fold(_decode(parts[1])) or None if len(parts) > 1 else None


def _decode(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def mark_changes(rows: Sequence[Row]) -> list[Row]:
    """Rows parted where '>>' or a dash says that another speaker begins; the marks come off.

    A voice ends at a mark within it: who goes on is not told.
    """
    if len(rows) > 1 and not any(row.voice for row in rows):
        whole = " ".join(row.text for row in rows)
        if is_direction(whole):
            return [replace(rows[0], text=whole)]
    found: list[Row] = []
    last = broken = None
    for row in _part(rows):
        if row.voice is not None and row.voice is last and row.change:
            broken = row.voice
        last = row.voice
        found.append(replace(row, voice=None) if row.voice is broken else row)
    return found


def _part(rows: Sequence[Row]) -> Iterator[Row]:
    dashes = [_DASH.match(row.text) for row in rows]
    many = sum(dash is not None for dash in dashes) > 1
    for at, (row, dash) in enumerate(zip(rows, dashes, strict=True)):
        text = row.text
        dashed = dash is not None and (many or _opens(text, dash, rows[at - 1] if at else None))
        if dash is not None and dashed:
            text = text[dash.end() :]
        first, *others = _CHEVRONS.split(text)
        if first or (dashed and not others):
            yield replace(row, text=first, change=dashed, dashed=dashed)
        for other in others:
            yield replace(row, text=other, change=True)


def _opens(text: str, dash: re.Match[str], above: Row | None) -> bool:
    """Whether one dash in a cue opens a speech: 'in - / - in a bad humor' and '-5' do not."""
    following = text[dash.end() : dash.end() + 1]
    if not following or following.islower() or (following.isdigit() and dash.end() == 1):
        return False
    return above is None or ends_sentence(above.text)
