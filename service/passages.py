"""Passages by their ids: what stands around them, and what a citation of them needs.

Reads the library; searches nothing and knows no form of output.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.library import Library
from indexer.lookup import headings
from indexer.spoken import Stretch
from indexer.transcript import Paragraph, Passage, Turn
from service.citations import paragraph_href


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph, and the turn that it belongs to."""

    turn: Turn
    paragraph: Paragraph


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage with what stands over it; `turn` has the passage's paragraphs, or more."""

    passage: Passage
    title: str
    date: dt.date | None
    turn: Turn

    @property
    def href(self) -> str:
        """Where the first paragraph stands in the web page."""
        return paragraph_href(self.passage.transcript_id, self.passage.first_paragraph)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A passage, its whole paragraphs, and those of the transcript before and after, in order."""

    quoted: Quoted
    before: tuple[Said, ...]
    paragraphs: tuple[Said, ...]
    after: tuple[Said, ...]


def surroundings(library: Library, passage_id: str, context: int) -> Surroundings:
    """The passage with up to `context` paragraphs before and after; raises NotFound."""
    with library.read():
        passage = library.passage(passage_id)
        document = library.transcript(passage.transcript_id)
    said = [Said(turn, paragraph) for turn in document.turns for paragraph in turn.paragraphs]
    first, end = passage.first_paragraph - 1, passage.last_paragraph
    turn = document.turns[passage.turn - 1]
    return Surroundings(
        Quoted(passage, document.title, document.date, turn),
        before=tuple(said[max(0, first - context) : first]),
        paragraphs=tuple(said[first:end]),
        after=tuple(said[end : end + context]),
    )


def quoted(library: Library, passage_ids: Sequence[str]) -> list[Quoted]:
    """The passages in the order of the ids, each once; raises NotFound for the first unknown."""
    with library.read() as connection:
        passages = [library.passage(id_) for id_ in dict.fromkeys(passage_ids)]
        stretches = [
            Stretch(one.transcript_id, one.turn, one.first_paragraph, one.last_paragraph)
            for one in passages
        ]
        turns = library.stretches(stretches)
        heads = headings(connection, (one.transcript_id for one in passages))
    return [
        Quoted(passage, *heads[passage.transcript_id], turns[stretch])
        for passage, stretch in zip(passages, stretches, strict=True)
    ]
