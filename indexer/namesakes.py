"""Which names of different documents may be one person: suggestions, for the user to judge.

Compares only names of the same or nearly the same surname, so the work grows with the number of
names. Says nothing where something speaks against it or where two people fit. Knows nothing of
the database.
"""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from indexer.names import PersonName, read_name

# A shorter surname that differs by a letter is, as a rule, another surname.
LONG_SURNAME = 7
ALIKE = 0.85
# So many names of one surname leave no name that fits only one of them.
CROWD = 50

_INITIALS = re.compile(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker of the library: the name that is shown, the others, and how many turns."""

    name: str
    also: tuple[str, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`alias` may be another name of `speaker`, who has the fuller one; `reason` says why."""

    speaker: str
    alias: str
    reason: str


Documents = Callable[[Iterable[str]], Mapping[str, AbstractSet[int]]]


def suggest(people: Mapping[str, Person], documents: Documents) -> list[Suggestion]:
    """Pairs that may be one person, those with the most turns first; a name stands in one as alias.

    `people` are the named speakers by key, `documents` gives the documents in which each of some
    keys speaks: two who speak in the same one are two people. Names agree where neither given
    name nor honorific nor office differ, accents apart; a long surname may be misspelt if the rest
    is the same. A name that fits two people who are not one is suggested for neither.
    """
    names = {
        key: [parsed for text in (one.name, *one.also) if (parsed := _read(text)) is not None]
        for key, one in people.items()
    }
    reasons: dict[tuple[str, str], str] = {}
    for one, other in _candidates(names):
        if reason := _reason(names[one], names[other]):
            reasons[one, other] = reason
    held = documents({key for pair in reasons for key in pair})

    def meet(one: str, other: str) -> bool:
        return not held.get(one, frozenset()).isdisjoint(held.get(other, frozenset()))

    near: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (one, other), reason in reasons.items():
        if not meet(one, other):
            near[one][other] = near[other][one] = reason

    def weight(key: str) -> tuple[bool, bool, int, str]:
        parsed = names[key][0]
        return parsed.has_full_given, bool(parsed.given), people[key].turns, key

    def is_one(one: str, other: str) -> bool:
        if other in near[one]:
            return True
        return not meet(one, other) and _agree(names[one], names[other])

    found: list[tuple[str, str]] = []
    for key, fitting in list(near.items()):
        best = max(fitting, key=weight)
        if weight(best) > weight(key) and all(is_one(*two) for two in combinations(fitting, 2)):
            found.append((best, key))
    found.sort(key=lambda pair: (*(-people[key].turns for key in pair), pair))
    return [Suggestion(people[best].name, people[key].name, near[key][best]) for best, key in found]


def _read(text: str) -> PersonName | None:
    """The name in its parts, without accents, 'S.V.' as two initials; None for a bare title."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    name = read_name(_INITIALS.sub(" ", bare.replace("’", "'")))
    return None if name.is_title or not name.surname else name


def _candidates(names: Mapping[str, list[PersonName]]) -> Iterator[tuple[str, str]]:
    """Pairs of keys, each once, with the same surname or a nearly equal one and an equal rest."""
    alike: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, parsed in names.items():
        for name in parsed:
            surname, rest = name.surname_key, _rest(name)
            alike[(surname,)].add(key)
            if rest and len(surname) >= LONG_SURNAME - 1:
                # Two words that differ by a letter are equal once one is left out of either.
                for at in range(len(surname)):
                    alike[(surname[:at] + surname[at + 1 :], rest)].add(key)
                alike[(surname, rest)].add(key)
    seen: set[tuple[str, str]] = set()
    for keys in alike.values():
        if 1 < len(keys) <= CROWD:
            for pair in combinations(sorted(keys), 2):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _rest(name: PersonName) -> str:
    """What must be equal where the surname is misspelt: the given names, else the titles."""
    if name.given:
        return " ".join(name.given).casefold() if name.has_full_given else ""
    return " ".join(name.titles).casefold()


def _reason(mine: list[PersonName], theirs: list[PersonName]) -> str | None:
    """Why two people may be one, None where they are not: every pair of their names counts."""
    if not _agree(mine, theirs):
        return None
    pairs = [(one, other) for one in mine for other in theirs]
    for one, other in pairs:
        if one.surname_key == other.surname_key:
            return _same_surname(one, other)
    for one, other in pairs:
        if (
            _is_near(one.surname_key, other.surname_key)
            and _rest(one)
            and _rest(one) == _rest(other)
        ):
            return "surname spelt almost the same"
    return None


def _same_surname(one: PersonName, other: PersonName) -> str:
    if not (one.given and other.given):
        short = other if one.given else one
        return "title and surname" if short.titles else "surname alone"
    if one.has_full_given and other.has_full_given:
        return "same given name"
    return "initials"


def _agree(mine: list[PersonName], theirs: list[PersonName]) -> bool:
    """Whether nothing in the names that share a surname, or nearly, speaks for two people."""
    near = [
        one.may_be(other if one.surname == other.surname else replace(other, surname=one.surname))
        for one in mine
        for other in theirs
        if _is_near(one.surname_key, other.surname_key)
    ]
    return bool(near) and all(near)


@lru_cache(maxsize=1 << 16)
def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < LONG_SURNAME:
        return False
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
