"""A question → an answer: citations, how likely the first one answers, and what else to ask.

Where nobody says so, the answer says that, and why. Uses no language model.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.filters import Filters
from indexer.hints import Clues
from indexer.search import Searcher
from indexer.transcript import Hit
from service.abstention import Reason, explain
from service.citations import Citation, cite
from service.suggestions import Suggestion, suggest

if TYPE_CHECKING:
    from service.confidence import Confidence

__all__ = ["Answer", "Answerer", "Citation"]

# So that the confidence is the same however many citations are wanted.
JUDGED = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """Citations, best first, also where they do not answer.

    `answered` is false where nothing was found, or `confidence` is below the threshold; `reason`
    then says why. `confidence`, in 0..1, is the probability that the first citation answers; None
    where nothing was found, and for models for which none is known.
    """

    question: str
    answered: bool
    citations: tuple[Citation, ...]
    took_ms: float
    confidence: float | None = None
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()


class Answerer:
    """Answers questions from a library; safe to share between threads."""

    def __init__(
        self,
        searcher: Searcher,
        confidence: "Confidence | None" = None,
        threshold: float | None = None,
    ) -> None:
        """Without `confidence` whatever is found answers; `threshold` is its own by default."""
        self.searcher = searcher
        self.library = searcher.library
        self.confidence = confidence
        own = confidence.threshold if confidence is not None else 0.0
        self.threshold = own if threshold is None else threshold

    def ask(
        self,
        question: str,
        *,
        k: int = 5,
        filters: Filters | None = None,
        hints: bool = True,
        found: Callable[[Sequence[Hit]], None] | None = None,
    ) -> Answer:
        """The `k` best citations. Raises QueryError and NotFound as `Searcher.search` does.

        Without `hints` the names and times in the question are words like others. `found` is
        given the hits before they are judged and cited; what it raises ends the work.
        """
        began = time.perf_counter()
        filters = filters or Filters()
        # One state of the library: what was found is what is cited, whoever indexes meanwhile.
        with self.library.read() as connection:
            hits = self._search(question, k, filters, hints)
            if found is not None:
                found(hits[:k])
            confidence = self._confidence(hits)
            answered = self._answers(hits)
            citations = self.cite(question, hits[:k])
            reason = None
            if not answered:
                reason = explain(
                    self.library,
                    filters,
                    hits,
                    search=lambda wider: self._search(question, k, wider, hints),
                    answers=self._answers,
                )
            clues = self.searcher.clues(question) if hints else Clues()
            suggestions = suggest(connection, clues, filters)
        took_ms = (time.perf_counter() - began) * 1000
        return Answer(
            question, answered, tuple(citations), took_ms, confidence, reason, suggestions
        )

    def cite(self, question: str, hits: Sequence[Hit]) -> list[Citation]:
        """One citation for each hit, in order; the hits must be of the present state."""
        return cite(self.library, question, hits)

    def _search(self, question: str, k: int, filters: Filters, hints: bool) -> list[Hit]:
        return self.searcher.search(question, k=max(k, JUDGED), filters=filters, hints=hints)

    def _confidence(self, hits: Sequence[Hit]) -> float | None:
        """How likely the first of the hits answers, judged by the first `JUDGED` of them."""
        return self.confidence.of(hits[:JUDGED]) if self.confidence is not None and hits else None

    def _answers(self, hits: Sequence[Hit]) -> bool:
        """Whether the first of the hits answers."""
        confidence = self._confidence(hits)
        return bool(hits) and (confidence is None or confidence >= self.threshold)
