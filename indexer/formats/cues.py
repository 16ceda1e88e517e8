"""What WebVTT and SubRip share: lines, timing lines, cues.

A cue is a timing line and the lines below it. Where a file is broken the words are kept and a slip
is noted. Knows nothing of speakers or markup, and leaves the cues in the file's order.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from indexer.formats.blocks import Draft, Dropped
from indexer.transcript import fold

_ARROW = re.compile(r"-->|->|[–—]>|→")
_TIME = re.compile(
    r"\s*(?:(?P<h>\d{1,4})\s?:\s?)?(?P<m>\d{1,4})\s?:\s?(?P<s>\d{1,2})"
    r"(?:\s?[.,:]\s?(?P<f>\d{1,9}))?(?=\s|$)"
)
_Timing = tuple[float | None, float | None]
Line = tuple[int, str]
# Says why a stanza with such a first line is no speech; 'header' is where a file begins anew.
Furniture = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from `start_s` to `end_s`, in seconds; None where that cannot be told.

    `line` is that of the timing line, or of the words where there is none. `payload` is the lines
    with their numbers, markup and all. `part` counts from 0 the files that were joined to one.
    """

    line: int
    start_s: float | None
    end_s: float | None
    payload: tuple[Line, ...]
    part: int = 0


@dataclass(slots=True)
class Slips:
    """What is wrong in a file, told once a kind: how often, and in which line first."""

    found: dict[str, list[int]] = field(default_factory=dict)

    def note(self, what: str, line: int) -> None:
        self.found.setdefault(what, [0, line])[0] += 1

    def warnings(self) -> list[str]:
        return [
            f"{what} ({count} times, first in line {line})"
            if count > 1
            else f"{what} (line {line})"
            for what, (count, line) in self.found.items()
        ]


@dataclass(slots=True)
class _Stanza:
    """Lines between blank ones; `split` says that the blank line above was truly empty."""

    lines: list[Line]
    open: bool = True
    split: bool = True


@dataclass(slots=True)
class _Section:
    """A timing line and all stanzas until the next; the first is the cue's own.

    What stands above the first timing line is a section without timing.
    """

    line: int
    timing: _Timing | None
    index: int | None
    stanzas: list[_Stanza]

    @property
    def at_payload(self) -> bool:
        """Whether the lines right below the timing line are still being read."""
        return self.timing is not None and len(self.stanzas) == 1 and self.stanzas[0].open


def split_lines(text: str) -> list[str]:
    """Lines that end in CR, LF or both, as caption formats have it; `\\r\\r\\n` is one end."""
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read_time(text: str) -> float | None:
    """Seconds of `[h:]m:s[.fraction]` at the start of `text`, any number of hours.

    >>> read_time("101:00:01,5 align:start")
    363601.5
    """
    match = _TIME.match(text)
    if match is None:
        return None
    whole = (int(match["h"] or 0) * 60 + int(match["m"])) * 60 + int(match["s"])
    # By way of text, so that 2065.24 stays 2065.24.
    return float(f"{whole}.{int(match['f'] or 0):0{len(match['f'] or '0')}}")


def read_timing(line: str) -> _Timing | None:
    """Start and end of a timing line, None for one that cannot be read; None if it is none.

    'Go to File --> Open' is none; '00:00:1d.890 --> 00:00:12.000' is one, with a slip.
    """
    arrow = _ARROW.search(line)
    if arrow is None:
        return None
    before = line[: arrow.start()].strip()
    start, end = read_time(before), read_time(line[arrow.end() :])
    if arrow[0] == "-->" and ":" in before and before[0].isdigit():
        return start, end
    return None if start is None or end is None else (start, end)


def read_cues(
    lines: Iterable[Line], furniture: Furniture, draft: Draft, slips: Slips, *, numbered: bool
) -> list[Cue]:
    """The cues in numbered lines, in the file's order; what is no speech goes to `draft.dropped`.

    `numbered` says that each cue should have a number above its timing line (SubRip).
    """
    cues: list[Cue] = []
    part = index = 0
    for section in _sections(lines, draft, numbered=numbered):
        if section.index is not None:
            part += section.index <= 1 < index
            index = section.index
        found, headers = _cues_of(section, furniture, draft, slips, numbered=numbered)
        cues += [Cue(one.line, one.start_s, one.end_s, one.payload, part) for one in found]
        part += headers if cues else 0
    return cues


