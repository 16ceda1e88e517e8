"""What `onrecord stats` tells of a library."""

import json

import pytest

from indexer import ivf
from indexer.live import VECTORS, describe
from indexer.vectors import Description, Kind
from service.settings import load_settings

LINES = "\n\n".join(f"Ann Lee: On matter {n} there is nothing to say." for n in range(30))


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text(f"3 May 2023\n\n{LINES}\n", encoding="utf-8")
    return path


def told(run):
    code, out, err = run("stats")
    assert (code, err) == (0, "")
    return dict(line.split(maxsplit=1) for line in out.splitlines())


def test_counts_and_how_vectors_are_searched(run, talk):
    """For a person in lines, for a script as JSON."""
    run("index", talk)
    lines = told(run)
    assert (lines["transcripts"], lines["dates"]) == ("1", "2023-05-03 to 2023-05-03")
    assert lines["vectors"] == "all are compared (exact)"
    found = json.loads(run("stats", "--json")[1])
    assert found["transcripts"] == 1
    assert str(found["passages"]) == lines["passages"]
    assert found["vectors"]["kind"] == "flat"
    assert found["vectors"]["recall_at_10"] == 1.0


def test_the_recall_that_was_measured_is_told(run, talk, monkeypatch):
    """With the lists that are searched, and over how many questions."""
    made = Description(Kind.IVF, 2048, 200, 1_000_000, 0.9871, 0.983, 400)
    monkeypatch.setattr("indexer.stores.EXACT_MOST", 0)
    monkeypatch.setattr(ivf, "_tuned", lambda *_: made)
    monkeypatch.setattr("indexer.ivf.DEEP", 1)
    run("index", talk)
    assert told(run)["vectors"] == (
        "the 200 nearest of 2,048 lists are searched, made for 1,000,000 passages; of the exact 10 "
        "nearest 98.7% are found, of the exact 100 98.3% (over 400 questions)"
    )


def test_a_library_without_saved_vectors(run, talk):
    """Says that it has none, instead of repeating what does not hold any more."""
    from indexer.library import Library

    run("index", talk)
    with Library.open(load_settings().library) as library:
        assert describe(library) == Description(Kind.FLAT)
        (library.folder / VECTORS).unlink()
        assert describe(library) is None
    assert told(run)["vectors"] == "not saved: they are read from the database at each start"
