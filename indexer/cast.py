"""The cast of one document: which labels are one person, what that person is called, who hosts.

Two labels are one person only where nothing speaks against it. Knows nothing of roles.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from indexer.formats.blocks import RawTurn
from indexer.labels import ROLE_WORDS, Label, Style
from indexer.names import PersonName, read_name, surname_key, title_case
from indexer.transcript import Speaker

_SPEECH_NOUNS = (
    r"(?:opening |introductory |closing |welcoming )?(?:remarks|statements?|speech|answers?|"
    r"comments?|address|interview|news conference|press conference|press briefing|briefing)"
)
_NAME = r"[^\W\d_][\w.'’-]*"
_NAMES = rf"(?P<name>{_NAME}(?:\s{_NAME}){{0,9}})"
_HOST_FORMS = (
    re.compile(rf"{_NAMES}['’]s?\s{_SPEECH_NOUNS}", re.IGNORECASE),
    re.compile(rf"\b{_SPEECH_NOUNS}\sby\s{_NAMES}", re.IGNORECASE),
)
# What a name in a title goes on with, when it is over.
_NAME_ENDS = frozenset("and with at in on to during following after before of for from".split())

# A label and whom its note names: 'The Chair' can be two people in one sitting.
_Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Cast:
    """The speakers of one document; `host` is whose unlabelled words they are."""

    speakers: dict[_Key, Speaker]
    only_person: dict[str, str | None]
    host: Speaker | None

    def speaker_of(self, turn: RawTurn) -> Speaker | None:
        """Who speaks a raw turn; None where nothing tells."""
        if turn.speaker is not None:
            return turn.speaker
        if turn.label is None:
            return None if turn.nobody else self.host
        return self.speakers[_key(turn.label, self.only_person)]


def read_cast(raw: Sequence[RawTurn], title: str, names: Sequence[str] = ()) -> Cast:
    """Finds which labels are one person and what that person is called.

    `names` are full names known from beside the text.
    """
    only_person = _only_person([turn.label for turn in raw if turn.label])
    labels: dict[_Key, Label] = {}
    order: list[_Key] = []
    for turn in raw:
        if turn.label is None:
            continue
        key = _key(turn.label, only_person)
        order.append(key)
        if key not in labels or turn.label.note:
            labels[key] = turn.label
    known = {}
    for key, label in labels.items():
        holder = key[1] or _office_holder(label, title)
        if holder or not label.is_role:
            known[key] = read_name(holder or label.name)
    speakers = {
        key: Speaker(_display_role(label), named=False)
        for key, label in labels.items()
        if key not in known
    }
    lexicon = _Lexicon.of(" ".join([title, *(p.text for turn in raw for p in turn.paragraphs)]))
    turns_of = Counter(order)
    for group in _Grouping(known, labels, order).groups:
        written_out = [key for key in group if known[key].has_full_given]
        best = max(written_out or group, key=lambda key: (turns_of[key], key[0]))
        display = _display_name(known[best], title, names, lexicon)
        for key in group:
            speakers[key] = Speaker(display)
    return Cast(speakers, only_person, find_host(title, list(speakers.values())))


def _office_holder(label: Label, title: str) -> str | None:
    """Who 'THE PRESIDENT' is, if the title names one and only one: 'Remarks by President Lund'."""
    office = label.key.removeprefix("the ")
    if not label.is_role or office == label.key or label.asks:
        return None
    found = set()
    words = title.split()
    wanted = office.split()
    for at in range(len(words) - len(wanted)):
        if [word.casefold() for word in words[at : at + len(wanted)]] != wanted:
            continue
        if at and words[at - 1].casefold() in ("vice", "deputy", "former", "acting"):
            continue
        name = list(takewhile(_is_name_word, words[at + len(wanted) :]))
        if name:
            found.add(" ".join((*words[at : at + len(wanted)], *name)).rstrip(",."))
    return found.pop() if len(found) == 1 else None


def _is_name_word(word: str) -> bool:
    return word[0].isupper() and word.casefold() not in _NAME_ENDS


def _key(label: Label, only_person: dict[str, str | None]) -> _Key:
    return label.key, label.person or only_person.get(label.key)


def _only_person(labels: Sequence[Label]) -> dict[str, str | None]:
    """For labels that name an office: the one person who held it; None if there were several."""
    persons: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        if label.person:
            persons[label.key].add(label.person)
    return {key: min(names) if len(names) == 1 else None for key, names in persons.items()}


class _Grouping:
    """Groups labels by person. A surname that fits two people is joined to neither."""

    def __init__(
        self, known: dict[_Key, PersonName], labels: dict[_Key, Label], order: Sequence[_Key]
    ) -> None:
        self.known, self.labels = known, labels
        self.adjacent = {frozenset(pair) for pair in pairwise(order)}
        self.groups: list[list[_Key]] = []
        by_handle: defaultdict[str, list[list[_Key]]] = defaultdict(list)
        for key, name in sorted(known.items(), key=lambda item: -len(item[1].given)):
            handles = self._handles(key, name)
            near = {id(group): group for handle in handles for group in by_handle[handle]}
            fitting = [group for group in near.values() if self._fits(key, name, group)]
            if len(fitting) == 1:
                group = fitting[0]
                group.append(key)
            else:
                group = [key]
                self.groups.append(group)
            for handle in handles:
                by_handle[handle].append(group)

    def _handles(self, key: _Key, name: PersonName) -> set[str]:
        note = self.labels[key].note
        given = {name.given[0].casefold().strip(".")} if name.given else set()
        return {name.surname_key, key[0], *given, *({note.casefold()} if note else ())}

    def _fits(self, key: _Key, name: PersonName, group: Sequence[_Key]) -> bool:
        if any(self._announced(key, other) for other in group):
            return True
        return all(
            name.may_be(self.known[other]) and not self._face_each_other(key, other)
            for other in group
            if not self._announced(other, group[0])
        )

    def _announced(self, key: _Key, other: _Key) -> bool:
        """Whether `key` is the abbreviation that 'Adam Levine (AL):' announced."""
        note = self.labels[other].note
        return note is not None and note.casefold() == key[0]

    def _face_each_other(self, key: _Key, other: _Key) -> bool:
        """'JOHN SMITH:' and 'MS. SMITH:' who speak one after the other are two people."""
        one, two = self.known[key], self.known[other]
        differs = bool(one.given) != bool(two.given) and one.has_sex != two.has_sex
        return differs and frozenset((key, other)) in self.adjacent


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """How the document writes its words: `casing` of proper names, and the common words."""

    casing: dict[str, str]
    common: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Lexicon":
        casing: dict[str, str] = {}
        common: set[str] = set()
        for word in re.findall(r"[^\W\d_][\w'’-]*", text):
            if word == word.lower():
                common.add(word)
            elif word != word.upper() and word[0] == word[0].upper():
                bare = re.sub(r"['’]s?$", "", word)
                casing.setdefault(surname_key(bare), bare)
        return cls(casing, frozenset(common))


def _display_role(label: Label) -> str:
    return title_case(label.name, {}) if label.style is Style.UPPER else label.name


def _display_name(name: PersonName, title: str, names: Sequence[str], lexicon: _Lexicon) -> str:
    """The fullest name that the document vouches for."""
    if name.has_full_given:
        return title_case(" ".join((*name.given, name.surname)), lexicon.casing)
    beside = {full for full in names if (other := read_name(full)).given and other.may_be(name)}
    if len(beside) == 1:
        return beside.pop()
    if first := _first_name_in(title, name, lexicon):
        return f"{first} {title_case(name.surname, lexicon.casing)}"
    return title_case(" ".join((*name.titles, *name.given, name.surname)), lexicon.casing)


def _first_name_in(title: str, name: PersonName, lexicon: _Lexicon) -> str | None:
    """The given name before the surname in the title; None if the title has none or several.

    'Remarks by President Biden and Dr. Jill Biden' names two people: then we do not know.
    """
    words = title.split()
    before: set[str | None] = set()
    for at, word in enumerate(words):
        bare = re.sub(r"['’]s?$", "", word.rstrip(",.;:")).strip("()")
        if surname_key(bare) != name.surname_key or not at:
            continue
        first = words[at - 1]
        is_given = (
            first[0].isupper()
            and first[-1].isalpha()
            and not read_name(first).is_title
            and first.casefold() not in lexicon.common | ROLE_WORDS
        )
        before.add(first if is_given else None)
    return before.pop() if len(before) == 1 else None


def find_host(title: str, speakers: Sequence[Speaker]) -> Speaker | None:
    """Whose remarks the title announces, if it is one person who speaks here; else None.

    'X's remarks…', 'Remarks by X…'; 'Remarks by X and Y' does not tell whose words they are.
    """
    by_surname: defaultdict[str, set[Speaker]] = defaultdict(set)
    for speaker in speakers:
        if speaker.named:
            by_surname[read_name(speaker.name).surname_key].add(speaker)
    for form in _HOST_FORMS:
        if match := form.search(title):
            name = _one_name(match["name"].split(), before_noun=form is _HOST_FORMS[0])
            found = by_surname.get(surname_key(name)) if name else None
            if found and len(found) == 1:
                return next(iter(found))
    return None


def _one_name(words: list[str], *, before_noun: bool) -> str | None:
    """The surname of the one person whom a title's words name next to the noun.

    None where another name follows: 'Remarks by X and Y'.
    """
    ends = [at for at, word in enumerate(words) if word.casefold() in _NAME_ENDS]
    if before_noun:
        return words[-1]
    end = ends[0] if ends else len(words)
    if ends and words[end].casefold() == "and":
        return None
    return words[end - 1].rstrip(".") if end else None
