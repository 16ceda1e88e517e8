"""Personal names as they stand in labels: titles, given names, surname.

`may_be` says whether two labels can be one person; it errs on the side of two people.
"""

import re
from dataclasses import dataclass

_SEXES = {
    "male": frozenset("mr sir lord mister".split()),
    "female": frozenset("mrs ms miss dame lady madam".split()),
}
_HONORIFICS = frozenset.union(*_SEXES.values())
_TITLES = frozenset(
    "president vice prime minister foreign deputy first secretary undersecretary under "
    "assistant acting general state defense defence treasury attorney senator representative "
    "congressman congresswoman governor mayor ambassador chair chairman chairwoman chairperson "
    "director administrator commissioner chancellor king queen prince princess judge justice "
    "chief admiral colonel captain lieutenant major sergeant commander dr prof professor rev "
    "reverend father sister surgeon press spokesperson spokesman spokeswoman advisor adviser "
    "counselor moderator host coach officer national security speaker leader member mp "
    "councillor councilman councilwoman officer the hon honourable honorable premier envoy "
    "special rear of for".split()
)
_POST_NOMINALS = frozenset("AM MP MLA MSP MEP TD KC QC PC OBE MBE CBE Jr Sr PhD MD".split())
_INITIALS_BEFORE = re.compile(r"^(?:\w\.)+(?=\w)")
_PARTICLES = frozenset("de da di do du van von der den ten ter la le bin ibn al el ul dos".split())


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in its parts, as written."""

    titles: tuple[str, ...]
    given: tuple[str, ...]
    surname: str

    @property
    def surname_key(self) -> str:
        return surname_key(self.surname)

    @property
    def has_full_given(self) -> bool:
        """Whether a given name is written out: 'Sergey', not 'S.'."""
        return any(not word.endswith(".") and len(word) > 1 for word in self.given)

    @property
    def has_sex(self) -> bool:
        """Whether an honorific tells the sex: Mr, Ms and their like."""
        return bool(self._sexes())

    @property
    def is_title(self) -> bool:
        """Whether it is no name at all but a title standing alone."""
        return not self.given and _bare(self.surname) in _TITLES | _HONORIFICS

    def may_be(self, other: "PersonName") -> bool:
        """Whether both can be one: same surname, and neither given name nor office differ."""
        if self.surname_key != other.surname_key:
            return self._is_given_name_of(other) or other._is_given_name_of(self)
        if not _given_agree(self.given, other.given):
            return False
        if self.given and other.given:
            return True
        mine, theirs = self._offices(), other._offices()
        if mine and theirs and not (mine <= theirs or theirs <= mine):
            return False
        return not (self._sexes() and other._sexes()) or bool(self._sexes() & other._sexes())

    def _is_given_name_of(self, other: "PersonName") -> bool:
        """'ANNA:' for 'Anna Berg:'."""
        alone = not self.titles and not self.given
        return alone and bool(other.given) and self.surname_key == _bare(other.given[0])

    def _offices(self) -> set[str]:
        return {_bare(title) for title in self.titles} - _HONORIFICS - {"of", "for", "the"}

    def _sexes(self) -> set[str]:
        titles = {_bare(title) for title in self.titles}
        return {sex for sex, words in _SEXES.items() if titles & words}


def read_name(text: str) -> PersonName:
    """Splits a label: leading titles, given names, surname with its particles.

    Letters behind the name ('Lynne Neagle AM') are no part of it.
    """
    words = text.replace(",", " ").split()
    while len(words) > 2 and words[-1].rstrip(".") in _POST_NOMINALS:
        words.pop()
    at = 0
    while at < len(words) - 1 and _bare(words[at]) in _TITLES | _HONORIFICS:
        at += 1
    rest = words[at:]
    last = len(rest) - 1
    while last > 0 and _bare(rest[last - 1]) in _PARTICLES:
        last -= 1
    return PersonName(tuple(words[:at]), tuple(rest[:last]), " ".join(rest[last:]))


def surname_key(surname: str) -> str:
    # 'С.В.Лавров' is two initials and a surname.
    return _INITIALS_BEFORE.sub("", surname).casefold().replace("’", "'")


def title_case(text: str, casing: dict[str, str]) -> str:
    """'MS. JEAN-PIERRE' → 'Ms. Jean-Pierre'; mixed case and initials ('AL') stay as they are.

    `casing` is how the document writes words elsewhere ('McCarthy'), by `surname_key`.
    """
    if len(text) <= 3:
        return casing.get(surname_key(text), text)
    cased = " ".join(_word_case(word, casing) for word in text.split())
    return cased[:1].upper() + cased[1:]


def _word_case(word: str, casing: dict[str, str]) -> str:
    if word != word.upper() or (len(word) == 2 and word.endswith(".")):
        return word
    if (own := casing.get(surname_key(word))) is not None:
        return own
    if word.casefold() in _PARTICLES | {"of", "the", "for", "and"}:
        return word.lower()
    return "".join(
        char.lower() if at and word[at - 1].isalpha() else char for at, char in enumerate(word)
    )


def _bare(word: str) -> str:
    return word.casefold().strip(".,()")


def _given_agree(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Equal as far as both go; an initial agrees with a name that begins with it."""
    for one, other in zip(mine, theirs, strict=False):
        a, b = _bare(one), _bare(other)
        if a != b and not ((len(a) == 1 or len(b) == 1) and a[:1] == b[:1]):
            return False
    return True
