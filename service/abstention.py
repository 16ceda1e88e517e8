"""Why a question is not answered: nobody says so, or nobody whom the filters allow.

To tell the two apart the question is asked again with fewer filters. Knows nothing of how answers
are found and judged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from indexer.filters import Filters
from indexer.library import Library
from indexer.lookup import shown_names
from indexer.records import speaker_key
from indexer.transcript import Hit


class ReasonKind(StrEnum):
    """Why there is no answer."""

    EMPTY_LIBRARY = "empty-library"
    NOTHING_FOUND = "nothing-found"
    NOT_HERE = "not-in-these-transcripts"
    NOT_BY_SPEAKER = "not-by-that-speaker"
    NOT_IN_DATES = "not-in-those-dates"
    NOT_IN_TRANSCRIPTS = "not-in-those-transcripts"
    NOT_IN_ROLE = "not-in-that-role"


@dataclass(frozen=True, slots=True)
class Reason:
    """`detail` is a sentence for people.

    `without` names the filters ("speaker", "dates", "transcript", "role") without which the same
    question is answered; where it takes more than one, `kind` is that of the first.
    """

    kind: ReasonKind
    detail: str
    without: tuple[str, ...] = ()


class _Limit(NamedTuple):
    """A filter, and what its fields are without it."""

    name: str
    kind: ReasonKind
    off: Mapping[str, Any]
    elsewhere: str


_LIMITS = (
    _Limit("speaker", ReasonKind.NOT_BY_SPEAKER, {"speaker": None}, "of others"),
    _Limit("dates", ReasonKind.NOT_IN_DATES, {"date_from": None, "date_to": None}, "of other days"),
    _Limit(
        "transcript",
        ReasonKind.NOT_IN_TRANSCRIPTS,
        {"transcript_ids": frozenset()},
        "of other transcripts",
    ),
    _Limit("role", ReasonKind.NOT_IN_ROLE, {"roles": frozenset()}, "in other roles"),
)


def explain(
    library: Library,
    filters: Filters,
    hits: Sequence[Hit],
    *,
    search: Callable[[Filters], Sequence[Hit]],
    answers: Callable[[Sequence[Hit]], bool],
) -> Reason:
    """Why `hits`, found with the filters, do not answer.

    `search` asks the same question with other filters, `answers` tells whether the first of some
    hits answers. Searches without each filter alone, then without all of them.
    """
    if not hits and not library.stats().transcripts:
        empty = "The library is empty: index transcripts into it first."
        return Reason(ReasonKind.EMPTY_LIBRARY, empty)
    given = [limit for limit in _LIMITS if _is_given(limit, filters)]
    known = {id_ for hit in hits for id_ in _ids(hit)}
    for limits in _loosened(given):
        off = {name: value for limit in limits for name, value in limit.off.items()}
        more = search(replace(filters, **off))
        # What the filters allow is no reason to do without them, even where it now seems surer.
        outside = [_ids(hit).isdisjoint(known) for hit in more]
        if any(outside[:1]) and answers(more):
            count = sum(new and answers(more[at:]) for at, new in enumerate(outside))
            return _only_outside(library, filters, limits, count)
    if not hits:
        within = " is within these limits" if given else " in the library can answer"
        return Reason(ReasonKind.NOTHING_FOUND, f"No passage{within}.")
    limits_too = ", within these limits or without" if given else ""
    return Reason(ReasonKind.NOT_HERE, f"Nobody in these transcripts says so{limits_too}.")


def _is_given(limit: _Limit, filters: Filters) -> bool:
    return any(getattr(filters, name) != value for name, value in limit.off.items())


def _loosened(given: Sequence[_Limit]) -> Iterator[Sequence[_Limit]]:
    """Which filters to leave out: each alone, then all."""
    for limit in given:
        yield [limit]
    if len(given) > 1:
        yield given


def _ids(hit: Hit) -> frozenset[str]:
    return frozenset(passage.id for passage in (hit.passage, *hit.duplicates))


def _only_outside(
    library: Library, filters: Filters, limits: Sequence[_Limit], count: int
) -> Reason:
    names = [limit.name for limit in limits]
    passages = f"{count:,} passage{'' if count == 1 else 's'}"
    elsewhere = limits[0].elsewhere if len(limits) == 1 else "outside of these limits"
    detail = (
        f"{_not_said(library, filters, limits)}; {passages} {elsewhere} may: "
        f"ask without the {' and the '.join(names)}."
    )
    return Reason(limits[0].kind, detail, tuple(names))


def _not_said(library: Library, filters: Filters, limits: Sequence[_Limit]) -> str:
    if len(limits) > 1:
        return "Nobody says so within these limits"
    kind = limits[0].kind
    if kind is ReasonKind.NOT_BY_SPEAKER and filters.speaker is not None:
        with library.read() as connection:
            names = shown_names(connection, [speaker_key(filters.speaker)])
        return f"{next(iter(names), filters.speaker)} does not say so here"
    if kind is ReasonKind.NOT_IN_DATES:
        return "Nobody says so in those dates"
    if kind is ReasonKind.NOT_IN_ROLE:
        return "Nobody says so in that role"
    several = len(filters.transcript_ids) > 1
    return f"Nobody says so in {'those transcripts' if several else 'that transcript'}"
