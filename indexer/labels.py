"""What a speaker's label looks like: `NAME:`, `NAME (role):`, `Q`, `QUESTION:`, `MS. NAME:`.

Judges one line at a time and says what may be a label; whether it is one in this document is
`formats.prose`'s decision, who it is `speakers`'.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from indexer.transcript import fold

MAX_LABEL = 90

QUESTION_LABELS = frozenset(
    "q question questions reporter reporters journalist correspondent press media вопрос frage "
    "pregunta domanda pergunta pytanie".split()
)
ANSWER_LABELS = frozenset("a answer ответ antwort respuesta risposta réponse".split())
# Words that say what somebody does there, not who they are.
ROLE_WORDS = frozenset(
    "moderator host interviewer interviewee operator aide official officials participant "
    "participants interpreter translator speaker voice audience member members unidentified "
    "unknown senior administration military defense staff crew chair chairman chairwoman "
    "chairperson president clerk witness narrator spokesperson photographer photojournalist "
    "everyone all white house government guest panelist announcer secretary vice prime minister "
    "deputy chancellor the of and".split()
)
# Label-like lines that introduce a fact about the document, or an aside in it.
_HEADER_KEYS = frozenset(
    "date time location place venue subject topic source title duration video audio agenda url "
    "link contact interviewee interviewer interviewers interviewees transcriber note notes nb "
    "ps editor update correction photo caption tags name names speakers participants present "
    "attendees transcript recorded published fact example conclusion summary background "
    "decision decisions action actions resolved resolution motion vote apologies "
    "disclaimer copyright via end step point next bottom line".split()
)
# Of these, what never speaks however often it comes again.
_NEVER_SPEAK = frozenset(
    "date time location place venue topic source title duration url link note notes nb "
    "break music intro outro sponsor tags copyright decision decisions action actions resolved "
    "resolution motion vote apologies".split()
)
_PERSON_TITLES = frozenset("hon mr mrs ms dr prof sir dame senator rep".split())
_PARTICLES = frozenset(
    "of the for and de da di do du des del della van von der den ten ter la le y e bin ibn ben "
    "al el ul to from".split()
)
_NAME = re.compile(r"[^\W\d_](?:[^\W_]|[.'’ʼ`´‘-])*,?|[&/]")
_INITIALS_OR_TITLE = re.compile(
    r"(?:[^\W\d_]\.)+|(?:Mr|Ms|Mrs|Dr|Prof|Hon|Rev|Sen|Rep|Gov|St)\.", re.IGNORECASE
)
# After 'Q' alone a capital, a figure or an opening mark shows that it is a label.
_Q_AND_A = re.compile(
    r"(?:(?P<q>Q)(?:[.:]\s?|\s{2,}|\s?(?=[–—…])|\s(?=[“\"‘'(\[$\dA-ZÀ-Þ])|$)|A(?::\s?|\.\s|\s{2,}))"
    r"(?P<rest>.*)",
    re.DOTALL,
)


_CLOCK = r"(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,2}):(?P<s>\d{2}(?:[.,]\d{1,3})?)"
_TIME_FIRST = re.compile(
    rf"\s*(?:\[{_CLOCK}\]|\({_CLOCK.replace('?P<', '?P<p')}\)"
    r"|(?P<ph2>\d{1,2}):(?P<pm2>\d{2}):(?P<ps2>\d{2})(?=\s))[:\s-]*"
)
_BARE_TIME = re.compile(r"(?P<m>\d{1,3}):(?P<s>\d{2})\s+(?![AaPp]\.?[Mm]\b)")
_NUMBERED = re.compile(r"[A-Z]{1,8}[_-]?\d{1,3}")
_TIME_LAST = re.compile(rf"(?:\s|(?<=\]))[\[(]?{_CLOCK}(?:\s?[AP]M)?[\])]?$")
_STOPPED = re.compile(
    r"(?P<label>(?P<title>[A-Z][A-Za-z]{1,12}\.?)(?:\s[A-Z][\w.'’-]{0,20}){0,3}?\s"
    r"[A-ZÀ-Þ][A-ZÀ-Þ'’-]*[A-ZÀ-Þ])\.\s+(?=[A-ZÀ-Þ“\"(\[…—–\d])"
)
# What stands before a surname in capitals that a full stop ends.
_BEFORE_STOPPED = frozenset(
    "mr mrs ms miss dr chair chairman chairwoman vice president governor senator representative "
    "secretary the speaker judge justice general admiral ambassador director".split()
)
_DIRECTIONS = frozenset(
    "side tape break end music applause laughter pause recording inaudible crosstalk cross talk "
    "response audible begins ends foreign language speaking sound audio video".split()
)


class Style(StrEnum):
    """How a label is written; within one document labels keep to one style."""

    UPPER = "upper"
    TITLE = "title"
    LETTER = "letter"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it stands: `name` without the colon, `note` from the parentheses behind it.

    `at_s` is the time code that stood with it, in seconds.
    """

    name: str
    note: str | None
    style: Style
    at_s: float | None = None

    @property
    def is_strong(self) -> bool:
        """Whether it is written in capitals or as Q and A, as running text never is."""
        return self.style is not Style.TITLE

    @property
    def key(self) -> str:
        return self.name.casefold().rstrip(".")

    @property
    def asks(self) -> bool:
        """Whether the label by itself says that a question follows."""
        return self.key in QUESTION_LABELS or self._letter_and_number("q")

    @property
    def replies(self) -> bool:
        return self.key in ANSWER_LABELS or self._letter_and_number("a")

    def _letter_and_number(self, letter: str) -> bool:
        return self.key[:1] == letter and self.key[1:].isdigit()

    @property
    def is_role(self) -> bool:
        """Whether the label names a role and no person ('Question', 'SENIOR OFFICIAL')."""
        words = re.findall(r"[^\W\d_]+", self.key)
        return self.asks or self.replies or all(word in ROLE_WORDS for word in words)

    @property
    def person(self) -> str | None:
        """Whom a role's note names: 'The Chair (Hon. Anthony Rota (Nipissing, Lib.))'."""
        if not self.is_role or self.note is None:
            return None
        words = self.note.split("(")[0].split()
        titled = bool(words) and words[0].rstrip(".").casefold() in _PERSON_TITLES
        return " ".join(words[1:]) if titled and len(words) > 2 else None

    @property
    def is_header_key(self) -> bool:
        return self.key.split()[0] in _HEADER_KEYS if self.key else False

    @property
    def never_speaks(self) -> bool:
        """Whether the label introduces a fact or a pause, however often it comes again."""
        return self.key in _NEVER_SPEAK


