"""Where sentences begin and end, as character spans of a text.

Rules and no model, in time linear in the text: a stop ends a sentence unless what stands before
it (an abbreviation, an initial, a list number) or after it (a small letter) says otherwise. Knows
English abbreviations and the stops of other scripts; knows nothing of passages.
"""

import re
from itertools import pairwise

Span = tuple[int, int]

# Possessive, so that a run of stops is read once.
_STOP = re.compile(r"\n++|[.!?…。！？｡．؟۔।॥።]++[\"'”’»)\]」』）]*+")
_UNSPACED = frozenset("。！？｡．")
_NEXT_WORD = re.compile(r"\s*+[\"'“‘«(\[¿¡]*+(\w*+)")
_OPENERS = "\"'“‘«([¿¡"

_TITLES = frozenset(
    "mr mrs ms messrs mme dr prof sen sens rep reps gov gen adm col maj capt cpt lt sgt cpl rev "
    "hon amb st mt ft vs cf approx e.g i.e viz".split()
)
_BEFORE_A_NUMBER = frozenset(
    "no nos art sec ch fig vol pp para ca jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_MAY_END = frozenset("jr sr inc corp ltd co bros dept est etc a.m p.m".split())
_STARTERS = frozenset(
    "a all although and another any are as at because both but can could did do does each even "
    "every first for from had has have he her here his how however i if in is it its let many "
    "most my no none nor not now of on one or our perhaps she should since so some such thank "
    "that the their then there these they this those to today was we were what when where which "
    "while who why will with would yes yet you your".split()
)


def sentences(text: str) -> list[Span]:
    """(start, end) of each sentence, in order; together they hold all but the white space."""
    cuts = [0]
    for stop in _STOP.finditer(text):
        if _ends(text, cuts[-1], stop):
            cuts.append(stop.end())
    cuts.append(len(text))
    return [span for start, end in pairwise(cuts) if (span := strip(text, start, end))]


def strip(text: str, start: int, end: int) -> Span | None:
    """The span without the white space at its ends; None where nothing else is in it."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    last = start + len(piece.rstrip())
    return (first, last) if first < last else None


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the stop ends the sentence that began at `start`."""
    mark, end = stop[0], stop.end()
    if mark[0] == "\n" or mark[0] in _UNSPACED or end == len(text):
        return True
    if not text[end].isspace():
        return False
    following = _NEXT_WORD.match(text, end)
    word = following[1] if following else ""
    if word[:1].islower():
        return mark in {"?", "!", "?!", "!?"}
    return mark[0] != "." or mark[:2] == ".." or not _abbreviates(text, start, stop.start(), word)


def _abbreviates(text: str, start: int, stop: int, following: str) -> bool:
    """Whether the full stop at `stop` only shortens the word before it."""
    begin = stop
    while begin > start and not text[begin - 1].isspace():
        begin -= 1
    before = text[begin:stop].lstrip(_OPENERS).lower()
    if before in _TITLES:
        return True
    if before in _BEFORE_A_NUMBER:
        return following[:1].isdigit()
    if before.isdecimal() and len(before) < 3 and not text[start:begin].strip():
        return True
    initials = all(len(part) == 1 and part.isalpha() for part in before.split("."))
    return (initials or before in _MAY_END) and following.lower() not in _STARTERS
