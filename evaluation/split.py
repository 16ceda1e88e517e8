"""Halves of a dataset's queries: one to choose by, one to report on."""

from hashlib import sha256
from typing import Literal

SEED = "onrecord-2026-11"
Half = Literal["dev", "report"]


def half(query_id: str) -> Half:
    """The half in which a query is, by the sha256 of a fixed seed and its id: the same for ever."""
    return "dev" if sha256(f"{SEED}:{query_id}".encode()).digest()[0] < 128 else "report"
