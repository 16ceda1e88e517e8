"""Hits → citations: which paragraph each one cites, and the sentence in it that answers.

Every quote is a slice of a stored paragraph. Judges nothing; uses no language model.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote as url_quote

from indexer.lexical import telling_words
from indexer.library import Library
from indexer.lookup import Heading, headings
from indexer.sentences import Span, sentences
from indexer.spoken import Stretch
from indexer.transcript import Hit, Paragraph, Passage, Role, Speaker, Turn

# A word shared with the question counts as much as this much cosine.
_WORD_WEIGHT = 0.05


def transcript_href(transcript_id: str) -> str:
    """Where a transcript stands in the web page."""
    return f"/transcripts/{url_quote(transcript_id, safe='')}"


def paragraph_href(transcript_id: str, paragraph: int) -> str:
    """Where a paragraph stands in the web page."""
    return f"{transcript_href(transcript_id)}#p{paragraph}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that a cited answer answers, as context; it is never the answer."""

    speaker: Speaker | None
    paragraph: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where else the same person says the same."""

    transcript_id: str
    title: str
    date: dt.date | None
    paragraph: int

    @property
    def href(self) -> str:
        """Where the paragraph stands in the web page."""
        return paragraph_href(self.transcript_id, self.paragraph)


@dataclass(frozen=True, slots=True)
class Citation:
    """A promise: `quote` is paragraph[start:end], verbatim, said by `speaker`.

    `highlight` is the span of the sentence that answers, in characters of the paragraph. `sha256`
    is of the whole paragraph's text in UTF-8. `score` is in 0..1, higher is better, comparable
    within one answer only. `also` is where else it is said, the nearest to the question first.
    """

    passage_id: str
    transcript_id: str
    title: str
    date: dt.date | None
    speaker: Speaker | None
    role: Role
    paragraph: int
    paragraphs: tuple[int, ...]
    quote: str
    start: int
    end: int
    highlight: Span
    asked: Asked | None
    score: float
    rank: int
    components: Mapping[str, float]
    sha256: str
    also: tuple[Source, ...] = ()

    @property
    def href(self) -> str:
        """Where the paragraph stands in the web page."""
        return paragraph_href(self.transcript_id, self.paragraph)


def cite(library: Library, question: str, hits: Sequence[Hit]) -> list[Citation]:
    """One citation for each hit, in order; the hits must be of the present state."""
    with library.read() as connection:
        spoken = library.stretches(_stretch(hit.passage) for hit in hits)
        asked = library.stretches(
            Stretch(cited.transcript_id, turn.answers)
            for cited, turn in spoken.items()
            if turn.answers is not None
        )
        said = (passage for hit in hits for passage in (hit.passage, *hit.duplicates))
        sources = headings(connection, (passage.transcript_id for passage in said))
    words = set(telling_words(question))
    citations = []
    for hit in hits:
        turn = spoken[_stretch(hit.passage)]
        answers = None
        if turn.answers is not None:
            answers = asked[Stretch(hit.passage.transcript_id, turn.answers)]
        place = _best(words, _places(hit, turn), hit)
        citations.append(_cite(hit, turn, answers, place, sources))
    return citations


def _stretch(passage: Passage) -> Stretch:
    return Stretch(
        passage.transcript_id, passage.turn, passage.first_paragraph, passage.last_paragraph
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a passage, and which part of its paragraph the passage holds."""

    paragraph: Paragraph
    part: Span
    sentence: Span


def _best(asked: set[str], places: Sequence[_Place], hit: Hit) -> _Place:
    """The sentence nearest to the question: by its cosine, and a little for every shared word."""

    def score(at: int) -> float:
        place = places[at]
        words = set(telling_words(place.paragraph.text[slice(*place.sentence)]))
        return hit.nearness[at] + _WORD_WEIGHT * len(asked & words)

    return places[max(range(len(places)), key=score)]


def _places(hit: Hit, turn: Turn) -> list[_Place]:
    """The sentences of the passage, of whose turn no more than its paragraphs are given."""
    passage = hit.passage
    places = []
    for paragraph in turn.paragraphs:
        start = passage.start if paragraph.number == passage.first_paragraph else 0
        last = paragraph.number == passage.last_paragraph
        end = passage.end if last else len(paragraph.text)
        places += [
            _Place(paragraph, (start, end), (start + one, start + two))
            for one, two in sentences(paragraph.text[start:end])
        ]
    return places


def _cite(
    hit: Hit,
    turn: Turn,
    question: Turn | None,
    place: _Place,
    sources: Mapping[str, Heading],
) -> Citation:
    passage, paragraph = hit.passage, place.paragraph
    title, date = sources[passage.transcript_id]
    start, end = place.part
    return Citation(
        passage_id=passage.id,
        transcript_id=passage.transcript_id,
        title=title,
        date=date,
        speaker=turn.speaker,
        role=turn.role,
        paragraph=paragraph.number,
        paragraphs=tuple(range(passage.first_paragraph, passage.last_paragraph + 1)),
        quote=paragraph.text[start:end],
        start=start,
        end=end,
        highlight=place.sentence,
        asked=_asked(question),
        score=hit.score,
        rank=hit.rank,
        components=hit.components,
        sha256=sha256(paragraph.text.encode()).hexdigest(),
        also=tuple(
            Source(same.transcript_id, *sources[same.transcript_id], same.first_paragraph)
            for same in hit.duplicates
        ),
    )


def _asked(question: Turn | None) -> Asked | None:
    if question is None:
        return None
    return Asked(question.speaker, question.paragraphs[0].number, question.text)
