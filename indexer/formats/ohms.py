"""OHMS records of the Nunn Center → turns: the transcript with its times, and the interview's data.

The transcript is plain text, with a mark in `sync` where each minute begins, or WebVTT. A paragraph
gets the marks around it. The index tells about the interview and is no speech. Where the record
says who is interviewed, whoever else speaks asks.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats import plain, webvtt
from indexer.formats.blocks import Block, Draft, Dropped, Kind, Metadata, RawTurn
from indexer.formats.prose import read_prose
from indexer.formats.syncmarks import put_times, read_sync
from indexer.formats.xmltree import Reader, parse
from indexer.names import PersonName, read_name
from indexer.transcript import Role, fold

_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_PLACEHOLDER = re.compile(r"\W*no transcript\W*", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[\[footnote\]\][^\[\]]{0,40}\[\[/footnote\]\]")
_TITLE = re.compile(r"\binterview (?:with|of) (?P<name>[^,;:(]{1,80})", re.IGNORECASE)
_LABEL = re.compile(r"([^\W\d_][^:\n]{0,40}): ")
_FOOTNOTES, _FOOTNOTES_END = "[[footnotes]]", "[[/footnotes]]"
# An interviewer's shorter remark asks nothing, unless it has a question mark.
_REMARK_WORDS = 12
_MAX_SPEAKERS = 50
# These break lines for Python, but not for OHMS, which counts them.
_NO_BREAKS = str.maketrans(dict.fromkeys("\x85\u2028\u2029", " "))


def read(data: bytes, source: str) -> Draft:
    """The draft of an OHMS record. Raises TranscriptError where there is no transcript in it."""
    reader = _OhmsReader(Draft(Metadata()), source)
    parse(data, source, reader)
    metadata = reader.metadata()
    if reader.records > 1:
        reason = f"holds {reader.records} interviews: give each a file of its own"
        raise TranscriptError(source, reason)
    line, text = reader.first("vtt_transcript")
    if text:
        draft = _read_webvtt(text, source, line)
    else:
        line, text = reader.first("transcript")
        if not text or _PLACEHOLDER.fullmatch(text):
            raise TranscriptError(source, "holds data about an interview, but no transcript of it")
        draft = _read_plain(text, reader, metadata)
    draft.title = metadata.title or draft.title
    draft.date = metadata.date or draft.date
    draft.language = metadata.language or draft.language
    draft.names = metadata.speakers
    draft.warnings[:0] = reader.draft.warnings
    asked = [read_name(name) for name in reader.interviewees()]
    draft.turns = [_below(turn, line - 1) for turn in _with_roles(draft.turns, asked)]
    draft.dropped = [replace(one, line=one.line + line - 1) for one in draft.dropped]
    for reason, tag in (("index point", "title"), ("translation", "transcript_alt")):
        found = reader.points if tag == "title" else reader.fields[tag]
        draft.dropped += [Dropped(at, fold(one), reason) for at, one in found if fold(one)]
    draft.dropped.sort(key=lambda dropped: dropped.line)
    return draft


class _OhmsReader(Reader):
    """Keeps the text of every field of the record with its line, and the titles of the index."""

    def __init__(self, draft: Draft, source: str) -> None:
        super().__init__(draft, source)
        self.fields: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self.points: list[tuple[int, str]] = []
        self.records = 0
        self._line = 1

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._words.clear()
        self._line = self.line
        self.records += tag == "record"
        if tag == "date" and attributes.get("value"):
            self.fields["date"].append((self.line, attributes["value"]))

    def end(self, tag: str) -> None:
        text = "".join(self._words)
        self._words.clear()
        if self.parent() == "record":
            self.fields[tag].append((self._line, text))
        elif tag == "title" and self.parent() == "point":
            self.points.append((self._line, text))

    def text(self, text: str) -> None:
        self._words.append(text)

    def first(self, tag: str) -> tuple[int, str]:
        """The first field of that name with text in it, as it stands, and its line."""
        return next((field for field in self.fields[tag] if field[1].strip()), (1, ""))

    def metadata(self) -> Metadata:
        dates = (fold(self.first(tag)[1]) for tag in ("date", "date_nonpreferred_format"))
        language = fold(self.first("language")[1])
        return Metadata(
            title=fold(self.first("title")[1]) or None,
            date=next((found[0] for text in dates if (found := find_date(text))), None),
            language=language if _CODE.fullmatch(language) else None,
            speakers=(*self.interviewees(), *self._people("interviewer")),
        )

    def interviewees(self) -> list[str]:
        """Whom the record names as interviewed, else whom its title does."""
        named = self._people("interviewee")
        if not named and (found := _TITLE.search(fold(self.first("title")[1]))):
            return found["name"].strip().split(" and ")
        return named

    def _people(self, tag: str) -> list[str]:
        names = (name for _, text in self.fields[tag] for name in text.split(";"))
        return [_in_order(name) for name in names if fold(name)]


def _in_order(name: str) -> str:
    """'Duarte, Ronald, 1930-' → 'Ronald Duarte'."""
    family, _, rest = fold(name).partition(", ")
    given = rest.partition(",")[0]
    return f"{given} {family}" if given[:1].isalpha() else family


def _read_webvtt(text: str, source: str, line: int) -> Draft:
    """WebVTT as OHMS has it: captions that name no voice go on in the voice above."""
    try:
        draft = webvtt.read_text(text, source)
    except TranscriptError as error:
        at = error.line + line - 1 if error.line else line
        raise TranscriptError(source, error.reason, at) from error
    turns: list[RawTurn] = []
    for turn in draft.turns:
        if turns and turn.label is None and turn.speaker is None:
            turns.append(replace(turns[-1], paragraphs=turn.paragraphs))
        else:
            turns.append(turn)
    draft.turns = turns
    return draft


def _read_plain(text: str, reader: _OhmsReader, metadata: Metadata) -> Draft:
    text, notes = _without_notes(text.translate(_NO_BREAKS))
    draft = read_prose(_blocks(text), metadata)
    marks = read_sync(fold(reader.first("sync")[1]))
    if any(one[:2] > two[:2] for one, two in pairwise(marks)):
        draft.warnings.append("its sync marks run backwards: the times are left out")
    elif marks:
        put_times(draft, marks, fold(reader.first("duration")[1]))
    draft.dropped += notes
    return draft


def _blocks(text: str) -> list[Block]:
    """The blocks of a transcript. Where the break before a speaker's label is lost, it is made;
    a line in capitals behind a label that is no speaker's ('APPENDIX: THE WAR') is a heading."""
    found = plain.read_blocks(text)
    count = Counter(label[1] for block in found if (label := _LABEL.match(block.text)))
    often = [name for name, times in count.most_common(_MAX_SPEAKERS) if times > 2]
    speakers = [name for name in often if name == name.upper()]
    inner = re.compile(
        rf"(?<=[.?!\])\"”]) +(?=(?:{'|'.join(map(re.escape, speakers))}): )"
        if speakers
        else r"(?!)"
    )
    blocks: list[Block] = []
    for block in found:
        label = _LABEL.match(block.text)
        rest = block.text[label.end() :] if label else ""
        if label and count[label[1]] == 1 and rest == rest.upper() and len(rest.split()) > 1:
            blocks.append(replace(block, kind=Kind.HEADING))
            continue
        line = block.line
        for at, piece in enumerate(inner.split(block.text)):
            blocks.append(
                replace(block, text=piece, line=line, continues=block.continues and not at)
            )
            line += piece.count("\n")
    return blocks


