"""Documents of a dataset through the real pipeline, and from its paragraphs back to rows."""

import datetime as dt
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.collection import open_collection
from evaluation.datasets import Dataset, Document, Query, Row
from evaluation.errors import EvaluationError
from evaluation.samples import Silent
from evaluation.transcripts import align, files_of, write
from indexer.transcript import Role
from tests.fakes import FakeEmbedder

Q, A, S = Role.QUESTION, Role.ANSWER, Role.STATEMENT
LONG = "words that make this paragraph long enough to be a passage of its own, {}."


def row(id_, text, turn=None, speaker=None, role=None):
    return Row(id_, text, turn, speaker, role)


TOLD = Document(
    "press/1",
    "News conference",
    None,
    (
        row("t:0", LONG.format("opening"), "0", "The President", A),
        row("t:1", "Will you sign the treaty on arms?", "1", "Reporter", Q),
        row("t:2", "Yes.", "2", "The President", A),
        row("t:3", "", "2", "The President", A),
        row("t:4", LONG.format("answer"), "2", "The President", A),
        row("t:5", LONG.format("more"), "2", "The President", A),
        row("t:6", "And when?", "3", "Reporter", Q),
        row("t:7", LONG.format("soon"), "4", "Ann Berg", A),
    ),
)
UNTOLD = Document(
    "committee & co",
    "Committee",
    None,
    (
        row("u:0", "I call this meeting to order.", "0", "The Chair"),
        row("u:1", 'Is it true that A&P said "no" to R&amp;D, as we hear?', "1", "Ann Berg"),
        row("u:2", "[Applause]", "2"),
        row("u:3", LONG.format("minister"), "3", "Ivo Lund"),
        row("u:4", LONG.format("minister again"), "4", "Ivo Lund"),
        row("u:5", "Will that ever be enough for the people of our town?", "5", "Ann Berg"),
        row("u:6", LONG.format("last"), "6", "Ivo Lund"),
    ),
)
PLAIN = Document("4983", "Matter", None, (row("4983", LONG.format("matter")),))
EMPTY = Document("nothing", "Nothing", None, (row("n:0", ""),))


def dataset(*documents: Document) -> Dataset:
    return Dataset("made", Path("/made"), (), documents=documents)


@pytest.fixture
def open_made(tmp_path):
    """Opens a collection of the documents, with the embedder given."""
    with ExitStack() as stack:

        def opening(*documents, embedder=None):
            return stack.enter_context(
                open_collection(
                    dataset(*documents), embedder or FakeEmbedder(), Silent(), cache=tmp_path
                )
            )

        yield opening


def turns(collection, document):
    """Speaker, role, number of the question answered, and rows of each turn."""
    transcript = collection.library.transcript(collection.transcripts[document.id])
    rows = align(document, {p.number: p.text for p in transcript.paragraphs()})
    return [
        (
            turn.speaker.name if turn.speaker else None,
            turn.role,
            turn.answers,
            [rows[paragraph.number].id for paragraph in turn.paragraphs],
        )
        for turn in transcript.turns
    ]


def test_roles_that_the_dataset_tells_stand(open_made):
    """An answer answers the nearest question before it; without one it is a statement."""
    assert turns(open_made(TOLD), TOLD) == [
        ("The President", S, None, ["t:0"]),
        ("Reporter", Q, None, ["t:1"]),
        ("The President", A, 2, ["t:2", "t:4", "t:5"]),
        ("Reporter", Q, None, ["t:6"]),
        ("Ann Berg", A, 4, ["t:7"]),
    ]


def test_roles_that_it_does_not_tell_are_found_by_the_reader(open_made):
    """Whoever asks is found from the exchange; words stay as they are, entities and quotes too."""
    assert turns(open_made(UNTOLD), UNTOLD) == [
        ("The Chair", S, None, ["u:0"]),
        ("Ann Berg", Q, None, ["u:1"]),
        ("Ivo Lund", A, 2, ["u:3", "u:4"]),
        ("Ann Berg", Q, None, ["u:5"]),
        ("Ivo Lund", A, 4, ["u:6"]),
    ]


def test_a_role_that_lacks_among_others_is_filled_in(open_made):
    """Another speaker after a question answers, the asker goes on."""
    rows = tuple(replace(one, role=None) if one.role is A else one for one in TOLD.rows)
    aside = row("t:8", "Thank you, that is all I had.", "5", "Reporter")
    mixed = replace(TOLD, rows=(*rows[:7], aside, rows[7]))
    assert [turn[1:3] for turn in turns(open_made(mixed), mixed)] == [
        (S, None),
        (Q, None),
        (A, 2),
        (Q, None),
        (S, None),
        (A, 4),
    ]


