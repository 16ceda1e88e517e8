"""What the rest of the system asks of a model: texts in, unit vectors out.

Knows texts and vectors; knows nothing of transcripts.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


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

    def embed_query(self, text: str) -> Vectors:
        """Returns (dimension,) float32 of norm 1 for a question."""
        ...
