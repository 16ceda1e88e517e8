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
    "everyone all white house government guest panelist announcer secretary the of and".split()
)
# Label-like lines that introduce a fact about the document, or an aside in it.
_HEADER_KEYS = frozenset(
    "date time location place venue subject topic source title duration video audio agenda url "
    "link contact interviewee interviewer interviewers interviewees transcriber note notes nb "
    "ps editor update correction photo caption tags name names speakers participants present "
    "attendees transcript recorded published fact example conclusion summary background "
    "disclaimer copyright via end step point next bottom line".split()
)
# Of these, what never speaks however often it comes again.
_NEVER_SPEAK = frozenset(
    "date time location place venue subject topic source title duration url link note notes nb "
    "break music intro outro sponsor tags copyright".split()
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


class Style(StrEnum):
    """How a label is written; within one document labels keep to one style."""

    UPPER = "upper"
    TITLE = "title"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it stands: `name` without the colon, `note` from the parentheses behind it."""

    name: str
    note: str | None
    style: Style

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
        return self.key in QUESTION_LABELS

    @property
    def replies(self) -> bool:
        return self.key in ANSWER_LABELS

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


def read_label(text: str) -> Label | None:
    """A label written without its colon, as from bold type or a voice tag; None if it is none."""
    name, note = _split_note(fold(text).rstrip(":").strip())
    if not name or len(name) > MAX_LABEL or not _is_name(name):
        return None
    letters = [char for char in name if char.isalpha()]
    if len(letters) == 1:
        return Label(name, note, Style.LETTER)
    upper = all(char == char.upper() for char in letters) and any(c != c.lower() for c in letters)
    return Label(name, note, Style.UPPER if upper else Style.TITLE)


def split_label(text: str) -> tuple[Label, str] | None:
    """The label at the start of `text` and the words after it, or None where there is none."""
    letter = _Q_AND_A.fullmatch(text)
    if letter is not None and letter["q"]:
        return Label("Q", None, Style.LETTER), letter["rest"].strip()
    colon = _colon(text)
    label = read_label(text[:colon]) if colon is not None else None
    if label is not None and colon is not None and _may_follow(text[colon + 1 : colon + 3]):
        return label, text[colon + 1 :].strip()
    return (Label("A", None, Style.LETTER), letter["rest"].strip()) if letter else None


def _may_follow(text: str) -> bool:
    """Whether a label's colon can stand before this: not in '3:16', not in 'Https://x'."""
    return not text or text[0].isspace() or not (text[0].isdigit() or text[0] == "/")


def _colon(text: str) -> int | None:
    """Where the first colon outside parentheses stands, if near enough to end a label."""
    depth = 0
    for at, char in enumerate(text[: MAX_LABEL + 60]):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char in ":：" and depth <= 0:
            return at
    return None


def _split_note(text: str) -> tuple[str, str | None]:
    if text.endswith(")") and "(" in text:
        name, note = text.split("(", 1)
        return name.strip(), note[:-1].strip() or None
    return text, None


def _is_name(text: str) -> bool:
    words = text.replace(",", ", ").split()
    if not words or len(words) > 8 or words[0].casefold() in ("and", "but", "so", "or", "if"):
        return False
    for at, word in enumerate(words):
        if not _NAME.fullmatch(word):
            if not (at and word.isdigit() and len(word) <= 2):  # 'OFFICIAL 2'
                return False
            continue
        if word.endswith(".") and not _INITIALS_OR_TITLE.fullmatch(word) and len(word) > 5:
            return False
        if word.casefold() not in _PARTICLES or at == 0:
            first = word[0]
            if first.lower() == first and first.upper() != first:
                return False
    return True
