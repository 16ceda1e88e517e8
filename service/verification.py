"""Whether a quote stands in the paragraph that it is said to stand in, by that speaker.

Compares letter by letter, and words only to show what stands there instead. Judges no meaning, and
takes no word's part for a word: "he is guilty" does not stand in "she is guilty".
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256

from indexer.aliases import keys_of
from indexer.errors import NotFound, QueryError
from indexer.library import Library
from indexer.records import speaker_key
from indexer.sentences import Span
from indexer.transcript import Paragraph, Speaker, Transcript, Turn, fold
from service.citations import paragraph_href

# Scripts that are written without blanks have no place that is inside of a word.
_LETTER = (
    r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
_INSIDE = re.compile(
    rf"(?<={_LETTER})(?={_LETTER})|(?<=\d[.,])(?=\d)|(?<=\d)(?=[.,]\d)",
)
_OUTSIDE = re.compile(rf"(?!{_INSIDE.pattern})", re.DOTALL)
_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^\W+|\W+$")


class Verdict(StrEnum):
    """How a quote stands in a paragraph."""

    EXACT = "exact"
    WHITESPACE = "whitespace-normalised"
    NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The words at `start` to `end` of the paragraph; `similarity` is 0..1, 1 is the same words.

    It is twice the words that both have in the same order, over the words of both (difflib).
    """

    text: str
    start: int
    end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a citation.

    `speaker` is who says the paragraph; `speaker_right` whether that is the one who was given,
    None where none was. `nearest` is what was quoted, or comes nearest to it; None where the
    paragraph has no word of the quote. `sha256` is of the paragraph's text in UTF-8.
    """

    verdict: Verdict
    transcript_id: str
    title: str
    date: dt.date | None
    paragraph: int
    speaker: Speaker | None
    speaker_right: bool | None
    nearest: Nearest | None
    sha256: str

    @property
    def stands(self) -> bool:
        """Whether the words stand there, and nobody else says them than was given."""
        return self.verdict is not Verdict.NOT_FOUND and self.speaker_right is not False

    @property
    def href(self) -> str:
        """Where the paragraph stands in the web page."""
        return paragraph_href(self.transcript_id, self.paragraph)


def verify(
    library: Library, transcript_id: str, paragraph: int, quote: str, speaker: str | None = None
) -> Verification:
    """Looks the quote up. Raises NotFound for the transcript or paragraph, QueryError for a blank.

    Every name of a merged person is right.
    """
    if not fold(quote):
        raise QueryError("the quote is blank: give the words that are quoted")
    with library.read():
        document = library.transcript(transcript_id)
        turn, cited = _place(document, paragraph)
        right = None if speaker is None else _is_speaker(library, turn.speaker, speaker)
    verdict, nearest = compare(cited.text, quote)
    return Verification(
        verdict=verdict,
        transcript_id=document.id,
        title=document.title,
        date=document.date,
        paragraph=paragraph,
        speaker=turn.speaker,
        speaker_right=right,
        nearest=nearest,
        sha256=sha256(cited.text.encode()).hexdigest(),
    )


def compare(text: str, quote: str) -> tuple[Verdict, Nearest | None]:
    """How the quote stands in a paragraph's text, and the words that come nearest to it.

    White space is normalised as the paragraph's is: single blanks, Unicode NFC.
    """
    for verdict, wanted in ((Verdict.EXACT, quote), (Verdict.WHITESPACE, fold(quote))):
        span = _standing(text, wanted)
        if span is not None:
            return verdict, Nearest(text[slice(*span)], *span, 1.0)
    return Verdict.NOT_FOUND, _nearest(text, quote)


def _place(document: Transcript, number: int) -> tuple[Turn, Paragraph]:
    count = 0
    for turn in document.turns:
        for paragraph in turn.paragraphs:
            count += 1
            if paragraph.number == number:
                return turn, paragraph
    raise NotFound(f"no paragraph {number} in {document.id!r}, which has {count}")


def _is_speaker(library: Library, speaker: Speaker | None, given: str) -> bool:
    if speaker is None:
        return False
    key = speaker_key(speaker.name)
    with library.read() as connection:
        return speaker_key(fold(given)) in keys_of(connection, [key])[key]


def _standing(text: str, quote: str) -> Span | None:
    """The first place of the quote that neither begins nor ends inside of a word or number."""
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        if not (_INSIDE.match(text, start) or _INSIDE.match(text, end)):
            return start, end
        # On to the next place where a word can begin: in a long word there may be thousands.
        begins = _OUTSIDE.search(text, start + 1)
        start = text.find(quote, begins.start()) if begins else -1
    return None


def _nearest(text: str, quote: str) -> Nearest | None:
    """As many words as the quote has, around the longest run of words that both have."""
    spans, words = _split(text)
    _, wanted = _split(quote)
    # Rare words first: difflib's own heuristic, which also bounds the work in long paragraphs.
    run = SequenceMatcher(None, wanted, words).find_longest_match()
    if not run.size:
        return None
    first = max(0, run.b - run.a)
    last = min(len(words), max(run.b - run.a + len(wanted), run.b + run.size))
    similarity = SequenceMatcher(None, wanted, words[first:last]).ratio()
    start, end = spans[first][0], spans[last - 1][1]
    return Nearest(text[start:end], start, end, similarity)


def _split(text: str) -> tuple[list[Span], list[str]]:
    """Where the words stand, and the words without regard to case and marks around them."""
    found = list(_words(text))
    return [span for span, _ in found], [word for _, word in found]


def _words(text: str) -> Iterator[tuple[Span, str]]:
    for match in _WORD.finditer(text):
        word = match.group().casefold()
        yield match.span(), _EDGES.sub("", word) or word
