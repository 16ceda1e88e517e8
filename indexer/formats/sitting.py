"""Speeches of a sitting → turns: who asks and who answers in question time, who holds an office.

In question time it is the minister who answers, and whoever else speaks asks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.formats.blocks import RawParagraph, RawTurn
from indexer.formats.segments import raw_turn
from indexer.names import read_name
from indexer.transcript import Role, Speaker

# What is left of 'Several hon. Members' or 'Madam Deputy Speaker' without these names nobody.
_FORMS = frozenset("mr mrs madam madame the an a some several hon noble".split())
_OFFICES = frozenset(
    "speaker deputy chairman chair members member lord lords peers temporary acting".split()
)


@dataclass(slots=True)
class Speech:
    """What one speaker says; `name` as printed, None where nobody is named.

    `office` is what the source names beside the person, `section` the number of the heading above.
    `asked` says that it is a question on the order paper, `whole` that the source writes every
    person's name out, always in the same way.
    """

    name: str | None
    section: int
    office: str = ""
    role: Role | None = None
    asked: bool = False
    whole: bool = False
    paragraphs: list[RawParagraph] = field(default_factory=list)

    @property
    def presides(self) -> bool:
        """Whether the chair speaks, or members at large, and no person by name."""
        words = {word.strip(".,").casefold() for word in (self.name or "").split()} - _FORMS
        return bool(words) and words <= _OFFICES

    @property
    def key(self) -> str:
        return read_name(self.name).surname_key if self.name else ""


def turns_of_sitting(speeches: Sequence[Speech]) -> list[RawTurn]:
    """The turns of speeches, which all hold words, with the roles that the order paper gives."""
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for speech in speeches:
        if speech.office and speech.name:
            holders[speech.office.casefold()].add(speech.name)
    roles = _roles(speeches)
    return [
        _turn(speech, role, holders.get((speech.name or "").casefold(), set()))
        for speech, role in zip(speeches, roles, strict=True)
    ]


def _turn(speech: Speech, role: Role, holders: set[str]) -> RawTurn:
    """One turn. An office speaks as the person that held it, if only one did."""
    name = next(iter(holders)) if len(holders) == 1 else speech.name
    nameless = name == speech.name and (speech.presides or (name or "").startswith("The "))
    if name and (nameless or speech.whole):
        return RawTurn(None, tuple(speech.paragraphs), Speaker(name, named=not nameless), role)
    return raw_turn(name, speech.paragraphs, role)


def _roles(speeches: Sequence[Speech]) -> list[Role]:
    """After a question on the order paper the first other speaker, and whoever holds an office,
    answers, and all others ask, to the end of the section; elsewhere nobody does either."""
    roles: list[Role] = []
    section, answering = -1, set[str]()
    asked = answered = False
    for speech in speeches:
        if speech.section != section:
            section, answering, asked = speech.section, set(), False
        named = bool(speech.name) and not speech.presides
        if speech.asked:
            asked, answered = True, False
        elif named and asked and (not answered or speech.office):
            answering.add(speech.key)
            answered = True
        if speech.role is not None:
            roles.append(speech.role)
        elif not asked or not named:
            roles.append(Role.STATEMENT)
        else:
            answers = not speech.asked and speech.key in answering
            roles.append(Role.ANSWER if answers else Role.QUESTION)
    return roles
