"""What the rest of the system asks of a model: texts in, unit vectors out.

Knows texts and vectors; knows nothing of transcripts.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Precision(StrEnum):
    """How exactly a model computes: in 32-bit floats, or its large products in 8-bit integers."""

    FP32 = "fp32"
    INT8 = "int8"


class Excerpt(NamedTuple):
    """A text to be found, what it is understood by, and the character spans of its sentences."""

    text: str
    context: str = ""
    sentences: tuple[tuple[int, int], ...] = ()

    @property
    def whole(self) -> str:
        """What the model reads: the context and, on a new line, the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


class Embeddings(NamedTuple):
    """Of n excerpts: `vectors` (n, dimension) float32 rows of norm 1, one for each whole.

    `sentences` holds, for each excerpt with s sentences, (s, dimension) float32 rows of norm 1.
    """

    vectors: Vectors
    sentences: tuple[Vectors, ...]


class Embedder(Protocol):
    """Turns texts into vectors whose inner product is the cosine; higher is nearer."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its exact weights, as `name@hash`; equal means interchangeable."""
        ...

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens that fit the model's window, special tokens included; the rest is cut off."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens and prompt excluded, nothing cut off."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Returns (n, dimension) float32 for texts to be found; every row has norm 1."""
        ...

    def embed_excerpts(self, excerpts: Sequence[Excerpt]) -> Embeddings:
        """Embeds excerpts in their contexts, and each of their sentences.

        The vectors are what `embed_passages` gives for the `whole` of each. A sentence's vector
        may, but need not, know what stands around it.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Returns (dimension,) float32 of norm 1 for a question."""
        ...
