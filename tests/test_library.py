"""The library on disk: round trips, replacing, ids, models, damage, threads."""

import datetime as dt
import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.database import DATABASE
from indexer.errors import LibraryError, ModelMismatch, NotFound
from indexer.library import Library, State
from indexer.passages import embedding_hash, excerpt, split
from indexer.records import SourceFile, SpeakerSummary, TranscriptSummary
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn
from models.embedder import Embeddings, Excerpt
from tests.fakes import FakeEmbedder, add, source_of, transcript

TALKS = transcript(
    "talks",
    "Sergey Lavrov: We met. / We spoke of Syria and of many other things that concern both of us.",
    "Question: And what came of it?",
    "SERGEY LAVROV: A lot.",
    "-: Somebody speaks.",
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "a" / "library", create=True) as library:
        library.bind(FakeEmbedder())
        yield library


def test_a_transcript_comes_back_as_it_was(library: Library) -> None:
    """Times, missing speakers, roles and whatever else a transcript holds."""
    spoken = (Paragraph(1, "Да, 'quoted'.", 0.5, 2.25), Paragraph(2, "x"))
    timed = Transcript(
        "timed",
        "T",
        None,
        None,
        "https://example.org/a",
        "ab",
        (
            Turn(1, Speaker("Question", named=False), Role.QUESTION, spoken[:1]),
            Turn(2, None, Role.ANSWER, spoken[1:], answers=1),
        ),
    )
    for document in (TALKS, timed):
        add(library, document, FakeEmbedder())
        assert library.transcript(document.id) == document


def test_passages_come_back_as_they_were(library: Library) -> None:
    """By id, and by rowid those that exist."""
    add(library, TALKS, FakeEmbedder())
    passages = split(TALKS, FakeEmbedder())
    assert [library.passage(passage.id) for passage in passages] == list(passages)
    assert library.passages([2, 99]) == {2: passages[1]}


def test_summaries_speakers_and_counts(library: Library) -> None:
    """Names that differ in case are one speaker; dates span the transcripts."""
    add(library, TALKS, FakeEmbedder())
    more = transcript("more", "Sergey Lavrov: Again.", date=dt.date(2018, 1, 2), language=None)
    add(library, more, FakeEmbedder())
    assert list(library.transcripts()) == [
        TranscriptSummary(
            "more", "Press conference", dt.date(2018, 1, 2), None, "more.txt", more.sha256,
            "/files/more.txt", turns=1, paragraphs=1, passages=1,
        ),
        TranscriptSummary(
            "talks", "Press conference", dt.date(2017, 6, 16), "en", "talks.txt", TALKS.sha256,
            "/files/talks.txt", turns=4, paragraphs=5, passages=4,
        ),
    ]  # fmt: skip
    assert [summary.id for summary in library.transcripts(after="more")] == ["talks"]
    first, last = dt.date(2017, 6, 16), dt.date(2018, 1, 2)
    assert library.speakers() == [
        SpeakerSummary("SERGEY LAVROV", True, 3, 2, first, last),
        SpeakerSummary("Question", False, 1, 1, first, first),
    ]
    assert [speaker.name for speaker in library.speakers(limit=1)] == ["SERGEY LAVROV"]
    stats = library.stats()
    assert (stats.transcripts, stats.turns, stats.paragraphs, stats.passages) == (2, 5, 6, 5)
    assert (stats.speakers, stats.embeddings, stats.generation) == (2, 5, 2)
    assert (stats.first_date, stats.last_date) == (first, last)
    assert (stats.model, stats.dimension) == ("fake@0000", 64)


