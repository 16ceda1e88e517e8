"""Whom references such as TEI's `who` and Akoma Ntoso's `by` mean: ids → speakers.

The document's own list of persons decides. Where it has none, an id that reads as a name is taken
for one, and said to be. Two ids of one name stay two persons.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from indexer.formats.blocks import RawParagraph, RawTurn
from indexer.formats.segments import raw_turn
from indexer.labels import ROLE_WORDS
from indexer.transcript import Role, Speaker, fold

_NUMBER = re.compile(r"[._-]?\d+$")
_MAX_ID = 100
_SHOWN = 3


class People:
    """The speakers by the references to them.

    `names` are those that the document lists, by id; `references` are all that are made, in the
    order of the document. `listed` are those references that the list explains.
    """

    def __init__(self, names: Mapping[str, str], references: Sequence[str]) -> None:
        self.speakers: dict[str, Speaker] = {}
        self.listed: set[str] = set()
        self._guessed: dict[str, str] = {}
        references = [reference for reference in dict.fromkeys(references) if reference]
        ids = {who: found for who in references if (found := _ids(who, names))}
        shown: dict[str, str | None] = dict(names)
        for one in (one for found in ids.values() for one in found):
            if one not in shown:
                shown[one] = name = _read_id(one)
                if name:
                    self._guessed[one] = name
        count = Counter(shown[one] for one in {one for found in ids.values() for one in found})
        by_words: dict[frozenset[str], Speaker] = {}
        for who, found in ids.items():
            full = [
                name if (name := shown[one]) and count[name] == 1 else f"{name or ''} ({one})"
                for one in found
            ]
            named = len(found) == 1 and shown[found[0]] is not None
            text = ", ".join(full) if named or len(found) > 1 else found[0]
            speaker = self.speakers[who] = Speaker(fold(text), named=named)
            by_words[_words(speaker.name)] = speaker
            if all(one in names for one in found):
                self.listed.add(who)
        for who in references:
            if who not in ids:
                name = _read_written(who)
                self.speakers[who] = by_words.setdefault(_words(name), Speaker(name))

    def turn(
        self, who: str, label: str, paragraphs: Sequence[RawParagraph], role: Role | None
    ) -> RawTurn:
        """A turn by whom `who` refers to; a printed label goes before a reference not listed."""
        speaker = self.speakers.get(who)
        if speaker is None or (label and who not in self.listed):
            return raw_turn(label, paragraphs, role)
        return RawTurn(None, tuple(paragraphs), speaker, role)

    def warnings(self) -> list[str]:
        """What to tell of names that were read from ids."""
        if not self._guessed:
            return []
        shown = [f"#{one} as {name}" for one, name in self._guessed.items()][:_SHOWN]
        more = ", …" if len(self._guessed) > _SHOWN else ""
        return [
            f"it does not list its speakers, so ids are read as names: {', '.join(shown)}{more}"
        ]


def _ids(who: str, names: Mapping[str, str]) -> list[str]:
    """The ids that a reference points to; none where it is a name written out."""
    parts = who.split()
    if len(parts) == 1 or all("#" in part for part in parts):
        return [part.rpartition("#")[2] for part in parts]
    return [who] if who in names else []


def _read_id(one: str) -> str | None:
    """'JohnMcCarthy.1980' → 'John McCarthy'; None where an id does not read as a name."""
    if len(one) > _MAX_ID:
        return None
    bare = re.sub(r"[._]", " ", _NUMBER.sub("", one))
    spaced = "".join(
        f" {char}" if char.isupper() and at and bare[at - 1].islower() else char
        for at, char in enumerate(bare)
    )
    words = spaced.replace("Mc ", "Mc").split()
    names = [word for word in words if word[0].isupper() and word[-1].islower()]
    if len(names) < 2 or not all(word[0].isupper() for word in words):
        return None
    return None if any(word.casefold() in ROLE_WORDS for word in words) else fold(" ".join(words))


def _read_written(who: str) -> str:
    """'Novák, Ján, minister' → 'Ján Novák', 'Novák Ján, minister' → 'Novák Ján'."""
    family, *rest = fold(who).split(", ")
    whole = not rest or (" " in family and len(rest) == 1)
    return family if whole or not rest[0][:1].isupper() else f"{rest[0]} {family}"


def _words(name: str) -> frozenset[str]:
    return frozenset(name.casefold().split())
