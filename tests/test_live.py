"""Derived files are trusted only when they are true; killed and racing processes lose nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import manifest
from indexer.database import DATABASE
from indexer.errors import LibraryError
from indexer.library import Library
from indexer.live import VECTORS, LiveVectors
from indexer.manifest import Manifest
from indexer.search import Searcher
from indexer.transcript import Transcript
from indexer.vectors import FlatStore
from tests.fakes import FakeEmbedder, add, transcript

ROOT = Path(__file__).parents[1]
QUESTION = "What was said about matter 7?"


def document(name: str) -> Transcript:
    return transcript(
        name,
        f"Lavrov: On matter {name} we have said all that there was to say on this day.",
        f"Question: Will there be more of matter {name} in the days that are still to come?",
        f"Lavrov: On matter {name} there is always more to say, as you will see for yourselves.",
    )


def answers(searcher: Searcher) -> list[tuple[str, float, dict[str, float]]]:
    hits = searcher.search(QUESTION, 50)
    return [(hit.passage.id, hit.score, dict(hit.components)) for hit in hits]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of five transcripts, saved at that state."""
    with Library.open(tmp_path / "library", create=True) as library:
        for n in range(5, 10):
            add(library, document(str(n)), FakeEmbedder())
        LiveVectors(library).save()
        yield library


@pytest.fixture
def expected(library: Library) -> list[tuple[str, float, dict[str, float]]]:
    return answers(Searcher(library, FakeEmbedder()))


def no_rebuild(*_: object) -> Any:
    raise AssertionError("read the vectors from the database")