def test_title_and_date_reach_the_passages(open_made):
    """In either form of file they are a part of the context."""
    day = dt.date(2020, 5, 13)
    dated = [replace(one, date=day) for one in (TOLD, UNTOLD)]
    collection = open_made(*dated)
    found = {(one.title, one.date, one.language) for one in collection.library.transcripts()}
    assert found == {("News conference", day, "en"), ("Committee", day, "en")}


def test_passages_know_their_rows_the_longest_first(open_made):
    """Of paragraphs that were joined the one that holds the point is likely the longest."""
    collection = open_made(TOLD, PLAIN)
    assert [tuple(rows.values()) for rows in collection.rows.values()] == [
        ("4983",),
        ("t:0",),
        ("t:1",),
        ("t:4", "t:2"),
        ("t:5",),
        ("t:6",),
        ("t:7",),
    ]


def test_known_questions_are_not_what_baselines_rank(open_made):
    """But what the reader alone takes for a question is: the dataset does not say so."""
    collection = open_made(TOLD, UNTOLD)
    ranked = {row for one in collection.texts for row in collection.rows[one.rowid].values()}
    assert ranked == {"t:0", "t:2", "t:4", "t:5", "t:7", "u:0", "u:1", "u:3", "u:4", "u:5", "u:6"}


def test_a_ranking_of_passages_is_one_of_rows(open_made):
    """Each row once, excluded ones dropped before the depth is counted."""
    collection = open_made(TOLD)
    by_row = {next(iter(rows.values())): rowid for rowid, rows in collection.rows.items()}
    ranked = [(by_row[row], None) for row in ("t:5", "t:4", "t:5", "t:7", "t:0")]
    query = Query("q", "?", excluded=frozenset({"t:4"}))
    assert collection.rows_of(ranked, query, 3) == ("t:5", "t:2", "t:7")


def test_the_paragraph_that_is_cited_comes_first(open_made):
    """Of those that the passage joins; one that it does not hold changes nothing."""
    collection = open_made(TOLD)
    joined = next(rowid for rowid, rows in collection.rows.items() if "t:4" in rows.values())
    number = {row: number for number, row in collection.rows[joined].items()}
    query = Query("q", "?")
    for cited, expected in ((None, ("t:4", "t:2")), (number["t:2"], ("t:2", "t:4"))):
        assert collection.rows_of([(joined, cited)], query, 9) == expected
    assert collection.rows_of([(joined, 99)], query, 9) == ("t:4", "t:2")


def test_a_query_of_one_document_gets_the_library_s_id(open_made):
    """None where the document has no words; any document without a scope."""
    collection = open_made(TOLD, EMPTY)
    bound = collection.bind(Query("q", "?", "press/1"))
    assert bound.transcript in {one.id for one in collection.library.transcripts()}
    assert collection.bind(Query("q", "?", "nothing")) is None
    assert collection.bind(Query("q", "?")) == Query("q", "?")


def test_a_second_run_embeds_nothing_and_a_changed_dataset_what_is_new(open_made):
    """The cache is brought up to date with the corpus, documents that are gone go."""
    first, second, third = FakeEmbedder(), FakeEmbedder(), FakeEmbedder()
    open_made(TOLD, UNTOLD, embedder=first)
    assert first.embedded > 0
    open_made(TOLD, UNTOLD, embedder=second)
    assert second.embedded == 0
    collection = open_made(TOLD, PLAIN, embedder=third)
    assert third.embedded == 1
    assert set(collection.transcripts) == {"press/1", "4983"}
    assert collection.library.stats().transcripts == 2


def test_models_have_libraries_of_their_own(open_made):
    """Another model is no mismatch: the cache has room for both."""
    open_made(PLAIN)
    other = open_made(PLAIN, embedder=FakeEmbedder(dimension=32, fingerprint="fake@2222"))
    assert other.library.dimension == 32


def test_ids_that_look_alike_are_kept_apart(open_made):
    """Names of files are made of ids, and 'a_b' and 'a-b' make the same; so does 'README'."""
    documents = [
        Document(id_, id_, None, (row(f"{id_}:1", LONG.format(id_)),))
        for id_ in ("a_b", "a-b", "README", "../../x", "ü" * 300)
    ]
    collection = open_made(*documents)
    assert len(set(collection.transcripts.values())) == 5
    held = [tuple(rows.values()) for rows in collection.rows.values()]
    assert sorted(held) == sorted((f"{one.id}:1",) for one in documents)


def test_a_row_longer_than_a_table_s_cell_is_read(open_made):
    """The reader of tables takes none that long."""
    long = replace(UNTOLD, rows=(row("u:9", "word " * 30_000 + "end", "9", "Ann Berg"),))
    long = replace(long, rows=(replace(long.rows[0], text=long.rows[0].text.strip()),))
    collection = open_made(long)
    assert {row for rows in collection.rows.values() for row in rows.values()} == {"u:9"}


