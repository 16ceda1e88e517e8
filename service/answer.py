"""Hits → an answer: which paragraph each one cites, and the sentence in it that answers.

Every quote is a slice of a paragraph of the same state of the library in which it was found.
Uses no language model.
"""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote as url_quote

import numpy as np

from indexer.lexical import telling_words
from indexer.search import Filters, Searcher
from indexer.sentences import Span, sentences
from indexer.transcript import Hit, Paragraph, Role, Speaker, Transcript, Turn

# A word shared with the question counts as much as this much cosine.
_WORD_WEIGHT = 0.05


def transcript_href(transcript_id: str) -> str:
    """Where a transcript stands in the web page."""
    return f"/transcripts/{url_quote(transcript_id, safe='')}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that a cited answer answers, as context; it is never the answer."""

    speaker: Speaker | None
    paragraph: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A promise: `quote` is paragraph[start:end], verbatim, said by `speaker`.

    `highlight` is the span of the sentence that answers, in characters of the paragraph. `sha256`
    is of the whole paragraph's text in UTF-8. `score` is in 0..1, higher is better, comparable
    within one answer only.
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

    @property
    def href(self) -> str:
        """Where the paragraph stands in the web page."""
        return f"{transcript_href(self.transcript_id)}#p{self.paragraph}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Citations, best first; `answered` is false where nothing was found at all."""

    question: str
    answered: bool
    citations: tuple[Citation, ...]
    took_ms: float


class Answerer:
    """Answers questions from a library; safe to share between threads."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.library = searcher.library

    def ask(self, question: str, *, k: int = 5, filters: Filters | None = None) -> Answer:
        """The `k` best citations. Raises QueryError and NotFound as `Searcher.search` does."""
        began = time.perf_counter()
        # One state of the library: what was found is what is cited, whoever indexes meanwhile.
        with self.library.read():
            hits = self.searcher.search(question, k=k, filters=filters or Filters())
            citations = self.cite(question, hits)
        took_ms = (time.perf_counter() - began) * 1000
        return Answer(question, bool(citations), tuple(citations), took_ms)

    def cite(self, question: str, hits: Sequence[Hit]) -> list[Citation]:
        """One citation for each hit, in order; the hits must be of the present state."""
        transcripts = {
            id_: self.library.transcript(id_) for id_ in {hit.passage.transcript_id for hit in hits}
        }
        places = [_places(hit, transcripts[hit.passage.transcript_id]) for hit in hits]
        best = self._best_sentences(question, places)
        return [
            _cite(hit, transcripts[hit.passage.transcript_id], places_of[at])
            for hit, places_of, at in zip(hits, places, best, strict=True)
        ]

    def _best_sentences(self, question: str, places: Sequence[Sequence["_Place"]]) -> list[int]:
        """For each passage, which of its sentences is nearest to the question.

        Nearness is the cosine of sentence and question, and a little for every shared word.
        """
        texts = [
            place.paragraph.text[slice(*place.sentence)]
            for places_of in places
            if len(places_of) > 1
            for place in places_of
        ]
        if not texts:
            return [0] * len(places)
        vectors = self.searcher.embedder.embed_passages(texts)
        cosines = vectors @ self.searcher.query_vector(question)
        asked = set(telling_words(question))
        shared = np.array([len(asked & set(telling_words(text))) for text in texts])
        scores = cosines + _WORD_WEIGHT * shared
        best, at = [], 0
        for places_of in places:
            if len(places_of) < 2:
                best.append(0)
                continue
            best.append(int(np.argmax(scores[at : at + len(places_of)])))
            at += len(places_of)
        return best


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a passage, and which part of its paragraph the passage holds."""

    paragraph: Paragraph
    part: Span
    sentence: Span


def _places(hit: Hit, transcript: Transcript) -> list[_Place]:
    passage = hit.passage
    turn = transcript.turns[passage.turn - 1]
    places = []
    for paragraph in turn.paragraphs:
        if passage.first_paragraph <= paragraph.number <= passage.last_paragraph:
            first = paragraph.number == passage.first_paragraph
            last = paragraph.number == passage.last_paragraph
            start = passage.start if first else 0
            end = passage.end if last else len(paragraph.text)
            places += [
                _Place(paragraph, (start, end), (start + one, start + two))
                for one, two in sentences(paragraph.text[start:end])
            ]
    return places


def _cite(hit: Hit, transcript: Transcript, place: _Place) -> Citation:
    passage, paragraph = hit.passage, place.paragraph
    turn = transcript.turns[passage.turn - 1]
    start, end = place.part
    return Citation(
        passage_id=passage.id,
        transcript_id=transcript.id,
        title=transcript.title,
        date=transcript.date,
        speaker=turn.speaker,
        role=turn.role,
        paragraph=paragraph.number,
        paragraphs=tuple(range(passage.first_paragraph, passage.last_paragraph + 1)),
        quote=paragraph.text[start:end],
        start=start,
        end=end,
        highlight=place.sentence,
        asked=_asked(transcript, turn),
        score=hit.score,
        rank=hit.rank,
        components=hit.components,
        sha256=sha256(paragraph.text.encode()).hexdigest(),
    )


def _asked(transcript: Transcript, turn: Turn) -> Asked | None:
    question = transcript.question_of(turn)
    if question is None:
        return None
    return Asked(question.speaker, question.paragraphs[0].number, question.text)
