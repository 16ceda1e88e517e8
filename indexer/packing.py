"""Vectors of sentences in 8 bits a component, a quarter of the room of floats.

A row is scaled so that its largest component is 127 or -127; the scale need not be kept, since the
vectors have norm 1. Knows nothing of where the bytes are kept.
"""

from collections.abc import Sequence

import numpy as np

from models.embedder import Vectors


def pack(rows: Vectors) -> bytes:
    """(n, d) float32 of norm 1 → n * d bytes."""
    if not len(rows):
        return b""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    components = np.rint(rows * (127 / largest)).astype(np.int8)
    return bytes(components.tobytes())


def unpacked(packed: Sequence[bytes], dimension: int) -> Vectors:
    """The rows of all of the packed arrays, one below the other, (n, dimension), of norm 1."""
    rows = np.frombuffer(b"".join(packed), dtype=np.int8).reshape(-1, dimension)
    vectors = rows.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def unpack(packed: Sequence[bytes], dimension: int) -> tuple[Vectors, ...]:
    """For each of the packed arrays its (n, dimension) float32 rows of norm 1."""
    ends = np.cumsum([len(one) // dimension for one in packed])
    return tuple(np.split(unpacked(packed, dimension), ends[:-1])) if packed else ()
