"""RTF → paragraphs and tables, by striprtf. Deleted and hidden text is not there.

striprtf gives the words and not their looks: where bold begins and ends, cells, line breaks and
paragraphs within cells are carried past it in private characters. Footnotes are kept apart.
"""

import codecs
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft
from indexer.formats.office import Properties, read_document
from indexer.formats.office_parts import Para, Part, Run, Table
from indexer.transcript import fold

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<value>-?\d{1,10})?\x20?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]"
    r"|(?P<brace>[{}])|[^\\{}]+|\\",
    re.DOTALL,
)
_BOLD, _PLAIN, _CELL, _BREAK, _IN_CELL = "\ue000\ue001\ue002\ue003\ue004"
_LOOKS = re.compile(f"[{_BOLD}{_PLAIN}]")
# What a reader does not see, or not in the run of the text.
_UNSEEN = frozenset("fldinst pict object info header headerf headerl headerr footer".split())
_REPLACED = {"cell": _CELL, "line": _BREAK, "nestcell": _BREAK, "nestrow": _BREAK}
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_TITLE = re.compile(r"{\\title (?P<title>[^{}]{1,400})}")
_CREATED = re.compile(r"\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_HEAD = 2**16


def read(data: bytes, source: str) -> Draft:
    """The draft of an RTF file; raises TranscriptError where it is none or cut short."""
    if not data.lstrip().startswith(rb"{\rtf"):
        raise TranscriptError(source, "is no RTF file: it does not begin as one")
    text = data.decode(_encoding(data), errors="replace")
    marked, notes = _Marker(source).mark(text)
    footnotes = [_LOOKS.sub("", _plain(note, source)) for note in notes]
    parts = _parts(_plain(marked, source))
    return read_document(parts, _properties(text, source), [n for n in footnotes if fold(n)])


def _encoding(data: bytes) -> str:
    """The code page that the file names, for what is not written in escapes."""
    named = _CODE_PAGE.search(data[:_HEAD])
    encoding = f"cp{named[1].decode()}" if named else "cp1252"
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "cp1252"


def _document(rtf: str) -> str:
    return f"{{\\rtf1 {rtf}}}"


def _plain(rtf: str, source: str) -> str:
    """The words of an RTF text."""
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(rtf, errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise TranscriptError(source, "is a damaged RTF: a control word makes no sense") from error
    # Characters beyond the first plane are written as two halves.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\N{SOFT HYPHEN}", "").replace("\N{NON-BREAKING HYPHEN}", "-")


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group: `gone` for text that is not shown, `note` for a footnote's."""

    bold: bool = False
    gone: bool = False
    deleted: bool = False
    in_table: bool = False
    fonts: bool = False
    note: bool = False


class _Marker:
    """Rewrites an RTF text: what is not seen goes, looks become characters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.state = _State()
        self.stack: list[_State] = []
        self.out: list[str] = []
        self.notes: list[list[str]] = []
        self.fonts: dict[str, str] = {}
        self.font = "0"

    def mark(self, text: str) -> tuple[str, list[str]]:
        """The text rewritten, and its footnotes."""
        at = 0
        while match := _TOKEN.match(text, at):
            at = match.end()
            token, brace = match[0], match["brace"]
            if brace == "{":
                self.stack.append(self.state)
                self._emit(token)
            elif brace:
                self._close()
                if not self.stack:
                    break
            elif match["word"]:
                if match["word"] == "bin" and match["value"]:
                    at += max(0, int(match["value"]))
                # A blank ends the word: what follows may go, and letters come next.
                self._word(match["word"], match["value"], f"{token.rstrip()} ")
            elif not (self.state.gone or self.state.deleted):
                self._emit(token)
        if self.stack:
            raise TranscriptError(self.source, "is cut short: the end of the RTF is missing")
        return "".join(self.out), [_document("".join(note)) for note in self.notes]

    def _emit(self, token: str) -> None:
        (self.notes[-1] if self.state.note else self.out).append(token)

    def _character(self, char: str) -> None:
        if not (self.state.gone or self.state.deleted):
            self._emit(_escape(char))

    def _look(self) -> None:
        if not self.state.gone:
            self._emit(_escape(_BOLD if self.state.bold else _PLAIN))

    def _close(self) -> None:
        before, inner = (self.stack.pop() if self.stack else _State()), self.state
        if inner.fonts and not before.fonts:
            for font, charset in self.fonts.items():
                self.out.append(f"{{\\f{font}\\fcharset{charset} X;}}\n")
        if inner.note and not before.note:
            self.state = before
            self._emit("}")
            return
        self._emit("}")
        self.state = before
        if inner.bold is not before.bold:
            self._look()

    def _word(self, word: str, value: str | None, token: str) -> None:
        state, on = self.state, value != "0"
        if word in ("deleted", "v"):
            self.state = replace(state, deleted=on)
        elif word == "plain":
            self._set_bold(False)
            self.state = replace(self.state, deleted=False)
            self._keep(token)
        elif word == "b":
            self._set_bold(on)
        elif word in ("intbl", "pard"):
            self.state = replace(state, in_table=word == "intbl")
        elif word in _UNSEEN:
            self.state = replace(state, gone=True)
        elif word == "footnote" and not state.note:
            self.state = replace(state, note=True)
            self.notes.append([])
        elif word == "fonttbl":
            self._emit(token)
            self.state = replace(state, gone=True, fonts=True)
        elif state.fonts:
            self.font = value or "0" if word == "f" else self.font
            if word == "fcharset" and value:
                self.fonts[self.font] = value
        elif word in _REPLACED:
            self._character(_REPLACED[word])
        elif word == "par" and state.in_table:
            self._character(_IN_CELL)
        elif word != "bin":
            self._keep(token)

    def _set_bold(self, on: bool) -> None:
        if on is not self.state.bold:
            self.state = replace(self.state, bold=on)
            self._look()

    def _keep(self, token: str) -> None:
        if not (self.state.gone or self.state.deleted):
            self._emit(token)


def _escape(char: str) -> str:
    return f"{{\\uc0\\u{ord(char)} }}"


def _parts(text: str) -> Iterator[Part]:
    """Paragraphs, a line each; lines with cells are rows of a table."""
    bold = False
    for in_table, lines in groupby(text.split("\n"), key=lambda line: _CELL in line):
        if in_table:
            yield Table(tuple(_row(line) for line in lines))
            continue
        for line in lines:
            runs: list[Run] = []
            at = 0
            for look in _LOOKS.finditer(line):
                runs.append(Run(_shown(line[at : look.start()]), bold))
                bold, at = look[0] == _BOLD, look.end()
            runs.append(Run(_shown(line[at:]), bold))
            yield Para(tuple(run for run in runs if run.text))


def _row(line: str) -> tuple[str, ...]:
    return tuple(_shown(_LOOKS.sub("", cell)).strip() for cell in line.split(_CELL)[:-1])


def _shown(text: str) -> str:
    return text.replace(_BREAK, "\n").replace(_IN_CELL, "\n")


def _properties(text: str, source: str) -> Properties:
    head = text[:_HEAD]
    titled, created = _TITLE.search(head), _CREATED.search(head)
    title = fold(_plain(_document(titled["title"]), source)) if titled else None
    try:
        date = dt.date(*(int(part) for part in created.groups())) if created else None
    except ValueError:
        date = None
    return Properties(title, date)