def split_time(text: str) -> tuple[float | None, str]:
    """A time code in brackets at the start of `text`, in seconds, and the rest.

    >>> split_time("[00:01:23] Hello.")
    (83.0, 'Hello.')
    """
    match = _TIME_FIRST.match(text)
    return (_seconds(match), text[match.end() :].lstrip()) if match else (None, text)


def strip_time(text: str) -> tuple[float | None, str]:
    """As `split_time`, and for '0:15 Anna: Hi.', where a label shows that it is a time code."""
    at_s, rest = split_time(text)
    if at_s is None and (match := _BARE_TIME.match(text)) is not None:
        after = text[match.end() :]
        if split_label(after) is not None:
            return _seconds(match), after
    return at_s, rest


def read_label(text: str) -> Label | None:
    """A label written without its colon, as from bold type or a voice tag; None if it is none."""
    shown, at_s = fold(text).rstrip(":").strip(), None
    if (time := _TIME_LAST.search(shown)) is not None and time.start():
        shown, at_s = shown[: time.start()].strip(" -–"), _seconds(time)
    if shown.startswith("[") and shown.endswith("]"):
        shown = shown[1:-1].strip()
    name, note = _split_note(shown)
    name, note = _split_office(name, note)
    if not name or len(name) > MAX_LABEL or not _is_name(name):
        return None
    letters = [char for char in name if char.isalpha()]
    if len(letters) == 1 and not _NUMBERED.fullmatch(name):
        return Label(name, note, Style.LETTER, at_s)
    upper = all(char == char.upper() for char in letters) and any(c != c.lower() for c in letters)
    return Label(name, note, Style.UPPER if upper else Style.TITLE, at_s)


