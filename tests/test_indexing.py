"""Walking files into the library: a bad one is reported and the rest goes on."""

import os
from pathlib import Path

import pytest

from evaluation.samples import Silent
from indexer.errors import TranscriptError
from indexer.indexing import Status, index_paths
from indexer.library import Library
from tests.fakes import FakeEmbedder

GOOD = "Ann Berg: One.\n\nBo Lund: Two.\n\nAnn Berg: Three.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "talks"
    path.mkdir()
    (path / "good.txt").write_text(GOOD)
    return path


@pytest.fixture
def index(tmp_path: Path):
    embedder = FakeEmbedder()
    with Library.open(tmp_path / "library", create=True) as library:
        library.bind(embedder)

        def run(*paths: Path, prune: bool = False):
            outcomes = index_paths(library, embedder, paths, Silent(), prune=prune)
            return {Path(outcome.path).name: outcome for outcome in outcomes}

        run.library = library
        yield run


def test_odd_entries_of_a_folder_are_named_and_skipped(folder, index):
    """Pipes, loops, dangling links, names that are no text, folders called like files."""
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "dir.txt").mkdir()
    (folder.parent / "outside.txt").write_text(GOOD)
    (folder / "out.txt").symlink_to("../outside.txt")
    (folder / os.fsdecode(b"bad\xff.txt")).write_text(GOOD)
    outcomes = index(folder)
    assert {name: outcome.reason for name, outcome in outcomes.items()} == {
        "good.txt": None,
        "pipe.txt": "not a file",
        "loop.txt": "a link that leads nowhere",
        "gone.txt": "a link that leads nowhere",
        "out.txt": "a link out of the folder",
        os.fsdecode(b"bad\xff.txt"): "its name is not text that can be written down",
    }
    assert outcomes["good.txt"].status is Status.INDEXED


def test_front_matter_made_to_break_the_parser_fails_alone(folder, index):
    """Deep nesting is refused like any other YAML that cannot be read."""
    (folder / "bad.md").write_text(f"---\ntitle: {'[' * 3000}\n---\nAnn: Hi.\n")
    outcomes = index(folder)
    assert outcomes["good.txt"].status is Status.INDEXED
    assert outcomes["bad.md"].status is Status.FAILED


def test_a_file_that_vanishes_between_walk_and_read_fails_alone(folder, index, monkeypatch):
    """It is reported by name."""
    (folder / "z.txt").write_text(GOOD)
    monkeypatch.setattr(
        "indexer.sources._size",
        lambda file: file.unlink(missing_ok=True) or 0 if file.name == "z.txt" else 1,
    )
    outcomes = index(folder)
    assert outcomes["good.txt"].status is Status.INDEXED
    assert "there is no such file" in outcomes["z.txt"].reason


def test_prune_spares_what_lies_in_a_folder_that_cannot_be_read(folder, index, monkeypatch):
    """A folder whose reading fails is a failure, not an empty folder."""
    (folder / "sub").mkdir()
    (folder / "sub" / "kept.txt").write_text(GOOD)
    index(folder)
    scandir = os.scandir

    def denied(path):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    outcomes = index(folder, prune=True)
    assert outcomes["sub"].status is Status.FAILED
    assert [summary.id for summary in index.library.transcripts()] == ["good", "kept"]


def test_a_path_that_is_not_there_is_an_error_before_anything_is_done(index):
    """A name of any length."""
    for path in (Path("/nowhere"), Path("a" * 300)):
        with pytest.raises(TranscriptError, match="no such file or folder"):
            index(path)


def test_three_thousand_speakers_are_read_in_one_go(folder, index):
    """Joining labels to people is not quadratic in their number (a stall would hang here)."""
    lines = [f"Name{n} Surname{n}: Words {n}.\n\n" for n in range(3000)]
    (folder / "many.txt").write_text("".join(lines))
    assert index(folder)["many.txt"].status is Status.INDEXED
