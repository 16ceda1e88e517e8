"""Who speaks: raw turns → speakers with one name each, roles, and questions tied to answers.

A wrong speaker is worse than none: two labels are one person only where nothing speaks
against it, and words without a label get a speaker only where the title names the host.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.cast import read_cast
from indexer.formats.blocks import Draft, RawTurn
from indexer.roles import SpokenTurn, assign_roles
from indexer.transcript import Paragraph, Speaker, Turn


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A raw turn with its speaker."""

    speaker: Speaker | None
    raw: RawTurn


def build_turns(draft: Draft) -> list[Turn]:
    """Turns with speakers, roles and numbered paragraphs.

    Neighbouring raw turns of one named speaker are one turn.
    """
    cast = read_cast(draft.turns, draft.title or "", draft.names)
    spoken = _merge_neighbours([_Spoken(cast.speaker_of(raw), raw) for raw in draft.turns])
    roles = assign_roles(
        [SpokenTurn(one.speaker, one.raw.label, one.raw.role, texts_of(one.raw)) for one in spoken]
    )
    turns: list[Turn] = []
    number = 0
    for at, (one, (role, answers)) in enumerate(zip(spoken, roles, strict=True), start=1):
        paragraphs = tuple(
            Paragraph(number + n, raw.text, raw.start_s, raw.end_s, raw.page)
            for n, raw in enumerate(one.raw.paragraphs, start=1)
        )
        number += len(paragraphs)
        turns.append(Turn(at, one.speaker, role, paragraphs, answers))
    return turns


def texts_of(raw: RawTurn) -> tuple[str, ...]:
    return tuple(paragraph.text for paragraph in raw.paragraphs)


def _merge_neighbours(spoken: Sequence[_Spoken]) -> list[_Spoken]:
    """One turn of what one named person says twice running; two 'Question:' stay two."""
    runs: list[list[_Spoken]] = []
    for one in spoken:
        last = runs[-1][-1] if runs else None
        same = last is not None and one.speaker == last.speaker and one.raw.role is last.raw.role
        if same and one.speaker is not None and one.speaker.named:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [_joined(run) for run in runs]


def _joined(run: Sequence[_Spoken]) -> _Spoken:
    if len(run) == 1:
        return run[0]
    paragraphs = tuple(paragraph for one in run for paragraph in one.raw.paragraphs)
    return replace(run[0], raw=replace(run[0].raw, paragraphs=paragraphs))
