"""Which labels of a document are speakers, and the blocks with those labels taken off.

A document writes its labels in one style, and nearly all speakers speak more than once; so
'Bottom line:' and 'Ukraine:' are no speakers. Who the speakers are is `speakers`' work.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from indexer.formats.blocks import Block, Kind
from indexer.labels import ROLE_WORDS, Label, Style, read_label, split_label, strip_time

_CLOCK_BEFORE = re.compile(r"\d{1,2}:\d{2}\s?[AP]\.?M\.?\s[A-Z]{2,4}\s+(?=\S)")
# A one-off label of this many words may still be a speaker; a longer one is a heading.
_MAX_ONE_OFF_WORDS = 4
_MAX_FIELD_WORDS = 8
_OPENING_MARKS = "¿¡“‘«\"'([—–-… "
# 'On Gaza:' opens a subject.
_OPENERS = frozenset(
    "a about across after also and as at before but by finally first for from here her his if in "
    "last my next no now of on or our over second so that the their then these third this to under "
    "what when where who why with yes your".split()
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with the label found on it; `text` is what follows the label.

    `doubtful` says that somebody else perhaps speaks here, but who cannot be told: the words are
    nobody's rather than the speaker's above, who goes on after them. `at_s` is the time code that
    stood before the words, in seconds.
    """

    block: Block
    label: Label | None
    text: str
    doubtful: bool = False
    at_s: float | None = None


def read_labels(blocks: Sequence[Block]) -> list[Piece]:
    """Takes the labels off; joins again what was split at something that is no label."""
    timed = [_without_time(block) for block in blocks]
    labelled = [(block, *_label_of(block)) for block in timed]
    house = _house_style([label for _, label, _ in labelled if label])
    candidates = [(b, label) for b, label, _ in labelled if label and not label.never_speaks]
    accepted = _accept(candidates, house)
    pieces: list[Piece] = []
    for block, found, rest in labelled:
        label, text, doubtful = found, rest, False
        if label is not None and label.key not in accepted:
            doubtful = block.label is None and _is_doubtful(label, rest, house)
            label, text = None, _whole(block)
        elif label is not None and label.is_strong:
            label, text = _innermost(label, text, accepted)
        if block.continues and label is None and not doubtful and pieces:
            last = pieces.pop()
            pieces.append(replace(last, text=f"{last.text}\n{text}"))
        else:
            at_s = found.at_s if found and label else None
            pieces.append(Piece(block, label, text, doubtful, at_s))
    return pieces


def _without_time(block: Block) -> Block:
    """Takes a time code off the front: '[00:01:23] Anna: Hi.'"""
    at_s, rest = strip_time(block.text)
    if at_s is None or not rest or block.kind is not Kind.TEXT:
        return block
    return replace(block, text=rest, start_s=at_s)


def _label_of(block: Block) -> tuple[Label | None, str]:
    if block.label is not None:
        return read_label(block.label), block.text
    if block.kind is Kind.HEADING:
        label = read_label(block.text)
        return label, "" if label else block.text
    text = _CLOCK_BEFORE.sub("", block.text, count=1) if block.text[:1].isdigit() else block.text
    found = split_label(text)
    if found is None or found[1].startswith(("http://", "https://", "www.")):
        return None, block.text
    return (None, block.text) if is_field(*found) else found


def is_field(label: Label, text: str) -> bool:
    """Whether 'INTERVIEWER: Ann Berg' or 'DATE: 7 May' tells a fact: a few words and no stop."""
    words = len(text.split())
    return label.is_header_key and 0 < words <= _MAX_FIELD_WORDS and text[-1] not in ".!?…"


def _whole(block: Block) -> str:
    """All words of a block whose label was none."""
    if block.label is None:
        return block.text
    return f"{block.label}: {block.text}" if block.text else block.label


def _innermost(label: Label, text: str, accepted: set[str]) -> tuple[Label, str]:
    """'Q  MR. KIRBY:  So' is Kirby's: of two labels running the inner one speaks."""
    while (inner := split_label(text)) and inner[0].is_strong and inner[0].key in accepted:
        if inner[0] == label and label.style is Style.LETTER:
            break  # 'A. A. Street, number 4.'
        label, text = inner
    return label, text


