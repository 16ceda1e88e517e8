"""A condition on passages, in a form that every part of the search can read.

Knows numbers and keys; where they come from is the business of filters and clues.
"""

from dataclasses import dataclass
from typing import TypeVar

from indexer.transcript import Role

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Where:
    """What a passage must be: of one of these, in every part that is given; None allows all.

    `speakers` are keys of names (see `records.speaker_key`), `transcripts` numbers in the database.
    """

    roles: frozenset[Role] | None = None
    speakers: frozenset[str] | None = None
    transcripts: frozenset[int] | None = None

    def __and__(self, other: "Where") -> "Where":
        """Both hold."""
        return Where(
            _both(self.roles, other.roles),
            _both(self.speakers, other.speakers),
            _both(self.transcripts, other.transcripts),
        )


EVERYWHERE = Where()


def _both(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