def test_more_transcripts_than_a_page_are_iterated(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every one once, also while another is deleted in between."""
    monkeypatch.setattr("indexer.library.PAGE", 2)
    for name in "abcde":
        add(library, transcript(name, "Lavrov: Hello."), FakeEmbedder())
    seen = []
    for summary in library.transcripts():
        seen.append(summary.id)
        library.delete(summary.id)
    assert seen == ["a", "b", "c", "d", "e"]


def test_adding_again_replaces(library: Library) -> None:
    """The same source has one transcript; embeddings of the old one are gone, its rows noted."""
    add(library, TALKS, FakeEmbedder())
    before = library.rowids()
    shorter = transcript("talks", "Sergey Lavrov: Only zebras.")
    add(library, shorter, FakeEmbedder())
    assert library.transcript("talks") == shorter
    assert library.stats().embeddings == library.stats().passages == 1
    assert library.rowids().min() > before.max()
    assert library.removed_since(1).tolist() == before.tolist()
    assert library.removed_since(library.state().generation).tolist() == []


def test_a_library_knows_its_own_states(library: Library, tmp_path: Path) -> None:
    """Earlier ones, the present one, also one that came after this thread began to read."""
    first = library.state()
    with library.read():
        assert library.was(library.state())
        with Library.open(library.folder) as other:
            add(other, TALKS, FakeEmbedder())
            second = other.state()
        assert library.state() == first
        assert library.was(second)
    assert library.was(first)
    assert not library.was(State(first.generation, "0000"))
    with Library.open(tmp_path / "other", create=True) as stranger:
        assert not stranger.was(second)


def test_the_id_of_another_source_is_refused(library: Library) -> None:
    """Two files that race for one id do not overwrite each other."""
    add(library, TALKS, FakeEmbedder())
    nothing = FakeEmbedder().embed_excerpts([])
    with pytest.raises(LibraryError, match=r"talks is the id of /files/talks.txt"):
        library.add(TALKS, [], nothing, SourceFile("/elsewhere/talks.txt", "s", 1, "1"))
    assert library.transcript("talks") == TALKS


def test_deleting_leaves_nothing(library: Library) -> None:
    """All tables are empty again, and rowids are not given a second time."""
    add(library, TALKS, FakeEmbedder())
    highest = library.rowids().max()
    library.delete("talks")
    with library.read() as connection:
        for table in ("transcripts", "turns", "paragraphs", "passages", "embeddings"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    with pytest.raises(NotFound, match="no transcript 'talks'"):
        library.delete("talks")
    with pytest.raises(NotFound, match="no transcript 'talks'"):
        library.transcript("talks")
    with pytest.raises(NotFound, match="no passage 'talks:p1'"):
        library.passage("talks:p1")
    add(library, TALKS, FakeEmbedder())
    assert library.rowids().min() > highest


def test_an_embedding_in_use_elsewhere_stays(library: Library) -> None:
    """Two transcripts share a passage; deleting one leaves the other findable."""
    embedder = FakeEmbedder()
    for name in ("a", "b"):
        add(library, transcript(name, "Lavrov: The same words."), embedder)
    assert embedder.embedded == 1
    library.delete("a")
    assert library.stats().embeddings == 1
    library.delete("b")
    assert library.stats().embeddings == 0


def test_a_transcript_without_passages_is_kept(library: Library) -> None:
    """An empty file is known as indexed."""
    empty = Transcript("empty", "", None, None, "", "", ())
    add(library, empty, FakeEmbedder())
    assert library.transcript("empty") == empty
    assert library.source_state("/files/empty.txt") == source_of(empty)


def test_embeddings_of_an_interrupted_run_are_kept_until_compacted(library: Library) -> None:
    """What was stored is not missing any more; unless nobody uses it for a day."""
    embedder = FakeEmbedder()
    hashes = [bytes([n]) * 32 for n in range(3)]
    a, b, c = (Excerpt(letter, "", ((0, 1),)) for letter in "abc")
    library.store_embeddings(hashes[:2], embedder.embed_excerpts([a, b]))
    library.store_embeddings(hashes[:1], embedder.embed_excerpts([c]))
    assert library.missing_embeddings(hashes) == {hashes[2]}
    vectors, sentences = library.embeddings(hashes[1::-1])
    np.testing.assert_array_equal(vectors, embedder.embed_passages(["b", "a"]))
    # One letter is one component, which 8 bits hold exactly.
    np.testing.assert_array_equal(np.concatenate(sentences), vectors)
    with pytest.raises(LibraryError, match="1 of 3 texts are not embedded"):
        library.embeddings(hashes)
    add(library, TALKS, embedder)
    assert library.compact() == 0
    assert library.compact(unused_for_s=0) == 2
    assert library.stats().embeddings == 4


def test_embeddings_come_back_by_passage(library: Library) -> None:
    """In the order asked for, each with the vectors of its own sentences."""
    add(library, TALKS, FakeEmbedder())
    rowids = library.rowids()[::-1].tolist()
    passages = [library.passages(rowids)[rowid] for rowid in rowids]
    expected = FakeEmbedder().embed_excerpts([excerpt(passage) for passage in passages])
    vectors, sentences = library.embeddings_of(rowids)
    np.testing.assert_array_equal(vectors, expected.vectors)
    assert [len(rows) for rows in sentences] == [1, 1, 1, 2]
    for found, rows in zip(sentences, expected.sentences, strict=True):
        np.testing.assert_allclose(np.sum(found * rows, axis=1), 1.0, atol=0.0001)
    vectors, sentences = library.embeddings_of([])
    assert (vectors.shape, sentences) == ((0, 64), ())
    with pytest.raises(NotFound, match=r"no passages of the rowids \[99\]"):
        library.embeddings_of([rowids[0], 99])


ONE = np.eye(1, 64, dtype=np.float32)


@pytest.mark.parametrize(
    ("vectors", "sentences", "message"),
    [
        (np.ones((1, 3), dtype=np.float32), [ONE], r"1 texts of 64 dimensions, got \(1, 3\)"),
        (np.ones((1, 64), dtype=np.float32), [ONE], "norm is not 1"),
        (np.full((1, 64), np.nan, dtype=np.float32), [ONE], "norm is not 1"),
        (ONE, [0 * ONE], "norm is not 1"),
        (ONE, [ONE[:, :63]], "dimension"),
        (ONE, [ONE, ONE], "longer"),
    ],
)
def test_wrong_vectors_are_refused(
    library: Library, vectors: np.ndarray, sentences: list[np.ndarray], message: str
) -> None:
    """Nothing of a call with a wrong vector, of a text or of a sentence, is kept."""
    embeddings = Embeddings(vectors, tuple(sentences))
    with pytest.raises(ValueError, match=message):
        library.store_embeddings([b"x" * 32], embeddings)
    document = transcript("t", "Lavrov: Hello.")
    passages = split(document, FakeEmbedder())
    with pytest.raises(ValueError, match=message):
        library.add(document, passages, embeddings, source_of(document))
    assert (library.stats().transcripts, library.stats().embeddings) == (0, 0)


def test_free_ids(library: Library) -> None:
    """A slug of the stem; the source's own id; else digits of the path's sha256."""
    assert library.free_id("Talks in Málaga (final)", "/x/1") == "talks-in-malaga-final"
    assert library.free_id("Переговоры", "/x/1") == "переговоры"
    assert library.free_id("w" * 300, "/x/1") == "w" * 80
    add(library, TALKS, FakeEmbedder())
    assert library.free_id("Talks", "/files/talks.txt") == "talks"
    assert library.free_id("renamed", "/files/talks.txt") == "talks"
    assert library.free_id("Talks", "/x/talks.txt") == "talks-a75eb0"


def test_source_state(library: Library) -> None:
    """What a file was when it was indexed; None for one that was not."""
    add(library, TALKS, FakeEmbedder())
    assert library.source_state(Path("/files/talks.txt")) == source_of(TALKS)
    assert library.source_state("/files/other.txt") is None


def test_another_model_is_refused(library: Library) -> None:
    """By fingerprint or by dimension; both models are named."""
    library.bind(FakeEmbedder())
    with pytest.raises(ModelMismatch, match=r"fake@0000 \(64 .*other@1 \(64"):
        library.bind(FakeEmbedder(fingerprint="other@1"))
    with pytest.raises(ModelMismatch, match=r"\(64 dimensions\).*\(32 dimensions\)"):
        library.bind(FakeEmbedder(dimension=32))


def test_no_model_yet(tmp_path: Path) -> None:
    """A new library has no model until one is bound."""
    with Library.open(tmp_path, create=True) as library:
        assert library.model is None
        with pytest.raises(LibraryError, match="no model yet"):
            library.dimension  # noqa: B018


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    """An absent folder, an empty one, a file, an empty database, another program's database."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for folder in ("absent", "empty", "file"):
        with pytest.raises(LibraryError, match=f"{folder} is no library: index"):
            Library.open(tmp_path / folder)
    with pytest.raises(LibraryError, match="file"):
        Library.open(tmp_path / "file", create=True)
    assert not (tmp_path / "absent").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / DATABASE).touch()
    with pytest.raises(LibraryError, match="is no library's database"):
        Library.open(tmp_path / "other")
    connection = sqlite3.connect(tmp_path / "other" / DATABASE)
    connection.execute("CREATE TABLE meta (format)")
    connection.commit()
    connection.close()
    for create in (False, True):
        with pytest.raises(LibraryError, match="is no library's database"):
            Library.open(tmp_path / "other", create=create)