def test_a_true_file_is_loaded(
    library: Library,
    expected: list[tuple[str, float, dict[str, float]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No vector is read from the database, and the results are the same."""
    monkeypatch.setattr(Library, "vectors_after", no_rebuild)
    assert answers(Searcher(library, FakeEmbedder())) == expected


def test_the_manifest_repeats_the_database(library: Library) -> None:
    """Format, model, dimension, counts, generation and the checksum of the file."""
    state = library.state()
    assert json.loads((library.folder / "manifest.json").read_text()) == {
        "format": 4,
        "model": "fake@0000",
        "dimension": 64,
        "transcripts": 5,
        "passages": 15,
        "generation": 5,
        "state": state.token,
        "vectors_sha256": manifest.checksum(library.folder / VECTORS),
        "vectors": {
            "kind": "flat",
            "nlist": 0,
            "nprobe": 0,
            "trained_on": 0,
            "recall_at_10": 1.0,
            "recall_at_100": 1.0,
            "questions": 0,
        },
    }


def truncate(folder: Path) -> None:
    os.truncate(folder / VECTORS, 1000)


def flip_a_bit(folder: Path) -> None:
    content = bytearray((folder / VECTORS).read_bytes())
    content[-300] ^= 1
    (folder / VECTORS).write_bytes(content)


def forge(folder: Path) -> None:
    """Another index of the right kind, under a manifest that vouches for it."""
    store = FlatStore(64)
    store.add(np.array([1]), np.eye(1, 64, dtype=np.float32))
    store.save(folder / VECTORS)
    text = (folder / "manifest.json").read_text()
    old = json.loads(text)["vectors_sha256"]
    (folder / "manifest.json").write_text(text.replace(old, manifest.checksum(folder / VECTORS)))


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        flip_a_bit,
        forge,
        lambda folder: (folder / VECTORS).unlink(),
        lambda folder: (folder / VECTORS).write_text("rubbish"),
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("[1]"),
        lambda folder: (folder / "manifest.json").write_text('{"format": 1}'),
        lambda folder: (folder / "manifest.json").write_bytes(b"\xff" * 100_000),
    ],
)
def test_a_damaged_file_is_made_anew(
    library: Library,
    expected: list[tuple[str, float, dict[str, float]]],
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], object],
) -> None:
    """Results are the same, and once saved the files are true again."""
    damage(library.folder)
    with Library.open(library.folder) as again:
        searcher = Searcher(again, FakeEmbedder())
        assert answers(searcher) == expected
        searcher.vectors.save()
        monkeypatch.setattr(Library, "vectors_after", no_rebuild)
        assert answers(Searcher(again, FakeEmbedder())) == expected


def test_a_stale_file_is_not_used(library: Library) -> None:
    """Added and deleted after the save: the file does not say so, the results do."""
    add(library, document("10"), FakeEmbedder())
    library.delete("7")
    found = {name for name, *_ in answers(Searcher(library, FakeEmbedder()))}
    assert {name.split(":")[0] for name in found} == {"5", "6", "8", "9", "10"}


def test_a_file_of_another_past_is_not_used(library: Library, tmp_path: Path) -> None:
    """A database put back from a copy gives the same generation and rowids to other passages."""
    library.close()
    shutil.copy(library.database, tmp_path / "copy")
    with Library.open(library.folder) as again:
        add(again, document("10"), FakeEmbedder())
        LiveVectors(again).save()
    for file in library.folder.glob(DATABASE + "*"):
        file.unlink()
    shutil.copy(tmp_path / "copy", library.database)
    with Library.open(library.folder) as restored:
        add(restored, transcript("11", "Kerry: Zebras, and nothing but zebras."), FakeEmbedder())
        hit = Searcher(restored, FakeEmbedder()).search("zebras nothing but zebras", 1)[0]
        query = FakeEmbedder().embed_query("zebras nothing but zebras")
        near, _ = LiveVectors(restored)._store.search(query, 1)
        assert restored.passages(near.tolist()).popitem()[1] == hit.passage


@pytest.mark.parametrize("step", ["manifest.replace", "manifest.checksum", "manifest.write"])
def test_an_interrupted_save_harms_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whichever step of saving never happened, what was added is found."""
    add(library, document("10"), FakeEmbedder())
    live = LiveVectors(library)
    with monkeypatch.context() as patch:

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(f"indexer.{step}", interrupted)
        with pytest.raises(KeyboardInterrupt):
            live.save()
    with Library.open(library.folder) as again:
        searcher = Searcher(again, FakeEmbedder())
        assert searcher.search("matter 10", 1)[0].passage.transcript_id == "10"
        searcher.vectors.save()
        assert not list(library.folder.glob("*.tmp"))


def test_a_passage_without_embedding_is_an_error(library: Library) -> None:
    """Both numbers are named."""
    (library.folder / VECTORS).unlink()
    with library.write() as connection:
        connection.execute("DELETE FROM embeddings WHERE rowid = 1")
    with pytest.raises(LibraryError, match="holds 14 vectors, the database 15 passages"):
        LiveVectors(library)


def test_a_reader_of_an_older_state_does_not_take_the_store_back(library: Library) -> None:
    """A block that began to read before has the later vectors, as all others have."""
    live = LiveVectors(library)
    with library.read():
        library.stats()
        with Library.open(library.folder) as other:
            other.delete("5")
            add(other, document("10"), FakeEmbedder())
            newer = LiveVectors(other)
        live._store, live._state = newer._store, newer._state
        with live.in_step() as store:
            assert store.ids.tolist() == list(range(4, 19))
    with live.in_step() as store:
        assert store is newer._store
        assert store.ids.tolist() == list(range(4, 19))


def test_what_was_saved_is_gone_on_from(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file of an earlier state, only what came since is read from the database."""
    add(library, document("10"), FakeEmbedder())
    library.delete("7")
    asked: list[int] = []
    vectors_after = Library.vectors_after

    def watched(library: Library, rowid: int) -> Any:
        asked.append(rowid)
        return vectors_after(library, rowid)

    monkeypatch.setattr(Library, "vectors_after", watched)
    with LiveVectors(library).in_step() as store:
        assert store.ids.tolist() == [*range(1, 7), *range(10, 19)]
    assert asked == [15]


def test_a_large_file_is_written_anew_only_when_much_has_changed(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not in it yet, or no more, is found all the same, and not."""
    monkeypatch.setattr("indexer.live.REWRITE_ALWAYS", 10)
    monkeypatch.setattr("indexer.live.REWRITE_SHARE", 0.35)
    before = (library.folder / VECTORS).read_bytes()
    add(library, document("10"), FakeEmbedder())
    LiveVectors(library).save()
    assert (library.folder / VECTORS).read_bytes() == before
    with LiveVectors(library).in_step() as store:
        assert store.ids.tolist() == list(range(1, 19))
    library.delete("5")
    LiveVectors(library).save()  # 3 came and 3 went, of 15
    written = manifest.read(library.folder)
    assert isinstance(written, Manifest)
    assert (written.generation, written.passages) == (7, 15)
    assert (library.folder / VECTORS).read_bytes() != before


def test_a_damaged_large_file_is_written_anew(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing has changed: what is in memory was not read from it."""
    monkeypatch.setattr("indexer.live.REWRITE_ALWAYS", 10)
    before = (library.folder / VECTORS).read_bytes()
    flip_a_bit(library.folder)
    LiveVectors(library).save()
    assert (library.folder / VECTORS).read_bytes() == before


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of 20 passages is large, and few of them are no few."""
    monkeypatch.setattr("indexer.stores.EXACT_MOST", 20)
    monkeypatch.setattr("indexer.ivf.FEW", 2)


def kind(library: Library) -> str:
    written = manifest.read(library.folder)
    assert isinstance(written, Manifest)
    return written.vectors.kind


@pytest.mark.usefixtures("few_are_many")
def test_a_library_that_grows_gets_another_kind_of_store(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact while it is small; then lists, made anew at four times; exact again when it shrank."""
    live = LiveVectors(library)
    for n in range(10, 13):
        add(library, document(str(n)), FakeEmbedder())
    assert kind(library) == live.description.kind == "flat"
    live.save()
    assert kind(library) == live.description.kind == "ivf-sq8"
    assert live.description.trained_on == 24
    for n in range(13, 37):
        add(library, document(str(n)), FakeEmbedder())
    live.save()
    assert live.description.trained_on == 24  # 96 are not more than four times as many
    add(library, document("37"), FakeEmbedder())
    live.save()
    assert live.description.trained_on == 99
    with monkeypatch.context() as patch:
        patch.setattr(Library, "vectors_after", no_rebuild)
        loaded = LiveVectors(library)
    assert loaded.description == live.description
    with live.in_step() as store, loaded.in_step() as same:
        for allowed in (None, np.arange(1, 40), np.array([5, 8, 50])):
            query = FakeEmbedder().embed_query(QUESTION)
            ids, cosines = same.search(query, 10, allowed)
            assert ids.tolist() == store.search(query, 10, allowed)[0].tolist()
            assert len(ids) == (10 if allowed is None else min(10, len(allowed)))
            exact = library.embeddings_of(ids.tolist()).vectors @ query
            np.testing.assert_allclose(cosines, exact, atol=0.02)
    for n in range(8, 38):
        library.delete(str(n))
    live.save()
    assert kind(library) == live.description.kind == "flat"


@pytest.mark.usefixtures("few_are_many")
def test_a_store_that_another_process_made_is_taken_over(library: Library) -> None:
    """Who served the small library searches the large one as fast as who indexed it."""
    serving = LiveVectors(library)
    with Library.open(library.folder) as other:
        for n in range(10, 15):
            add(other, document(str(n)), FakeEmbedder())
        LiveVectors(other).save()
        add(other, document("15"), FakeEmbedder())
    with serving.in_step() as store:
        assert store.description.kind == "ivf-sq8"
        assert store.ids.tolist() == list(range(1, 34))


def test_several_threads_search_at_once_and_a_change_waits_for_them(library: Library) -> None:
    """Two are within at the same time; the store they have does not change under them."""
    live = LiveVectors(library)
    within, changed = threading.Barrier(3), threading.Event()
    seen: list[list[int]] = []

    def search() -> None:
        with live.in_step() as store:
            within.wait(timeout=60)
            assert changed.wait(timeout=60)
            seen.append(store.ids.tolist())

    def follow() -> None:
        with live.in_step() as store:
            seen.append(store.ids.tolist())

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    within.wait(timeout=60)
    library.delete("5")
    threads.append(threading.Thread(target=follow))
    threads[-1].start()
    changed.set()
    for thread in threads:
        thread.join(timeout=60)
    assert seen == [[*range(1, 16)], [*range(1, 16)], [*range(4, 16)]]


PRELUDE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from indexer.library import Library
from indexer.live import LiveVectors
from models.embedder import Excerpt
from tests.fakes import FakeEmbedder, add
from tests.test_live import document
library, embedder = Library.open(sys.argv[1], create=True), FakeEmbedder()
"""


def start(script: str, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-u", "-c", PRELUDE + script, str(folder), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize("acknowledged", [1, 4, 9])
def test_killed_while_adding(tmp_path: Path, acknowledged: int) -> None:
    """All that was acknowledged is there, nothing is there by half, and results are the same."""
    script = """
for n in range(100000):
    add(library, document(str(n)), embedder)
    print(n)
    if n % 3 == 2:
        LiveVectors(library).save()
"""
    with start(script, tmp_path / "killed") as child:
        assert child.stdout is not None
        for _ in range(acknowledged):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    with (
        Library.open(tmp_path / "killed") as killed,
        Library.open(tmp_path / "fresh", create=True) as fresh,
    ):
        names = [summary.id for summary in killed.transcripts()]
        assert {str(n) for n in range(acknowledged)} <= set(names)
        for name in sorted(names, key=int):
            assert killed.transcript(name) == document(name)
            add(fresh, document(name), FakeEmbedder())
        found = answers(Searcher(killed, FakeEmbedder()))
        assert found == answers(Searcher(fresh, FakeEmbedder()))
        assert len(found) == min(50, 2 * len(names))


def test_killed_while_embedding(tmp_path: Path) -> None:
    """What was embedded and acknowledged is not embedded again."""
    script = """
library.bind(embedder)
for n in range(100000):
    texts = [f"text {n}-{m}" for m in range(3)]
    library.store_embeddings(
        [text.encode().ljust(32) for text in texts],
        embedder.embed_excerpts([Excerpt(text, "", ((0, len(text)),)) for text in texts]),
    )
    print(n)
"""
    with start(script, tmp_path) as child:
        assert child.stdout is not None
        for _ in range(5):
            child.stdout.readline()
        child.kill()
    hashes = [f"text {n}-{m}".encode().ljust(32) for n in range(5) for m in range(3)]
    with Library.open(tmp_path) as library:
        assert library.missing_embeddings(hashes) == set()
        expected = FakeEmbedder().embed_passages([hash_.decode().strip() for hash_ in hashes])
        vectors, sentences = library.embeddings(hashes)
        np.testing.assert_array_equal(vectors, expected)
        np.testing.assert_allclose(np.concatenate(sentences), expected, atol=0.005)


def test_two_processes_make_and_fill_a_library_at_once(tmp_path: Path) -> None:
    """Both create it, both write to it and save; nobody fails and nothing is lost."""
    script = """
for n in range(15):
    add(library, document(f"{sys.argv[2]}-{n}"), embedder)
    LiveVectors(library).save()
"""
    children = [start(script, tmp_path, name) for name in ("a", "b")]
    assert [child.wait(timeout=100) for child in children] == [0, 0]
    for child in children:
        assert child.stdout is not None
        child.stdout.close()
    with Library.open(tmp_path) as library:
        assert library.stats().transcripts == library.stats().generation == 30
        written = manifest.read(tmp_path)
        assert isinstance(written, Manifest)
        assert (written.generation, written.passages) == (30, 90)
        assert written.vectors_sha256 == manifest.checksum(tmp_path / VECTORS)


def test_a_searcher_sees_what_another_process_adds(library: Library) -> None:
    """In the very next search, and what it deletes is gone from it."""
    searcher = Searcher(library, FakeEmbedder())
    assert "new" not in {hit.passage.transcript_id for hit in searcher.search(QUESTION)}
    script = 'add(library, document("new"), embedder); library.delete("5")'
    with start(script, library.folder) as child:
        assert child.wait(timeout=60) == 0
    found = {hit.passage.transcript_id for hit in searcher.search(QUESTION, 50)}
    assert found == {"6", "7", "8", "9", "new"}
