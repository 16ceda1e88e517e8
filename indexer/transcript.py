"""The words of the domain: what a transcript is, what a passage of it is, what a search finds.

Frozen values, checked at construction; knows nothing of files, vectors or HTTP.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_SLUG = 80


class Role(StrEnum):
    """What a turn does in the exchange."""

    STATEMENT = "statement"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `named` is false where the label is only a role ('Question', 'Moderator').

    `as_written` is the name as the document has it, where the user merged it with another one
    that is shown; None where `name` is the document's.
    """

    name: str
    named: bool = True
    as_written: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One spoken paragraph, numbered from 1 through the document; text is verbatim.

    Verbatim means: white space folded to single blanks and Unicode NFC, nothing else changed.
    `start_s` and `end_s` are seconds of the recording, `page` that of a paged source.
    """

    number: int
    text: str
    start_s: float | None = None
    end_s: float | None = None
    page: int | None = None

    def __post_init__(self) -> None:
        if not self.text or self.text != fold(self.text):
            raise ValueError(f"paragraph {self.number}: text is empty or not folded")
        if self.start_s is not None and self.end_s is not None and self.end_s < self.start_s:
            raise ValueError(f"paragraph {self.number}: ends at {self.end_s} before {self.start_s}")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says without another coming in between.

    `speaker` is None where the source does not tell (honest, where a guess would be wrong).
    `answers` is the number of the turn that an answer answers: a question, or what a member asked
    in a meeting, which is a statement.
    """

    number: int
    speaker: Speaker | None
    role: Role
    paragraphs: tuple[Paragraph, ...]
    answers: int | None = None

    def __post_init__(self) -> None:
        if not self.paragraphs:
            raise ValueError(f"turn {self.number} has no paragraph")
        if (self.role is Role.ANSWER) != (self.answers is not None):
            raise ValueError(f"turn {self.number} is {self.role} and answers {self.answers}")

    @property
    def text(self) -> str:
        return " ".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A document of speech: turns numbered 1..n, paragraphs numbered 1..m through them.

    `id` is unique in a library and safe in a URL; `sha256` is of the file's bytes.
    """

    id: str
    title: str
    date: dt.date | None
    language: str | None
    source: str
    sha256: str
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        for expected, turn in enumerate(self.turns, start=1):
            if turn.number != expected:
                raise ValueError(f"turn {turn.number} stands where {expected} should")
        for expected, paragraph in enumerate(self.paragraphs(), start=1):
            if paragraph.number != expected:
                raise ValueError(f"paragraph {paragraph.number} stands where {expected} should")
        for turn in self.turns:
            if turn.answers is not None and not 0 < turn.answers < turn.number:
                raise ValueError(f"turn {turn.number} answers turn {turn.answers}")

    def paragraphs(self) -> Iterator[Paragraph]:
        for turn in self.turns:
            yield from turn.paragraphs

    def question_of(self, turn: Turn) -> Turn | None:
        """The question turn that `turn` answers, if it is an answer."""
        return self.turns[turn.answers - 1] if turn.answers is not None else None


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and found: a stretch of one turn with what is needed to understand it.

    `start` is a character offset in the first paragraph, `end` one in the last (exclusive);
    `text` is what stands between, paragraphs joined by a newline. `context` is what a reader
    would know at that point: title, date, speaker, the question answered, cut to fit the model's
    window with the text. `background` is the same uncut, for searching by words.
    """

    id: str
    transcript_id: str
    turn: int
    first_paragraph: int
    last_paragraph: int
    start: int
    end: int
    text: str
    context: str
    background: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. `score` in 0..1, higher is better, comparable within one search only.

    `components` names the parts of the score: `dense` is the cosine of the whole, `sentence` that
    of the nearest sentence, `lexical` the share of the question's words, rare ones counting more,
    that BM25 finds (0 where no word matched); the rest are hints, from 0 to 1 where they hold.
    `nearness` holds the cosine of each sentence of the passage's text, in order (see
    `passages.sentence_spans`). `duplicates` are passages in which the same person says the same,
    elsewhere or again.
    """

    passage: Passage
    score: float
    rank: int
    components: Mapping[str, float] = field(default_factory=dict)
    nearness: tuple[float, ...] = ()
    duplicates: tuple[Passage, ...] = ()


def fold(text: str) -> str:
    """Text as we keep it: NFC, every run of white space a single blank, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def slug(text: str) -> str:
    """A readable id, safe as a part of an address: letters of any script, digits and dashes.

    >>> slug("Lavrov & Kommasith 2017-06-16")
    'lavrov-kommasith-2017-06-16'
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "-", plain)[:MAX_SLUG].strip("-") or "transcript"
