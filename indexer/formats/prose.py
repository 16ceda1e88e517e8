"""Blocks of text → a title, a date and raw turns, with page furniture left out.

Decides which labels of a document are speakers; who they are and what their turns do is
`speakers`' work.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from indexer.dates import find_date
from indexer.formats.blocks import Block, Dropped, Kind, Metadata
from indexer.labels import ROLE_WORDS, Label, Style, read_label, split_label
from indexer.transcript import fold

_END_MARKS = frozenset(
    (
        "additional materials",
        "general information",
        "related materials",
        "related links",
        "related content",
        "see also",
        "share",
        "print",
        "print version",
        "back to top",
        "tags",
        "end",
        "###",
        "# # #",
        "***",
    )
)
_CLOCK = r"\d{1,2}[:.]\d{2}(?:\s?[AP]\.?M\.?)?(?:\s\(?[\w .]{1,20}\)?)?"
_TIME_LINE = re.compile(rf"(?:END\s+)?\(?{_CLOCK}\)?(?:\s?[-–—]\s?{_CLOCK})?|END", re.IGNORECASE)
_DIRECTION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\*[^*]*\*")
_LANGUAGE_SWITCH = re.compile(r"(?:[a-z]{2}-[A-Z]{2}\d*\s*){1,12}")
_SENTENCE_END = re.compile(r"[.!?…;,:—–。！？।؟][\"'”’»)\]*_]*$")
_MAX_HEADER_WORDS = 60
_MAX_FURNITURE_WORDS = 10


@dataclass(frozen=True, slots=True)
class RawTurn:
    """A label, if there was one, and the folded paragraphs under it."""

    label: Label | None
    paragraphs: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """A document on its way from blocks to turns."""

    title: str | None = None
    date: dt.date | None = None
    turns: list[RawTurn] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def drop(self, block: Block, reason: str) -> None:
        self.dropped.append(Dropped(block.line, fold(block.text), reason))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with the label found on it; `text` is what follows the label."""

    block: Block
    label: Label | None
    text: str


def read_prose(blocks: Sequence[Block], metadata: Metadata) -> Draft:
    """Title, date and raw turns of a document in blocks; whatever is not speech is dropped."""
    draft = Draft(title=metadata.title, date=metadata.date)
    pieces = _read_labels(blocks)
    first_label = next((at for at, piece in enumerate(pieces) if piece.label), len(pieces))
    start = _read_header(pieces, first_label, draft)
    end = _find_tail(pieces, max(start, first_label + 1), draft)
    _read_turns(pieces[start:end], draft)
    if draft.date is None and draft.title and (found := find_date(draft.title)):
        draft.date = found[0]
    draft.dropped.sort(key=lambda dropped: dropped.line)
    return draft


def _read_labels(blocks: Sequence[Block]) -> list[_Piece]:
    """Takes the labels off; joins again what was split at something that is no label."""
    accepted = _speaker_keys(blocks)
    pieces: list[_Piece] = []
    for block in blocks:
        label, text = _label_of(block)
        if label is not None and label.key not in accepted:
            label, text = None, block.text
        if block.continues and label is None and pieces and block.kind is Kind.TEXT:
            last = pieces.pop()
            pieces.append(_Piece(last.block, last.label, f"{last.text}\n{text}"))
        else:
            pieces.append(_Piece(block, label, text))
    return pieces


def _label_of(block: Block) -> tuple[Label | None, str]:
    if block.label is not None:
        return read_label(block.label), block.text
    if block.kind is Kind.HEADING:
        return None, block.text
    found = split_label(block.text)
    if found is None or found[1].startswith(("http://", "https://", "www.")):
        return None, block.text
    return found


def _speaker_keys(blocks: Sequence[Block]) -> set[str]:
    """Which of the labels in a document are speakers.

    'Bottom line:' and 'Ukraine:' look like labels; but a document writes its labels in one
    style, and nearly all speakers speak more than once.
    """
    labels = [(block, label) for block in blocks if (label := _label_of(block)[0])]
    counts = Counter(label.key for _, label in labels)
    marked = {label.key for block, label in labels if block.label is not None}
    upper = sum(label.style is Style.UPPER for _, label in labels)
    title = sum(label.style is Style.TITLE and not label.asks for _, label in labels)
    house = Style.UPPER if upper and (not title or 6 <= upper * 2 >= title) else Style.TITLE
    in_style = [
        label
        for _, label in labels
        if label.style is house and (not label.is_header_key or counts[label.key] > 1)
    ]
    single = len(in_style) > 1 and sum(" " not in label.key for label in in_style) * 2 > len(
        in_style
    )
    accepted = {label.key for label in in_style if _stands_alone(label, counts, single)}
    accepted |= {key for key in marked if counts[key] > 1 or len(key.split()) <= 4}
    known = {word for label in in_style if label.key in accepted for word in _words(label)}
    asked = any(label.asks for _, label in labels)
    for _, label in labels:
        if label.asks or (label.replies and asked) or (not label.is_role and _words(label) & known):
            accepted.add(label.key)
    return accepted


