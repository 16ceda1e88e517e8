"""The index of words on disk: it follows the library, through crashes and other processes."""

import json
import shutil
from pathlib import Path

import filelock
import pytest

from indexer.errors import LibraryError
from indexer.library import Library
from indexer.words import FOLDER, STATE, LiveWords
from tests.fakes import FakeEmbedder, add, transcript


def found(library: Library, question: str, live: LiveWords | None = None) -> list[int]:
    with library.read() as connection:
        words = (live or LiveWords(library)).at(connection)
        return [rowid for rowid, _ in words.search(question, 100)]


def state_file(library: Library) -> Path:
    return library.folder / FOLDER / STATE


@pytest.fixture
def talks(tmp_path) -> Library:
    """Rowid 1 has a zebra, 2 a horse."""
    with Library.open(tmp_path / "talks", create=True) as library:
        add(library, transcript("one", "Kerry: A zebra came."), FakeEmbedder())
        add(library, transcript("two", "Kerry: A horse came."), FakeEmbedder())
        yield library


def test_words_follow_every_change(talks):
    """What is added, replaced and deleted is so at once, in every process."""
    live, other = LiveWords(talks), LiveWords(talks)
    assert found(talks, "came", live) == [1, 2]
    add(talks, transcript("three", "Kerry: A zebra left."), FakeEmbedder())
    assert found(talks, "zebra", live) == found(talks, "zebra", other) == [1, 3]
    add(talks, transcript("one", "Kerry: A mule came."), FakeEmbedder())
    assert found(talks, "zebra", other) == found(talks, "zebra", live) == [3]
    assert found(talks, "mule", live) == [4]
    for name in ("one", "two", "three"):
        talks.delete(name)
    assert found(talks, "came", live) == found(talks, "came", other) == []


def test_the_index_is_not_made_again(talks):
    """Another process takes what it finds: not a file is touched."""
    assert found(talks, "zebra") == [1]
    folder = talks.folder / FOLDER / "index"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert found(talks, "horse") == [2]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_crash_before_the_state_was_noted_harms_nothing(talks):
    """The index is ahead of its note: what was done is done again, and nothing stands twice."""
    assert found(talks, "came") == [1, 2]
    noted = state_file(talks).read_text()
    add(talks, transcript("three", "Kerry: A zebra came."), FakeEmbedder())
    talks.delete("two")
    assert found(talks, "came") == [1, 3]
    state_file(talks).write_text(noted)
    assert found(talks, "came") == [1, 3]
    assert json.loads(state_file(talks).read_text())["greatest"] == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"version": 0}', "[" * 5000])
def test_a_damaged_note_has_the_index_made_anew(talks, text):
    """Nothing is trusted that is not understood."""
    assert found(talks, "came") == [1, 2]
    state_file(talks).write_text(text)
    assert found(talks, "came") == [1, 2]


def test_a_damaged_index_is_made_anew(talks):
    """Its files are gone or are something else."""
    assert found(talks, "came") == [1, 2]
    shutil.rmtree(talks.folder / FOLDER / "index")
    assert found(talks, "came") == [1, 2]
    (talks.folder / FOLDER / "index" / "meta.json").write_text("{}")
    assert found(talks, "came") == [1, 2]


def test_the_index_of_another_library_is_not_taken(talks, tmp_path):
    """A backup was put back in place of the database, and went its own way since."""
    backup = tmp_path / "backup"
    shutil.copytree(talks.folder, backup)
    add(talks, transcript("three", "Kerry: A zebra left."), FakeEmbedder())
    assert found(talks, "zebra") == [1, 3]
    shutil.copytree(talks.folder / FOLDER, backup / FOLDER)
    with Library.open(backup) as restored:
        add(restored, transcript("four", "Kerry: A giraffe left."), FakeEmbedder())
        assert found(restored, "zebra") == [1]
        assert found(restored, "giraffe") == [3]


def test_an_older_reader_takes_the_newer_index(talks):
    """And leaves it in place: what it finds besides is told apart by its rows."""
    live = LiveWords(talks)
    with talks.read() as connection:
        assert talks.stats().passages == 2
        with Library.open(talks.folder) as other:
            add(other, transcript("three", "Kerry: A zebra left."), FakeEmbedder())
            assert found(other, "zebra") == [1, 3]
        note = state_file(talks).read_text()
        assert [rowid for rowid, _ in live.at(connection).search("zebra", 9)] == [1, 3]
        assert state_file(talks).read_text() == note


def test_a_folder_that_cannot_be_written_is_said_so(talks):
    """A file stands where the folder should."""
    (talks.folder / FOLDER).write_text("")
    with pytest.raises(LibraryError, match="words: File exists"):
        found(talks, "zebra")


def test_a_search_does_not_wait_long_for_another_process(talks, monkeypatch):
    """It takes the words that it has, and the newer ones as soon as they are to be had."""
    monkeypatch.setattr("indexer.words.PATIENCE_S", 0.01)
    live = LiveWords(talks)
    assert found(talks, "zebra", live) == [1]
    add(talks, transcript("three", "Kerry: A zebra left."), FakeEmbedder())
    with filelock.FileLock(talks.folder / FOLDER / "lock"):
        assert found(talks, "zebra", live) == [1]
    assert found(talks, "zebra", live) == [1, 3]


def test_words_that_nobody_can_have_are_waited_for_and_then_an_error(talks, monkeypatch):
    """A process that has none yet has nothing to fall back on."""
    monkeypatch.setattr("indexer.words.LOCK_TIMEOUT_S", 0.01)
    found(talks, "zebra")
    with (
        filelock.FileLock(talks.folder / FOLDER / "lock"),
        pytest.raises(LibraryError, match="another process has kept"),
    ):
        found(talks, "zebra")
