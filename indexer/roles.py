"""What each turn does: asks, answers or states; and which question an answer answers.

From labels where they tell (`Question:`, `Q`); else from the shape of the exchange: whoever
asks far more often than the others is an asker. A moderator who calls on people does not ask.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from indexer.labels import QUESTION_LABELS, Label
from indexer.transcript import Role, Speaker


class SpokenTurn(NamedTuple):
    """A turn whose role is looked for; `given` is the role that the source itself tells."""

    speaker: Speaker | None
    label: Label | None
    given: Role | None
    paragraphs: tuple[str, ...]


_PROMPT = re.compile(
    r"(?:(?:so|and|well|okay|now|please),?\s)?(?:can you |could you |please )?"
    r"(?:tell|walk|talk|describe|explain|give|say)\s(?:me|us|a bit|a little|about|more|through)\b",
    re.IGNORECASE,
)
_SERVING = frozenset("moderator operator aide interpreter translator clerk".split())
# Whoever is labelled by the chair alone ('The Chair'), not 'CHAIR POWELL', gives the floor.
_CHAIRING = frozenset("chair chairman chairwoman chairperson speaker".split())
# An asker's longer turn without a question opens another subject.
_RESET_WORDS = 40
_REMARK_WORDS = 12
# Two may be the hosts of a programme.
_MEETING_ASKERS = 3
_GREETING_WORDS = 8
_OPENING_WORDS = 60
_THANKS = re.compile(r"\b[Tt]hank(?:s| you)(?: so much| very much)?, [A-Z]")
_THANKS_WITHIN = 100  # characters
_HOW_ARE_YOU = re.compile(r"\bhow (?:are|is) (?:you|y['’]?all|everyone|everybody)\b", re.IGNORECASE)
_GO_AHEAD = re.compile(r"\bgo ahead\b", re.IGNORECASE)


def assign_roles(turns: Sequence[SpokenTurn]) -> list[tuple[Role, int | None]]:
    """Role of each turn and, for an answer, the number (from 1) of the question answered."""
    told = any(_is_asking_by_name(turn) or turn.given is Role.QUESTION for turn in turns)
    askers = set() if told else _find_askers(turns)
    asking = _find_questions(turns, askers)
    presiding = _find_presiding(turns, asking)
    roles: list[tuple[Role, int | None]] = []
    open_question: int | None = None
    for number, turn in enumerate(turns, start=1):
        asker = turn.speaker in askers if turn.speaker else False
        if asking[number - 1]:
            roles.append((Role.QUESTION, None))
            told_so = turn.given is Role.QUESTION
            if told_so or open_question is not None or not _is_greeting(turn.paragraphs):
                open_question = number
        elif turn.given is not None:
            answers = turn.given is Role.ANSWER and open_question is not None
            roles.append((Role.ANSWER, open_question) if answers else (Role.STATEMENT, None))
        elif asker or _serves(turn.label) or turn.speaker in presiding:
            roles.append((Role.STATEMENT, None))
            if _length(turn.paragraphs) > _RESET_WORDS:
                open_question = None
        elif _takes_over(turn, asking[number - 2]):
            roles.append((Role.STATEMENT, None))
            open_question = None
        elif open_question is None or (
            _gives_floor(turn) and number < len(turns) and not asking[number]
        ):
            roles.append((Role.STATEMENT, None))
        else:
            roles.append((Role.ANSWER, open_question))
    if not told and _is_meeting(turns, roles):
        # What members say among themselves is no reporter's question, but answers answer it.
        roles = [(Role.STATEMENT if role is Role.QUESTION else role, n) for role, n in roles]
    return roles


def _is_meeting(turns: Sequence[SpokenTurn], roles: Sequence[tuple[Role, int | None]]) -> bool:
    """Whether several people ask several: a committee's members its guests, not one its host."""

    def who(wanted: Role) -> int:
        speakers = zip((turn.speaker for turn in turns), (role for role, _ in roles), strict=True)
        return len({speaker for speaker, role in speakers if role is wanted and speaker})

    return who(Role.QUESTION) >= _MEETING_ASKERS and who(Role.ANSWER) >= 2