def test_paragraphs_that_are_no_rows_are_an_error():
    """A wrong mapping would make every figure wrong."""
    assert [one.id for one in align(PLAIN, {1: PLAIN.rows[0].text}).values()] == ["4983"]
    with pytest.raises(EvaluationError, match="paragraph 2 of it is no row"):
        align(PLAIN, {1: PLAIN.rows[0].text, 2: "Who said this?"})
    with pytest.raises(EvaluationError, match="the row u:5 is not in it"):
        align(UNTOLD, {n: UNTOLD.rows[n - 1].text for n in (1, 2, 4, 5)})


def test_files_that_are_gone_from_a_dataset_go(tmp_path):
    """The folder of transcripts holds those of the dataset and no others."""
    write([TOLD, UNTOLD], tmp_path / "files")
    write([PLAIN, EMPTY], tmp_path / "files")
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["4983-n1.json"]
    assert [file.name for file in files_of(UNTOLD, 7)] == [
        "committee-co-n7.csv",
        "committee-co-n7.csv.meta.json",
    ]


# Libraries and questions


def questions(*files: str) -> Dataset:
    return Dataset("asked", Path("/asked.jsonl"), (), files=frozenset(files))


FILE = "samples/2023-10-09-velmar-courier-interview-koven.txt"


def test_questions_are_asked_of_the_samples_if_all_are_from_there(tmp_path):
    """A row is a file and a paragraph; baselines do not rank what asks."""
    with open_collection(questions(FILE), FakeEmbedder(), Silent(), cache=tmp_path) as collection:
        assert collection.library.stats().transcripts == 8
        rows = [row for rows in collection.rows.values() for row in rows.values()]
        assert f"{FILE}:1" in rows
        ranked = [one.rowid for one in collection.texts]
        found = collection.library.transcript(collection.transcripts[FILE])
    asking = {
        f"{FILE}:{paragraph.number}"
        for turn in found.turns
        for paragraph in turn.paragraphs
        if turn.role is Q
    }
    assert asking
    assert asking.isdisjoint(row for rowid in ranked for row in collection.rows[rowid].values())


def test_a_library_is_used_as_it_is(tmp_path, open_made):
    """Nothing is indexed; what it lacks is named."""
    folder = open_made(TOLD).library.folder
    embedder = FakeEmbedder()

    def opening(wanted):
        return open_collection(wanted, embedder, Silent(), cache=tmp_path, library=folder)

    with opening(dataset(TOLD)) as collection:
        assert ["t:7"] in [list(rows.values()) for rows in collection.rows.values()]
    with (
        pytest.raises(EvaluationError, match="the library lacks the document 4983"),
        opening(dataset(TOLD, PLAIN)),
    ):
        pass
    with (
        pytest.raises(EvaluationError, match=r"cites talk\.md, which the library lacks"),
        opening(questions("talk.md")),
    ):
        pass
    assert embedder.embedded == 0


def test_what_else_a_library_holds_is_ranked_too(tmp_path, open_made):
    """By all systems alike; it has no rows, so it is never right."""
    folder = open_made(TOLD, UNTOLD).library.folder
    wanted = dataset(TOLD)
    with open_collection(
        wanted, FakeEmbedder(), Silent(), cache=tmp_path, library=folder
    ) as collection:
        ranked = [collection.rows[one.rowid] for one in collection.texts]
        assert len(ranked) == len(open_made(TOLD, UNTOLD).texts)
        assert {row for rows in ranked for row in rows.values()} == {
            "t:0",
            "t:2",
            "t:4",
            "t:5",
            "t:7",
        }


def test_a_name_that_two_transcripts_have_is_no_guess(tmp_path):
    """The folder decides, where the question names it."""
    for name in ("a/talk.txt", "b/talk.txt"):
        path = tmp_path / "talks" / name
        path.parent.mkdir(parents=True)
        path.write_text(f"Ann Berg: This is what was said in {name}.\n\nIvo Lund: Yes.\n")
    options = {"cache": tmp_path, "corpus": [tmp_path / "talks"]}
    with open_collection(questions("b/talk.txt"), FakeEmbedder(), Silent(), **options) as found:
        assert (
            "in b/talk" in found.library.transcript(found.transcripts["b/talk.txt"]).turns[0].text
        )
        assert "b/talk.txt:1" in {row for rows in found.rows.values() for row in rows.values()}
    with (
        pytest.raises(EvaluationError, match=r"cites talk\.txt, there are 2 such"),
        open_collection(questions("talk.txt"), FakeEmbedder(), Silent(), **options),
    ):
        pass
    with (
        pytest.raises(EvaluationError, match="name them with --corpus"),
        open_collection(questions("talk.txt"), FakeEmbedder(), Silent(), cache=tmp_path),
    ):
        pass
