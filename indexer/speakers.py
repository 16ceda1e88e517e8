"""Who speaks: raw turns → speakers with one name each, roles, and questions tied to answers.

A wrong speaker is worse than none: two labels are one person only where nothing speaks
against it, and words without a label get a speaker only where the title names the host.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.formats.prose import RawTurn
from indexer.labels import Label, Style
from indexer.names import PersonName, read_name, surname_key, title_case
from indexer.roles import assign_roles
from indexer.transcript import Paragraph, Speaker, Turn

_SPEECH_NOUNS = (
    r"(?:opening |introductory |closing |welcoming )?(?:remarks|statements?|speech|answers?|"
    r"comments?|address|interview|news conference|press conference|briefing)"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """The speakers of one document, by label key; `host` is whose unlabelled words they are."""

    speakers: dict[str, Speaker]
    host: Speaker | None


def build_turns(raw: Sequence[RawTurn], title: str | None, names: Sequence[str]) -> list[Turn]:
    """Turns with speakers, roles and numbered paragraphs.

    `names` are full names known from beside the text (front matter). Neighbouring raw turns of
    one speaker are one turn.
    """
    cast = read_cast(raw, title or "", names)
    spoken = _merge_neighbours([(_speaker(turn, cast), turn) for turn in raw])
    roles = assign_roles([(speaker, label, paragraphs) for speaker, label, paragraphs in spoken])
    turns: list[Turn] = []
    number = 0
    for at, ((speaker, _, texts), (role, answers)) in enumerate(zip(spoken, roles, strict=True)):
        paragraphs = tuple(Paragraph(number + n, text) for n, text in enumerate(texts, start=1))
        number += len(texts)
        turns.append(Turn(at + 1, speaker, role, paragraphs, answers))
    return turns


def _speaker(turn: RawTurn, cast: Cast) -> Speaker | None:
    return cast.host if turn.label is None else cast.speakers[turn.label.key]


def _merge_neighbours(
    spoken: Sequence[tuple[Speaker | None, RawTurn]],
) -> list[tuple[Speaker | None, Label | None, tuple[str, ...]]]:
    """One turn of what one named person says twice running; two 'Question:' stay two."""
    merged: list[tuple[Speaker | None, Label | None, tuple[str, ...]]] = []
    for speaker, turn in spoken:
        if merged and speaker and speaker.named and merged[-1][0] == speaker:
            _, label, paragraphs = merged.pop()
            merged.append((speaker, label, paragraphs + turn.paragraphs))
        else:
            merged.append((speaker, turn.label, turn.paragraphs))
    return merged


def read_cast(raw: Sequence[RawTurn], title: str, names: Sequence[str] = ()) -> Cast:
    """Finds which labels are one person and what that person is called."""
    labels: dict[str, Label] = {}
    for turn in raw:
        if turn.label and (turn.label.key not in labels or turn.label.note):
            labels[turn.label.key] = turn.label
    text = " ".join([title, *(text for turn in raw for text in turn.paragraphs)])
    known = {
        key: read_name(label.person or label.name)
        for key, label in labels.items()
        if label.person or not label.is_role
    }
    speakers = {
        key: Speaker(_display_role(label), named=False)
        for key, label in labels.items()
        if key not in known
    }
    turns_of = Counter(turn.label.key for turn in raw if turn.label is not None)
    lexicon = _Lexicon.of(text)
    for group in _same_person(known, labels):
        written_out = [key for key in group if known[key].has_full_given]
        best = max(written_out or group, key=lambda key: (turns_of[key], key))
        display = _display_name(known[best], title, names, lexicon)
        for key in group:
            speakers[key] = Speaker(display)
    return Cast(speakers, find_host(title, list(speakers.values())))


def _same_person(known: dict[str, PersonName], labels: dict[str, Label]) -> list[list[str]]:
    """Groups label keys by person. A surname that fits two people is joined to neither."""
    groups: list[list[str]] = []
    for key, name in sorted(known.items(), key=lambda item: -len(item[1].given)):
        fitting = [
            group
            for group in groups
            if any(name.may_be(known[other]) or _is_initials(key, labels[other]) for other in group)
        ]
        if len(fitting) == 1 and all(
            name.may_be(known[other]) or _is_initials(key, labels[other])
            for other in fitting[0]
            if known[other].surname == known[fitting[0][0]].surname
        ):
            fitting[0].append(key)
        else:
            groups.append([key])
    return groups


def _is_initials(key: str, label: Label) -> bool:
    """Whether `key` is the abbreviation that 'Adam Levine (AL):' announced."""
    return label.note is not None and label.note.casefold() == key


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
            and first.casefold() not in lexicon.common
        )
        before.add(first if is_given else None)
    return before.pop() if len(before) == 1 else None


def find_host(title: str, speakers: Sequence[Speaker]) -> Speaker | None:
    """Whose remarks the title announces: words without a label are theirs; else None."""
    hosts = set()
    for speaker in {speaker for speaker in speakers if speaker.named}:
        name = re.escape(speaker.name).replace("'", "['’]")
        ours = rf"\b{name}['’]s?\s{_SPEECH_NOUNS}"
        by = rf"\b{_SPEECH_NOUNS}\s(?:\S+\s){{0,5}}?(?:by|of|with)\s(?:\S+\s){{0,8}}?{name}\b"
        for form in (ours, by):
            if match := re.search(form, title, re.IGNORECASE):
                hosts.add((match.end() if form is by else match.start(), speaker))
                break
    return min(hosts, key=lambda host: host[0])[1] if hosts else None