def _find_askers(turns: Sequence[SpokenTurn]) -> set[Speaker]:
    """Who asks in half of his turns and gets a reply, or in a quarter where others rarely do."""
    asked: defaultdict[Speaker, int] = defaultdict(int)
    spoken: defaultdict[Speaker, int] = defaultdict(int)
    for at, (speaker, _, given, paragraphs) in enumerate(turns):
        if speaker is None or given is not None or _length(paragraphs) < 4:
            continue
        spoken[speaker] += 1
        replied = at + 1 < len(turns) and turns[at + 1][0] != speaker
        asked[speaker] += replied and _ends_asking(paragraphs)
    asks, turns_of_all = sum(asked.values()), sum(spoken.values())

    def is_asker(speaker: Speaker) -> bool:
        share = asked[speaker] / spoken[speaker]
        others = (asks - asked[speaker]) / max(1, turns_of_all - spoken[speaker])
        return share >= 0.5 or (share >= 0.25 and share >= 2 * others)

    return {speaker for speaker in spoken if is_asker(speaker)}


def _find_questions(turns: Sequence[SpokenTurn], askers: set[Speaker]) -> list[bool]:
    """Which turns ask. An asker's remark of some length that draws a reply is a question too."""
    asking = []
    for at, turn in enumerate(turns):
        speaker, _, given, paragraphs = turn
        asks = given is Role.QUESTION or (given is None and _is_asking_by_name(turn))
        if speaker in askers and given is None:
            replied = 0 < at < len(turns) - 1 and turns[at + 1][0] not in askers
            asks = asks or _asks(paragraphs) or (replied and _length(paragraphs) >= _REMARK_WORDS)
        asking.append(asks)
    return asking


def _is_asking_by_name(turn: SpokenTurn) -> bool:
    """Whether the label says so ('Question', 'Q'), or a source that calls a person 'Reporter'."""
    if turn.label is not None:
        return turn.label.asks
    return turn.speaker is not None and turn.speaker.name.casefold() in QUESTION_LABELS


def _find_presiding(turns: Sequence[SpokenTurn], asking: Sequence[bool]) -> set[Speaker]:
    """Speakers who only give the floor: short turns before a question, hardly ever after one."""
    lengths: defaultdict[Speaker, list[int]] = defaultdict(list)
    before: defaultdict[Speaker, int] = defaultdict(int)
    after: defaultdict[Speaker, int] = defaultdict(int)
    for at, (speaker, _, _, paragraphs) in enumerate(turns):
        if speaker is not None and not asking[at]:
            lengths[speaker].append(_length(paragraphs))
            before[speaker] += at + 1 < len(turns) and asking[at + 1]
            after[speaker] += at > 0 and asking[at - 1]
    return {
        speaker
        for speaker, words in lengths.items()
        if len(words) > 2
        and median(words) <= 30
        and before[speaker] * 2 >= len(words)
        and after[speaker] * 6 < len(words)
    }


def _length(paragraphs: tuple[str, ...]) -> int:
    return sum(len(text.split()) for text in paragraphs)


def _is_greeting(paragraphs: tuple[str, ...]) -> bool:
    """'Hi.', 'How are you?': a reporter's words before the first question."""
    if _length(paragraphs) > _GREETING_WORDS:
        return False
    return "?" not in paragraphs[-1] or bool(_HOW_ARE_YOU.search(paragraphs[-1]))


def _takes_over(turn: SpokenTurn, after_question: bool) -> bool:
    """'Thank you, Jake. Today the President…': the next speaker's opening, no answer any more."""
    start = turn.paragraphs[0][:_THANKS_WITHIN]
    thanks = _THANKS.search(start) is not None and "question" not in start
    return thanks and not after_question and _length(turn.paragraphs) > _OPENING_WORDS


def _gives_floor(turn: SpokenTurn) -> bool:
    """'Go ahead.': before somebody else answers, no answer."""
    return _length(turn.paragraphs) <= 6 and bool(_GO_AHEAD.search(turn.paragraphs[0]))


def _ends_asking(paragraphs: tuple[str, ...]) -> bool:
    tail = paragraphs[-1]
    return "?" in tail[-160:] or bool(_PROMPT.search(tail[-300:]))


def _asks(paragraphs: tuple[str, ...]) -> bool:
    return any("?" in text or "؟" in text for text in paragraphs) or _ends_asking(paragraphs)


def _serves(label: Label | None) -> bool:
    if label is None:
        return False
    words = label.key.split()
    chairs = label.is_role and words[-1] in _CHAIRING and label.key != "speaker"
    return not _SERVING.isdisjoint(words) or chairs
