"""Blocks of text → a title, a date and raw turns, with page furniture left out.

Decides what is speech and what stands around it; which labels are speakers is `labelling`'s
work, who they are and what their turns do `speakers`'.
"""

import re
from collections.abc import Sequence

from indexer.dates import find_date
from indexer.formats.blocks import Block, Draft, Kind, Metadata, RawParagraph, RawTurn
from indexer.formats.labelling import Piece, is_field, read_labels
from indexer.labels import Label, split_label
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
_NOTES_MARKS = frozenset("notes endnotes footnotes references bibliography".split())
_CLOCK = (
    r"(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?|\d{1,2}[.]\d{2}\s?(?:[AaPp]\.?[Mm]\.?|Uhr|h))"
    r"(?:\s\(?(?:[A-Z]{2,5}|[Ll]ocal(?:\s[Tt]ime)?)\)?)?"
)
_TIME_LINE = re.compile(rf"(?:(?:END|End)\s+)?\(?{_CLOCK}\)?(?:\s?[-–—]\s?{_CLOCK})?|END")
_DIRECTION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\*[^*]*\*")
_LANGUAGE_SWITCH = re.compile(r"(?:[a-z]{2}-[A-Z]{2}\d*\s*){1,12}")
_SENTENCE_END = re.compile(r"[.!?…;,:—–。！？।؟][\"'”’»)\]*_]*$")
_INITIALS_END = re.compile(r"\b[A-Z]\.[A-Z]\.$")
_MAX_HEADER_WORDS = 60
_MAX_FURNITURE_WORDS = 10
_MAX_DIRECTION_WORDS = 40


def read_prose(blocks: Sequence[Block], metadata: Metadata) -> Draft:
    """Title, date and raw turns of a document in blocks; whatever is not speech is dropped."""
    pieces = read_labels(blocks)
    first_label = next((at for at, piece in enumerate(pieces) if piece.label), len(pieces))
    draft = Draft(metadata)
    start = _read_header(pieces, first_label, draft)
    if start == len(pieces) and sum(piece.block.kind is Kind.TEXT for piece in pieces) > 1:
        # All of it looked like a header: then it is speech without stops.
        draft = Draft(metadata)
        start = 1 if metadata.title is None else 0
        _read_header(pieces[:start], start, draft)
    end = _find_tail(pieces, max(start, first_label + 1), draft)
    _read_turns(pieces[start:end], draft)
    if draft.date is None and draft.title and (found := find_date(draft.title)):
        draft.date = found[0]
    draft.dropped.sort(key=lambda dropped: dropped.line)
    return draft


def _read_header(pieces: Sequence[Piece], first_label: int, draft: Draft) -> int:
    """Reads title and date above the speech; returns where the speech begins."""
    for at, piece in enumerate(pieces[:first_label]):
        block, text = piece.block, fold(piece.text)
        dated = find_date(text)
        if _LANGUAGE_SWITCH.fullmatch(text):
            draft.drop(block, "language switch")
        elif block.kind is Kind.ITEM and not draft.turns:
            draft.drop(block, "list above the speech")
        elif (header := split_label(text)) and header[0].is_header_key and len(header[1]) < 200:
            draft.date = draft.date or (dated[0] if dated else None)
            if header[0].key in ("interviewee", "interviewer"):
                draft.names += (header[1],)
            draft.drop(block, "field above the speech")
        elif dated and len(text) - (dated[2] - dated[1]) <= 24 and not text.endswith((".", "!")):
            draft.date = draft.date or dated[0]
            draft.drop(block, "date line")
        elif _TIME_LINE.fullmatch(text):
            draft.drop(block, "time line")
        elif block.kind is Kind.HEADING or _is_header_line(text):
            if draft.title is None:
                draft.title = text
            elif text != draft.title:
                draft.drop(block, "line above the speech")
        elif _is_direction(text):
            draft.drop(block, "stage direction")
        else:
            return at
    return first_label


def _is_header_line(text: str) -> bool:
    ends = _SENTENCE_END.search(text) and not _INITIALS_END.search(text)
    return len(text.split()) <= _MAX_HEADER_WORDS and not ends


def _find_tail(pieces: Sequence[Piece], speech_from: int, draft: Draft) -> int:
    """Where the furniture below the speech begins: a mark that only furniture follows."""
    end = _find_notes(pieces, speech_from)
    for at in range(end - 1, speech_from - 1, -1):
        piece = pieces[at]
        text = fold(piece.text)
        mark = text.casefold().rstrip(":") in _END_MARKS
        if piece.label is not None or not (mark or _is_furniture(piece, text)):
            break
        if mark or _TIME_LINE.fullmatch(text):
            end = at
    for piece in pieces[end:]:
        draft.drop(piece.block, "furniture below the speech")
    return end


def _find_notes(pieces: Sequence[Piece], speech_from: int) -> int:
    """Where notes and references begin that follow the last speaker, else the end."""
    end = len(pieces)
    for at in range(len(pieces) - 1, speech_from - 1, -1):
        if pieces[at].label is not None:
            break
        if fold(pieces[at].text).casefold().rstrip(":") in _NOTES_MARKS:
            end = at
    return end


def _is_furniture(piece: Piece, text: str) -> bool:
    if piece.block.kind in (Kind.ITEM, Kind.HEADING) or _TIME_LINE.fullmatch(text):
        return True
    return len(text.split()) <= _MAX_FURNITURE_WORDS and not _SENTENCE_END.search(text)


def _read_turns(pieces: Sequence[Piece], draft: Draft) -> None:
    label: Label | None = None
    paragraphs: list[RawParagraph] = []

    def close(*, nobody: bool = False) -> None:
        if paragraphs:
            turn = RawTurn(None if nobody else label, tuple(paragraphs), nobody=nobody)
            draft.turns.append(turn)
            paragraphs.clear()

    for piece in pieces:
        text = fold(piece.text)
        reason = _not_speech(piece, text)
        if reason:
            draft.drop(piece.block, reason)
            continue
        if piece.label is not None or piece.doubtful:
            close()
            label = piece.label or label
        if text:
            markup = piece.block.markup if piece.block.kind is Kind.HEADING else ""
            spoken = text if piece.label else f"{markup} {text}".strip()
            block, at_s = piece.block, piece.at_s
            start_s = block.start_s if at_s is None else at_s
            paragraphs.append(RawParagraph(spoken, block.line, start_s, page=block.page))
        if piece.doubtful:
            close(nobody=True)
    close()


def _is_direction(text: str) -> bool:
    """'(Laughter.)'; a long paragraph in brackets is rather something said."""
    return _DIRECTION.fullmatch(text) is not None and len(text.split()) <= _MAX_DIRECTION_WORDS


def _not_speech(piece: Piece, text: str) -> str | None:
    """Why a block is not speech. With a label before it, even '(Inaudible.)' is a turn."""
    if piece.label is not None:
        return None
    if piece.block.kind is Kind.HEADING and not _SENTENCE_END.search(text):
        return "heading"
    if _is_direction(text):
        return "stage direction"
    if _TIME_LINE.fullmatch(text):
        return "time line"
    field = split_label(text)
    if field and field[0].is_strong and is_field(*field):
        return "field"
    return None