def test_another_format_is_refused(library: Library) -> None:
    """Both formats are named, and what to do."""
    with library.write() as connection:
        connection.execute("UPDATE meta SET format = 7")
    library.close()
    with pytest.raises(LibraryError, match="format 7, this program knows 4: index"):
        Library.open(library.folder)


@pytest.mark.parametrize("kept", [0, 50, 5000])
def test_a_damaged_database_is_named(library: Library, kept: int) -> None:
    """Overwritten from some byte on: the error names the file and what to do."""
    add(library, TALKS, FakeEmbedder())
    library.close()
    size = library.database.stat().st_size
    with library.database.open("r+b") as file:
        file.seek(kept)
        file.write(b"\xa5" * (size - kept))
    with (
        pytest.raises(LibraryError, match=rf"{DATABASE}: .*damaged"),
        Library.open(library.folder) as damaged,
    ):
        damaged.stats()


def test_a_closed_library_is_refused(library: Library) -> None:
    """Closing closes the connections of all threads."""
    opened = threading.Thread(target=library.stats)
    opened.start()
    opened.join()
    library.close()
    with pytest.raises(LibraryError, match="is closed"):
        library.stats()


def test_a_failed_change_changes_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error between the steps of replacing leaves the old transcript, whole."""
    add(library, TALKS, FakeEmbedder())
    before, state = library.stats(), library.state()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Library, "_changed", fail)
    with pytest.raises(KeyboardInterrupt):
        add(library, transcript("talks", "Lavrov: Other."), FakeEmbedder())
    with pytest.raises(KeyboardInterrupt):
        library.delete("talks")
    library.compact(unused_for_s=0)
    assert (library.stats(), library.state()) == (before, state)
    assert library.transcript("talks") == TALKS


def test_a_reader_keeps_its_state_while_a_writer_adds(library: Library) -> None:
    """A read block sees what it saw first; the writer does not wait for it."""
    with library.read():
        assert library.stats().transcripts == 0
        writer = threading.Thread(target=add, args=(library, TALKS, FakeEmbedder()))
        writer.start()
        writer.join(timeout=20)
        assert not writer.is_alive()
        assert library.stats().transcripts == 0
    assert library.stats().transcripts == 1


def test_a_writer_that_waits_too_long_says_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """'database is locked' becomes advice."""
    monkeypatch.setattr("indexer.schema.BUSY_TIMEOUT_S", 0.05)
    with (
        Library.open(library.folder) as other,
        library.write(),
        pytest.raises(LibraryError, match="another process is writing to it"),
    ):
        add(other, TALKS, FakeEmbedder())


def test_threads_write_and_read_at_once(library: Library) -> None:
    """Eight threads add ten transcripts each; none is lost and no connection is left over."""
    failures: list[Exception] = []

    def work(thread: int) -> None:
        try:
            for n in range(10):
                add(library, transcript(f"t{thread}-{n}", f"Lavrov: Words {n}."), FakeEmbedder())
                assert library.transcript(f"t{thread}-{n}").id == f"t{thread}-{n}"
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert library.stats().transcripts == 80
    assert library.stats().generation == 80
    late = threading.Thread(target=library.stats)
    late.start()
    late.join()
    assert len(library._connections) == 2


def test_a_passage_is_never_changed_in_place(library: Library) -> None:
    """What is derived from a rowid stays true."""
    add(library, TALKS, FakeEmbedder())
    with (
        pytest.raises(LibraryError, match="a passage never changes"),
        library.write() as connection,
    ):
        connection.execute("UPDATE passages SET text = 'x'")


def test_hashes_are_of_what_is_embedded() -> None:
    """sha256 of context, newline, text, and where its sentences stand."""
    passage = split(transcript("t", "Lavrov: Hello. So."), FakeEmbedder())[0]
    text = "Press conference (16 June 2017)\nLavrov:\nHello. So.\0((0, 6), (7, 10))"
    assert embedding_hash(excerpt(passage)) == hashlib.sha256(text.encode()).digest()
