"""Time codes of the recording in running text: put on the words that follow, kept in order.

'[00:01:02]' on a line of its own times what comes next; '<T: 15 min>' within a sentence is no
word of it. Reading a code off the front of a paragraph is `labels`' and `labelling`'s work.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.formats.blocks import Block, Draft, Dropped, RawParagraph
from indexer.labels import read_label, split_label, split_time

_TAPE_MARK = re.compile(r"\s?<T: ?\d{1,4} ?min(?:utes)?>")


def put_on_words(blocks: Sequence[Block]) -> tuple[list[Block], list[Dropped]]:
    """Blocks with the times that stood above them, and the codes that are no longer text."""
    timed: list[Block] = []
    dropped: list[Dropped] = []
    pending: float | None = None
    for block in blocks:
        marks = _TAPE_MARK.findall(block.text)
        dropped += [Dropped(block.line, mark.strip(), "time code") for mark in marks]
        text = _TAPE_MARK.sub("", block.text) if marks else block.text
        start_s, rest = split_time(text)
        if start_s is not None and not rest and block.label is None:
            dropped.append(Dropped(block.line, text.strip(), "time code"))
            pending = start_s
            continue
        known = block.start_s if block.start_s is not None else pending
        # What a time parts from the words above does not go on with them.
        continues = block.continues and pending is None
        timed.append(replace(block, text=text, start_s=known, continues=continues))
        pending = _time_of_name(timed[-1])
    return timed, dropped


def _time_of_name(block: Block) -> float | None:
    """The time of a paragraph that is nothing but who speaks and when: 'Anna Berg   0:03'."""
    if block.label is not None:
        label, words = read_label(block.label), block.text
    else:
        label, words = split_label(block.text) or (None, "")
    if label is None or words:
        return None
    return label.at_s if label.at_s is not None else block.start_s


def keep_forward(draft: Draft) -> None:
    """Leaves out times that run backwards, with a warning: a slip alone, or all after a new start.

    Where a second tape counts from nought again, its times are none of the first recording.
    """
    paragraphs = [paragraph for turn in draft.turns for paragraph in turn.paragraphs]
    timed = [paragraph for paragraph in paragraphs if paragraph.start_s is not None]
    kept: list[RawParagraph] = []
    for at, paragraph in enumerate(timed):
        start_s = _start(paragraph)
        if not kept or start_s >= _start(kept[-1]):
            kept.append(paragraph)
        elif at + 1 < len(timed) and _start(timed[at + 1]) >= _start(kept[-1]):
            draft.warnings.append(f"{_place(paragraph)}: a time before the one above: left out")
        elif len(kept) > 1 and start_s >= _start(kept[-2]):
            slip = kept.pop()
            draft.warnings.append(f"{_place(slip)}: a time after the ones below: left out")
            kept.append(paragraph)
        else:
            draft.warnings.append(
                f"{_place(paragraph)}: the times begin anew: from here on they are left out"
            )
            break
    good = {id(paragraph) for paragraph in kept}
    draft.turns = [
        replace(
            turn,
            paragraphs=tuple(one if id(one) in good else _untimed(one) for one in turn.paragraphs),
        )
        for turn in draft.turns
    ]


def _start(paragraph: RawParagraph) -> float:
    return paragraph.start_s or 0.0


def _untimed(paragraph: RawParagraph) -> RawParagraph:
    return replace(paragraph, start_s=None, end_s=None)


def _place(paragraph: RawParagraph) -> str:
    return f"page {paragraph.page}" if paragraph.page else f"line {paragraph.line}"
