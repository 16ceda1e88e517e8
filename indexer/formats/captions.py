"""Cues → turns: who has the floor from row to row, told by voices, labels, dashes and '>>'.

A change of speaker without a name leaves the words to nobody. Reading cues is `cues`' work, their
order `cueorder`'s, which labels of a document may be speakers `labelling`'s.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.formats.blocks import Block, Draft, Dropped
from indexer.formats.cueorder import in_order, without_repeats
from indexer.formats.cues import Cue, Slips
from indexer.formats.cuetext import Row, ends_sentence, is_direction, mark_changes, read_rows
from indexer.formats.labelling import Piece, read_labels
from indexer.formats.segments import Segment, turns_of_segments
from indexer.labels import ROLE_WORDS, Label, read_label
from indexer.sentences import sentences

_IN_BRACKETS = re.compile(r"\[([^\[\]]{1,60})\]\s*:?\s*")
_PREFIX = re.compile(r"([^\s:][^:]{0,39}):\s+(?=\S)")
_CREDIT = re.compile(
    r"(?:downloaded from|subtitles? (?:by|from)|(?:closed )?caption\w* (?:\w+ )?by)\s.{1,80}",
    re.IGNORECASE,
)
_PEOPLE = ROLE_WORDS | frozenset("man woman boy girl child children men women crowd both".split())
_SOUNDS = frozenset(
    "music applause laughter laughs chuckles sighs cheers noise silence inaudible crosstalk "
    "unintelligible indistinct foreign beep bleep música aplausos risas musique applaudissements "
    "rires musik applaus gelächter lachen musica applausi risate".split()
)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A row with the cue it stands in."""

    row: Row
    cue: Cue


@dataclass(frozen=True, slots=True)
class _Head:
    """What the front of a row tells of its speaker, and the words behind it.

    `name` is None where somebody else may speak, but who cannot be told. `brief` says that it
    names whoever speaks this sentence, off the screen, and not all that follows.
    """

    name: str | None
    text: str
    change: bool = False
    brief: bool = False


def read_captions(cues: Sequence[Cue], draft: Draft, slips: Slips) -> Draft:
    """Fills the turns of a draft from its cues, and its warnings from the slips."""
    ordered = in_order(cues, slips)
    shown, repeated = without_repeats(ordered, [read_rows(cue, slips) for cue in ordered])
    rows = [
        _Spoken(row, cue)
        for cue, rows in zip(ordered, shown, strict=True)
        for row in mark_changes(rows)
    ]
    draft.turns = turns_of_segments(_segments(rows, draft))
    if repeated:
        reason = f"lines that roll-up captions show again: {repeated}, each read once"
        draft.dropped.append(Dropped(ordered[0].line, "", reason))
    draft.dropped.sort(key=lambda dropped: dropped.line)
    draft.warnings += slips.warnings()
    return draft


def _segments(rows: Sequence[_Spoken], draft: Draft) -> list[Segment]:
    heads = _find_heads(rows)
    holds_voice, holds_dash = _voices_hold(rows), _dashes_hold(rows)
    segments: list[Segment] = []
    floor: str | None = None
    change = False
    brief: Cue | None = None
    for at, (spoken, head) in enumerate(zip(rows, heads, strict=True)):
        row, cue, text = spoken.row, spoken.cue, spoken.row.text
        ended = brief is not None and brief is not cue and ends_sentence(rows[at - 1].row.text)
        if row.change or ended or (row.voice is None and _closes(rows, at)):
            floor, brief = None, None
        change = change or row.change
        if row.voice is not None:
            floor, brief = row.voice.name, None
        elif head is not None:
            floor, text = head.name, head.text
            change = change or head.change
            brief = cue if head.brief and not (holds_dash and row.dashed) else None
        elif reason := _not_speech(text, at_end=cue is rows[0].cue or cue is rows[-1].cue):
            draft.dropped.append(Dropped(row.line, text, reason))
            continue
        for start, end in sentences(text):
            segments.append(Segment(text[start:end], cue.start_s, cue.end_s, floor, change))
            change = False
        if row.voice is not None and not holds_voice:
            floor = None
    return segments


def _not_speech(text: str, *, at_end: bool) -> str | None:
    """Why a row without a name is not speech; credits stand in the first or the last cue."""
    if is_direction(text):
        return "stage direction"
    return "credit of the captions" if at_end and _CREDIT.fullmatch(text) else None


def _closes(rows: Sequence[_Spoken], at: int) -> bool:
    """Whether the row above was the end of a closed voice."""
    above = rows[at - 1].row.voice if at else None
    return above is not None and above.closed


def _voices_hold(rows: Sequence[_Spoken]) -> bool:
    """Whether a voice goes on in the cues below it without being tagged again.

    Not where neighbouring cues are tagged with one name: there every cue is, or nobody is known.
    """
    return not any(
        one.cue is not two.cue
        and one.row.voice is not None
        and two.row.voice is not None
        and one.row.voice.name == two.row.voice.name
        for one, two in pairwise(rows)
    )


def _dashes_hold(rows: Sequence[_Spoken]) -> bool:
    """Whether a dash stands at every change of speaker, and not only for two in one cue."""
    dashed = Counter(id(spoken.cue) for spoken in rows if spoken.row.dashed)
    return sum(count == 1 for count in dashed.values()) * 2 >= max(2, len(dashed))


