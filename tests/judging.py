"""A stand-in for the calibrated confidence, whose answers are plain to see."""

from collections.abc import Sequence

from indexer.transcript import Hit


class FakeConfidence:
    """0.9 where the first hit holds one of the words, else 0.1; None for all without words."""

    threshold = 0.5

    def __init__(self, *words: str) -> None:
        self.words = words

    def of(self, hits: Sequence[Hit]) -> float | None:
        if not self.words:
            return None
        return 0.9 if any(word in hits[0].passage.text for word in self.words) else 0.1


class SharedWord(FakeConfidence):
    """0.9 where the first hit shares a word with the question, else 0.1."""

    def of(self, hits: Sequence[Hit]) -> float | None:
        return 0.9 if hits[0].components["lexical"] > 0 else 0.1