def _house_style(labels: Sequence[Label]) -> Style:
    upper = sum(label.style in (Style.UPPER, Style.STOPPED) for label in labels)
    title = sum(label.style is Style.TITLE and not label.asks for label in labels)
    return Style.UPPER if upper and (not title or 6 <= upper * 2 >= title) else Style.TITLE


def _accept(labels: Sequence[tuple[Block, Label]], house: Style) -> set[str]:
    """Keys of the labels that are speakers."""
    plain = [(b, label) for b, label in labels if b.kind is not Kind.HEADING and not _is_bare(b)]
    counts = Counter(label.key for _, label in labels)
    in_style = [
        label
        for block, label in plain
        if block.label is None
        and (label.style is house or (label.style is Style.STOPPED and house is Style.UPPER))
        and (not label.is_header_key or counts[label.key] > 1)
    ]
    one_word = sum(" " not in label.key for label in in_style)
    single = len(in_style) > 1 and one_word * 2 > len(in_style)
    # Among people who come again, 'Remember:' is a word of one of them.
    if house is Style.TITLE and sum(counts[key] > 1 for key in {la.key for la in in_style}) > 1:
        single = False
    accepted = {label.key for label in in_style if _stands_alone(label, counts, single)}
    accepted |= {
        label.key
        for block, label in labels
        if (block.label is not None or block.kind is Kind.HEADING)
        and (counts[label.key] > 1 or _is_sure(block, label))
    }
    accepted |= _accept_headings(labels, accepted)
    asked = any(label.asks for _, label in plain)
    for _, label in plain:
        if label.asks or (label.replies and asked and counts[label.key] > 1):
            accepted.add(label.key)
    known = {word for _, label in plain if label.key in accepted for word in _words(label)}
    return accepted | {
        label.key for _, label in plain if not label.is_role and _words(label) & known
    }


def _accept_headings(labels: Sequence[tuple[Block, Label]], accepted: set[str]) -> set[str]:
    """Names in headings of a level at which others are speakers, or say that they ask."""
    headings = [(block.markup, label) for block, label in labels if block.kind is Kind.HEADING]
    levels = {level for level, label in headings if label.key in accepted or label.asks}
    return {
        label.key
        for level, label in headings
        if level in levels and len(label.key.split()) <= _MAX_ONE_OFF_WORDS
    }


def _is_bare(block: Block) -> bool:
    """Whether the block is nothing but a name in bold: a label perhaps, or a heading."""
    return block.label is not None and not block.text


def _is_sure(block: Block, label: Label) -> bool:
    """A bold label before its words, that stands once, in running text."""
    words = len(label.key.split())
    return block.kind is Kind.TEXT and not _is_bare(block) and words <= _MAX_ONE_OFF_WORDS


def _words(label: Label) -> set[str]:
    note = {label.note.casefold()} if label.note else set()
    return {label.key.split()[-1], *note}


def _stands_alone(label: Label, counts: Counter[str], single: bool) -> bool:
    """Whether a label in the document's style is a speaker: one-word labels are, as a rule,
    only if they come again ('Ukraine:'), or where most labels are single words."""
    words = label.key.split()
    if counts[label.key] > 1:
        return True
    if label.style is Style.STOPPED:
        return False
    if label.note or any(word in ROLE_WORDS for word in words):
        return True
    if len(words) == 1:
        # 'MODERTOR:' is a slip of the pen, 'COVID:' is not.
        return single or bool(get_close_matches(words[0], ROLE_WORDS, n=1, cutoff=0.8))
    return len(words) <= _MAX_ONE_OFF_WORDS


def _is_doubtful(label: Label, text: str, house: Style) -> bool:
    """Whether a label that was not accepted still looks so like one that somebody else may speak:
    'BIDEN: I disagree.' or 'Jane Doe: I disagree.', once, among labels in capitals."""
    words = label.name.split()
    opener = words[0].casefold() in _OPENERS
    begins = text.lstrip(_OPENING_MARKS)[:1].isupper() or text[:1].isdigit()
    if label.is_header_key or opener or not begins:
        return False
    if house is not Style.UPPER:
        return label.style is Style.TITLE and all(word[0].isupper() for word in words)
    return label.style is Style.UPPER or (
        1 < len(words) <= 3 and all(word[0].isupper() for word in words)
    )