def _find_heads(rows: Sequence[_Spoken]) -> list[_Head | None]:
    heads = _bracketed(rows)
    free = [
        at
        for at, (spoken, head) in enumerate(zip(rows, heads, strict=True))
        if head is None and spoken.row.voice is None and not is_direction(spoken.row.text)
    ]
    pieces = read_labels([Block(rows[at].row.text, rows[at].row.line) for at in free])
    sure = _sure_labels([rows[at].row for at in free], pieces)
    for at, piece in zip(free, pieces, strict=True):
        label = piece.label
        if label is not None and label.key in sure:
            heads[at] = _Head(_shown(label), piece.text, change=label.asks)
        elif label is None and piece.doubtful and sure:
            heads[at] = _Head(None, rows[at].row.text, change=True)
    _fill(heads, rows)
    return heads


def _fill(heads: list[_Head | None], rows: Sequence[_Spoken]) -> None:
    """Where every cue has a label, what has none is nobody's, not the speaker's above.

    'lee wong:' and 'iPhone (3):' are no labels in running text; here they are if they come again.
    """
    starts = [at for at in range(len(rows)) if not at or rows[at].cue is not rows[at - 1].cue]
    told = [head if (head := heads[at]) and head.name and not head.brief else None for at in starts]
    again = any(
        one and two and one.name == two.name and not two.change for one, two in pairwise(told)
    )
    # Three cues are no habit yet.
    filled = len(starts) > 3 and all(_PREFIX.match(rows[at].row.text) for at in starts)
    if not (again or filled) or sum(head is not None for head in told) * 2 < len(told):
        return
    prefixes = {at: found for at in starts if (found := _PREFIX.match(rows[at].row.text))}
    counts = Counter(found[1] for found in prefixes.values())
    for at in starts:
        row = rows[at].row
        if heads[at] is None and row.voice is None and not is_direction(row.text):
            found = prefixes.get(at)
            known = found is not None and counts[found[1]] > 1
            text = row.text[found.end() :] if found and known else row.text
            heads[at] = _Head(found[1] if found and known else None, text, change=not known)


def _shown(label: Label) -> str:
    return f"{label.name} ({label.note})" if label.note else label.name


def _sure_labels(rows: Sequence[Row], pieces: Sequence[Piece]) -> set[str]:
    """Of the labels that `labelling` accepts, those that are speakers in captions too.

    A row begins anywhere in a sentence, and most captions have no labels: so a label that stands
    once needs a mark before it, or others that come again and the end of a sentence above.
    """
    counts = Counter(piece.label.key for piece in pieces if piece.label)
    opened = bool(pieces) and pieces[0].label is not None
    labelled = opened or any(count > 1 for count in counts.values())
    labelled = labelled and not _is_shouted(rows)
    sure = {key for key, count in counts.items() if count > 1}
    for at, (row, piece) in enumerate(zip(rows, pieces, strict=True)):
        after_stop = at == 0 or ends_sentence(rows[at - 1].text)
        if piece.label and (row.change or (labelled and after_stop)):
            sure.add(piece.label.key)
    return sure


def _is_shouted(rows: Sequence[Row]) -> bool:
    """Whether all is written in capitals, as live captions are: then labels are, too."""
    shouted = sum(row.text == row.text.upper() != row.text.lower() for row in rows)
    return shouted * 5 > len(rows) * 4


def _bracketed(rows: Sequence[_Spoken]) -> list[_Head | None]:
    """'[Alba] In 1928' names who speaks, '[Laughs] In 1928' does not.

    Sure of a name only where it is a role, is spoken of, or where sounds are written small.
    """
    texts = [spoken.row.text for spoken in rows]
    cues = Counter(id(spoken.cue) for spoken in rows)
    whole = [
        spoken.row.text.strip("[]. ")
        for spoken in rows
        if cues[id(spoken.cue)] == 1 and is_direction(spoken.row.text)
    ]
    small = sum(text[:1].islower() for text in whole)
    by_case = small > 4 * sum(text[:1].isupper() for text in whole)
    no_names = _SOUNDS | {text.casefold() for text in whole}
    shouted = _is_shouted([spoken.row for spoken in rows])
    mentioned = set() if shouted else {word for text in texts for word in _capitalised(text)}
    heads: list[_Head | None] = []
    for at, (row, cue) in enumerate((spoken.row, spoken.cue) for spoken in rows):
        found = _IN_BRACKETS.match(row.text) if row.voice is None else None
        label = read_label(found[1]) if found else None
        heads.append(None)
        if found is None or label is None or _is_sound(label, no_names):
            continue
        text = row.text[found.end() :]
        above_words = at + 1 < len(rows) and rows[at + 1].cue is cue
        words = label.key.split()
        known = by_case or row.dashed or bool({words[0], words[-1]} & (mentioned | _PEOPLE))
        if known and (text or above_words):
            heads[at] = _Head(_shown(label), text, brief=True)
    return heads


def _is_sound(label: Label, no_names: set[str] | frozenset[str]) -> bool:
    words = label.key.split()
    return label.key in no_names or any(w in _SOUNDS or w.endswith("ing") for w in words)


def _capitalised(text: str) -> set[str]:
    """Words within a row that begin with a capital, as names do."""
    return {w.strip(".,;:!?…\"'").casefold() for w in text.split()[1:] if w[0].isupper()}