def _words(label: Label) -> set[str]:
    note = {label.note.casefold()} if label.note else set()
    return {label.key.split()[-1], *note}


def _stands_alone(label: Label, counts: Counter[str], single: bool) -> bool:
    """Whether a label in the document's style is a speaker: one-word labels are, as a rule,
    only if they come again ('Ukraine:'), or where most labels are single words."""
    words = label.key.split()
    if counts[label.key] > 1 or label.note or any(word in ROLE_WORDS for word in words):
        return True
    if len(words) == 1:
        # 'MODERTOR:' is a slip of the pen, 'COVID:' is not.
        return single or bool(get_close_matches(words[0], ROLE_WORDS, n=1, cutoff=0.8))
    return len(words) <= 4


def _read_header(pieces: Sequence[_Piece], first_label: int, draft: Draft) -> int:
    """Reads title and date above the speech; returns where the speech begins."""
    for at, piece in enumerate(pieces[:first_label]):
        block, text = piece.block, fold(piece.text)
        dated = find_date(text)
        if _LANGUAGE_SWITCH.fullmatch(text):
            draft.drop(block, "language switch")
        elif block.kind is Kind.ITEM and not draft.turns:
            draft.drop(block, "list above the speech")
        elif dated and len(text) - (dated[2] - dated[1]) <= 24:
            draft.date = draft.date or dated[0]
            draft.drop(block, "date line")
        elif _TIME_LINE.fullmatch(text):
            draft.drop(block, "time line")
        elif block.kind is Kind.HEADING or _is_header_line(text):
            if draft.title is None:
                draft.title = text
            elif text != draft.title:
                draft.drop(block, "line above the speech")
        elif (header := split_label(text)) and header[0].is_header_key and len(header[1]) < 200:
            draft.date = draft.date or (dated[0] if dated else None)
            draft.drop(block, "field above the speech")
        elif _DIRECTION.fullmatch(text):
            draft.drop(block, "stage direction")
        else:
            return at
    return first_label


def _is_header_line(text: str) -> bool:
    return len(text.split()) <= _MAX_HEADER_WORDS and not _SENTENCE_END.search(text)


def _find_tail(pieces: Sequence[_Piece], speech_from: int, draft: Draft) -> int:
    """Where the furniture below the speech begins: a mark that only furniture follows."""
    end = len(pieces)
    for at in range(len(pieces) - 1, speech_from - 1, -1):
        piece = pieces[at]
        text = fold(piece.text)
        mark = text.casefold().rstrip(":") in _END_MARKS
        if piece.label is not None or not (mark or _is_furniture(piece, text)):
            break
        if mark or piece.block.kind is Kind.ITEM or _TIME_LINE.fullmatch(text):
            end = at
    for piece in pieces[end:]:
        draft.drop(piece.block, "furniture below the speech")
    return end


def _is_furniture(piece: _Piece, text: str) -> bool:
    if piece.block.kind in (Kind.ITEM, Kind.HEADING) or _TIME_LINE.fullmatch(text):
        return True
    return len(text.split()) <= _MAX_FURNITURE_WORDS and not _SENTENCE_END.search(text)


def _read_turns(pieces: Sequence[_Piece], draft: Draft) -> None:
    label: Label | None = None
    paragraphs: list[str] = []

    def close() -> None:
        if paragraphs:
            draft.turns.append(RawTurn(label, tuple(paragraphs)))
            paragraphs.clear()

    for piece in pieces:
        if piece.label is not None:
            close()
            label = piece.label
        text = fold(piece.text)
        reason = _not_speech(piece, text)
        if reason:
            draft.drop(piece.block, reason)
        elif text:
            paragraphs.append(text)
    close()


def _not_speech(piece: _Piece, text: str) -> str | None:
    if piece.block.kind is Kind.HEADING:
        return "heading"
    if _DIRECTION.fullmatch(text):
        return "stage direction"
    if piece.label is None and _TIME_LINE.fullmatch(text):
        return "time line"
    return None