def _with_roles(turns: Sequence[RawTurn], asked: Sequence[PersonName]) -> list[RawTurn]:
    """Turns with their roles, where some are by those who are asked and some by others."""
    answers = [
        turn.label is not None and any(read_name(turn.label.name).may_be(one) for one in asked)
        for turn in turns
    ]
    if all(answers) or not any(answers):
        return list(turns)

    def role_of(turn: RawTurn, answering: bool) -> Role | None:
        if answering or turn.label is None:
            return Role.ANSWER if answering else None
        text = " ".join(paragraph.text for paragraph in turn.paragraphs)
        asks = "?" in text or len(text.split()) >= _REMARK_WORDS
        return Role.QUESTION if asks else Role.STATEMENT

    return [replace(t, role=role_of(t, own)) for t, own in zip(turns, answers, strict=True)]


def _without_notes(text: str) -> tuple[str, list[Dropped]]:
    """The text without footnotes and the numbers that refer to them; its lines stay."""
    start = text.find(_FOOTNOTES)
    notes = []
    if start >= 0:
        end = text.find(_FOOTNOTES_END, start)
        end = len(text) if end < 0 else end + len(_FOOTNOTES_END)
        at = text.count("\n", 0, start) + 1
        notes = [Dropped(at, fold(text[start:end]), "footnotes")]
        text = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return _FOOTNOTE.sub(lambda found: "\n" * found[0].count("\n"), text), notes


def _below(turn: RawTurn, lines: int) -> RawTurn:
    """A turn so many lines further down."""
    moved = (replace(one, line=one.line + lines if one.line else 0) for one in turn.paragraphs)
    return replace(turn, paragraphs=tuple(moved))
