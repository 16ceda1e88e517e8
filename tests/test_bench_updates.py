"""The bench of live updates, on a library of two transcripts."""

import pytest

from evaluation.bench.updates import measure
from evaluation.errors import EvaluationError
from tests.fakes import FakeEmbedder


def test_what_is_added_is_found_and_what_is_deleted_is_not(library):
    """A hundred paragraphs a round; afterwards the library holds what it held before."""
    before = [one.id for one in library.transcripts()]
    row = measure(library, FakeEmbedder(), 2)
    assert (row["added"], row["rounds"], row["passages"]) == (100, 2, library.stats().passages)
    assert all(row[f"{name}_ms"]["p50"] > 0 for name in ("add", "found", "delete", "gone"))
    assert [one.id for one in library.transcripts()] == before


def test_what_is_not_found_is_no_result(library, monkeypatch):
    """Times of a search that finds something else would be worth nothing."""
    monkeypatch.setattr(library, "add", lambda *given: None)
    with pytest.raises(EvaluationError, match="bench-0 was added and is not found"):
        measure(library, FakeEmbedder(), 1)