def split_label(text: str) -> tuple[Label, str] | None:
    """The label at the start of `text` and the words after it, or None where there is none."""
    letter = _Q_AND_A.fullmatch(text)
    if letter is not None and letter["q"]:
        return Label("Q", None, Style.LETTER), letter["rest"].strip()
    colon = _colon(text)
    label = read_label(text[:colon]) if colon is not None else None
    if label is not None and colon is not None and _may_follow(text[colon + 1 : colon + 3]):
        return label, text[colon + 1 :].strip()
    if letter is not None:
        return Label("A", None, Style.LETTER), letter["rest"].strip()
    return _stopped(text) or _on_its_own_line(text)


def _stopped(text: str) -> tuple[Label, str] | None:
    """'MR. SMITH. Thank you': a title, a surname in capitals, a full stop."""
    match = _STOPPED.match(text)
    if match is None or match["title"].rstrip(".").casefold() not in _BEFORE_STOPPED:
        return None
    return Label(fold(match["label"]), None, Style.STOPPED), text[match.end() :].strip()


def _on_its_own_line(text: str) -> tuple[Label, str] | None:
    """'[Anna Berg] 11:02:09' and 'Anna Berg  0:03' above the words, '[Anna Berg]' alone."""
    first, _, rest = text.partition("\n")
    line = first.strip()
    timed = _TIME_LAST.search(line) is not None
    bracketed = line.startswith("[") and ("]" in line)
    if len(line) > MAX_LABEL or not (timed or (bracketed and line.endswith("]") and " " in line)):
        return None
    label = read_label(line)
    if label is None or label.is_header_key:
        return None
    directs = label.style is Style.UPPER or not _DIRECTIONS.isdisjoint(label.key.split())
    if directs and not timed:
        return None  # '[COMMERCIAL BREAK]', '[Side B]'
    return label, rest.strip()


def _may_follow(text: str) -> bool:
    """Whether a label's colon can stand before this: not in '3:16', not in 'Https://x'."""
    return not text or text[0].isspace() or not (text[0].isdigit() or text[0] == "/")


def _seconds(match: re.Match[str]) -> float:
    """Seconds of a time code; minutes and hours may be any number."""
    groups = match.groupdict().items()
    found = {key.removeprefix("p").rstrip("2"): value for key, value in groups if value}
    hours, minutes = int(found.get("h", 0)), int(found["m"])
    return hours * 3600 + minutes * 60 + float(found["s"].replace(",", "."))


def _colon(text: str) -> int | None:
    """Where the first colon outside brackets stands, if near enough to end a label."""
    depth = 0
    for at, char in enumerate(text[: MAX_LABEL + 60]):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char in ":：" and depth <= 0:
            return at
    return None


def _split_note(text: str) -> tuple[str, str | None]:
    if text.endswith(")") and "(" in text:
        name, note = text.split("(", 1)
        return name.strip(), note[:-1].strip() or None
    return text, None


def _split_office(name: str, note: str | None) -> tuple[str, str | None]:
    """'ANDERSON COOPER, CNN HOST' is a name and an office; 'Berg, Anna' a name turned round."""
    before, comma, after = (part.strip() for part in name.partition(","))
    if not comma or not after or any(char.isdigit() for char in after) or not _is_name(after):
        return name, note
    if after.rstrip(".").casefold() in ("jr", "sr", "ii", "iii", "iv", "esq"):
        return name, note
    if len(before.split()) > 1:
        return before, note or after
    return (f"{after} {before}", note) if len(after.split()) <= 2 else (name, note)


def _is_name(text: str) -> bool:
    words = text.replace(",", ", ").split()
    if not words or len(words) > 8 or words[0].casefold() in ("and", "but", "so", "or", "if"):
        return False
    for at, word in enumerate(words):
        if _NUMBERED.fullmatch(word):
            continue
        if not _NAME.fullmatch(word):
            if not (at and word.isdigit() and len(word) <= 2):  # 'OFFICIAL 2'
                return False
            continue
        if word.endswith(".") and not _INITIALS_OR_TITLE.fullmatch(word) and len(word) > 5:
            return False
        if word.casefold() not in _PARTICLES or at == 0:
            # 'd'Entremont' is a name.
            first = word[2] if word[1:2] in "'’" and len(word) > 2 else word[0]
            if first.lower() == first and first.upper() != first:
                return False
    return True
