"""JSON of Oyez, oral arguments of the Supreme Court: sections, turns, blocks with times.

The source says who sits on the bench; there the asking is done, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from indexer.dates import find_date
from indexer.formats.blocks import Draft, RawTurn
from indexer.formats.loading import fit
from indexer.formats.segments import Segment, raw_turn
from indexer.formats.shapes import Shape, Text, Time
from indexer.formats.words import paragraphs_of
from indexer.transcript import Role, Speaker, fold

# A justice's remark of so many words, to which counsel replies, is put to counsel.
_REMARK_WORDS = 12


class _Office(Shape):
    type: Text | None = None


class _Speaker(Shape):
    name: Text | None = None
    roles: tuple[_Office, ...] | None = None

    @property
    def on_bench(self) -> bool:
        return any(office.type == "scotus_justice" for office in self.roles or ())


class _Block(Shape):
    text: Text
    start: Time = None
    stop: Time = None


class _Turn(Shape):
    speaker: _Speaker | None = None
    text_blocks: tuple[_Block, ...]

    @property
    def text(self) -> str:
        return " ".join(block.text for block in self.text_blocks)


class _Section(Shape):
    turns: tuple[_Turn, ...]


class _Argument(Shape):
    title: Text | None = None
    sections: tuple[_Section, ...]


class _Oyez(Shape):
    title: Text | None = None
    transcript: _Argument


def read_oyez(root: Mapping[str, Any], source: str, draft: Draft) -> None:
    """Puts an argument into the draft: the case is its title, the recording's tells the date."""
    read = fit(_Oyez, root, source)
    dated = find_date(read.title or "")
    draft.title = fold(read.transcript.title or "") or draft.title
    draft.date = draft.date or (dated[0] if dated else None)
    for section in read.transcript.sections:
        roles = _roles(section.turns)
        for turn, role in zip(section.turns, roles, strict=True):
            name = turn.speaker.name if turn.speaker else None
            blocks = [Segment(block.text, block.start, block.stop) for block in turn.text_blocks]
            if paragraphs := paragraphs_of(blocks):
                draft.turns.append(_by_person(raw_turn(name, paragraphs, role)))


def _roles(turns: Sequence[_Turn]) -> list[Role | None]:
    """Roles of a section's turns; None where counsel may be answering. Who is not named does not.

    A section begins with the calling of a case or counsel's opening and ends with thanks.
    """
    benched = [turn.speaker is not None and turn.speaker.on_bench for turn in turns]
    roles: list[Role | None] = []
    opened = False
    for at, turn in enumerate(turns):
        replied = opened and at + 1 < len(turns) and not benched[at + 1]
        long = len(turn.text.split()) >= _REMARK_WORDS
        if turn.speaker is None:
            roles.append(Role.QUESTION if "?" in turn.text else Role.STATEMENT)
        elif not benched[at]:
            roles.append(None if opened else Role.STATEMENT)
            opened = True
        else:
            asks = "?" in turn.text or (replied and long)
            roles.append(Role.QUESTION if asks else Role.STATEMENT)
    return roles


def _by_person(turn: RawTurn) -> RawTurn:
    """Oyez writes every name in full: no two of them are one person."""
    label = turn.label
    if label is None or label.is_role:
        return turn
    return RawTurn(None, turn.paragraphs, Speaker(label.name), turn.role)