def _sections(lines: Iterable[Line], draft: Draft, *, numbered: bool) -> Iterator[_Section]:
    section = _Section(1, None, None, [])
    split = True
    for number, text in lines:
        stanza = section.stanzas[-1] if section.stanzas and section.stanzas[-1].open else None
        if (timing := read_timing(text)) is not None:
            index = _take_identifier(section, draft, numbered=numbered)
            yield section
            section = _Section(number, timing, index, [_Stanza([])])
        elif not text or (text.isspace() and (numbered or not section.at_payload)):
            # In WebVTT a line of blanks in a cue is a row of it: roll-up captions have them.
            split = not text
            if stanza is not None:
                stanza.open = False
        elif stanza is not None:
            stanza.lines.append((number, text))
        else:
            section.stanzas.append(_Stanza([(number, text)], split=split))
    yield section


def _take_identifier(section: _Section, draft: Draft, *, numbered: bool) -> int | None:
    """Takes the next cue's identifier off the end of a section; its number, if it is one."""
    stanza = section.stanzas[-1] if section.stanzas else None
    if stanza is None or not stanza.lines:
        return None
    number, text = stanza.lines[-1]
    index = int(text) if text.strip().isdecimal() and len(text) < 12 else None
    own = section.timing is not None and len(section.stanzas) == 1
    if stanza.open and own:
        spaced = len(stanza.lines) > 1 and stanza.lines[-2][1].isspace()
        taken = spaced or (numbered and index is not None)
    elif stanza.open:
        taken = True
    else:  # A blank line between it and the timing line: then it must be a number to come.
        ahead = (index or 0) - (section.index or 0)
        taken = not own and len(stanza.lines) == 1 and 0 < ahead <= len(section.stanzas)
    if not taken:
        return None
    stanza.lines.pop()
    if index is None and len(text.split()) > 1:
        draft.dropped.append(Dropped(number, fold(text), "cue identifier"))
    return index


def _cues_of(
    section: _Section, furniture: Furniture, draft: Draft, slips: Slips, *, numbered: bool
) -> tuple[list[Cue], int]:
    """The cue of a section, any without timing lines below it, and the headers among them."""
    start, end = _check_times(section, slips) if section.timing else (None, None)
    cues: list[Cue] = []
    line, payload = section.line, list[Line]()
    index, headers = section.index or 0, 0
    for at, stanza in enumerate(section.stanzas):
        lines, own = stanza.lines, section.timing is not None and at == 0
        if not lines:
            continue
        reason = None if own else furniture(lines[0][1])
        if numbered and not own and len(lines) > 1 and lines[0][1].strip() == str(index + 1):
            slips.note("a caption without a time: its words are kept", lines[0][0])
            cues.append(Cue(line, start, end, tuple(payload)))
            index += 1
            line, start, end, payload = lines[0][0], None, None, lines[1:]
        elif reason is not None or (
            section.timing is None and not cues and not payload and not own
        ):
            _drop(lines, reason or "line above the captions", draft)
            headers += reason == "header"
        else:
            if stanza.split and payload:
                slips.note("words below a blank line in a caption: they are kept", lines[0][0])
            payload += lines
    cues.append(Cue(line, start, end, tuple(payload)))
    return [cue for cue in cues if cue.payload], headers


def _check_times(section: _Section, slips: Slips) -> _Timing:
    start, end = section.timing or (None, None)
    if start is None or end is None:
        slips.note("a time that cannot be read: the words are kept", section.line)
    elif end < start:
        slips.note("a caption that ends before it starts: its end is left out", section.line)
        end = None
    return start, end if start is not None else None


def _drop(lines: Sequence[Line], reason: str, draft: Draft) -> None:
    text = fold(" ".join(text for _, text in lines))
    draft.dropped.append(Dropped(lines[0][0], text, reason))
