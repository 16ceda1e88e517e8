"""Reading BEIR folders, files of questions, TREC runs and qrels; what is wrong is named."""

import datetime as dt
import json
from pathlib import Path

import pytest

from evaluation.datasets import Query, read_dataset
from evaluation.errors import DatasetError
from evaluation.samples import ROOT
from evaluation.trec import read_qrels, read_run, write_qrels, write_run
from indexer.transcript import Role

QRELS = "query-id\tcorpus-id\tscore\nq1\tcovid:1\t2\nq1\tcovid:2\t0\nq2\tcovid:2\t1\n"
ROW = {
    "_id": "covid:1",
    "doc_id": "covid",
    "doc_title": "The committee",
    "date": "2020-05-13",
    "turn": 0,
    "paragraph": 0,
    "speaker": "Ann Berg",
    "role": "answer",
    "text": " Some  words. ",
}
QUERIES = [
    {"_id": "q1", "text": "What was said?", "doc_id": "covid", "scope": "document"},
    {"_id": "q2", "text": "Who spoke?", "doc_id": "covid", "answers": ["Ann", "Ann", "Ann Berg"]},
    {"_id": "q3", "text": "Not judged"},
]


def jsonl(*rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path):
    """A BEIR folder with our fields."""
    folder = tmp_path / "parliament"
    (folder / "qrels").mkdir(parents=True)
    second = {**ROW, "_id": "covid:2", "turn": 1, "paragraph": 1, "role": None, "speaker": None}
    (folder / "corpus.jsonl").write_text(jsonl(ROW, second))
    (folder / "queries.jsonl").write_text(jsonl(*QUERIES))
    (folder / "qrels/train.tsv").write_text(QRELS)
    return folder


@pytest.fixture
def plain(tmp_path):
    """A BEIR folder as others publish them."""
    folder = tmp_path / "plain"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        jsonl(
            {"_id": 4983, "title": "Microstructure", "text": "White matter.", "metadata": {}},
            {"_id": "5836", "title": "", "text": "Myelodysplasia."},
        )
    )
    (folder / "queries.jsonl").write_text(jsonl({"_id": 1, "text": "Is it?", "metadata": {}}))
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n1\t4983\t1\n")
    return folder


def test_our_fields_are_read(folder):
    """Document, turn, speaker, role and date of a row; document and answers of a query."""
    dataset = read_dataset(folder)
    assert dataset.name == "parliament"
    (document,) = dataset.documents
    assert (document.id, document.title) == ("covid", "The committee")
    assert document.date == dt.date(2020, 5, 13)
    first, second = document.rows
    assert (first.id, first.text, first.turn) == ("covid:1", "Some words.", "0")
    assert (first.speaker, first.role) == ("Ann Berg", Role.ANSWER)
    assert (second.speaker, second.role) == (None, None)
    assert dataset.queries == (
        Query("q1", "What was said?", "covid", {"covid:1": 2}),
        Query("q2", "Who spoke?", None, {"covid:2": 1}, answers=("Ann", "Ann Berg")),
    )
    assert dataset.notes == ("1 queries have no relevant row and were left out",)


def test_a_plain_folder_is_read(plain):
    """Numbers are ids, a row is a document, a missing title is its id, the scope the corpus."""
    dataset = read_dataset(plain)
    assert [(one.id, one.title, one.date) for one in dataset.documents] == [
        ("4983", "Microstructure", None),
        ("5836", "5836", None),
    ]
    assert dataset.queries == (Query("1", "Is it?", None, {"4983": 1}),)
    assert dataset.unanswerable == ()


def test_rows_without_a_document_are_grouped_by_their_ids(plain):
    """'talk:2' is the row 2 of talk, but 'dbpedia:Oslo' is no row of dbpedia."""
    ids = ["talk:1", "talk:2", "dbpedia:Oslo", "dbpedia:Bergen"]
    (plain / "corpus.jsonl").write_text(jsonl(*({"_id": id_, "text": "x"} for id_ in ids)))
    (plain / "qrels/test.tsv").write_text("1\ttalk:2\t1\n")
    documents = read_dataset(plain).documents
    assert [one.id for one in documents] == ["talk", "dbpedia:Oslo", "dbpedia:Bergen"]


def test_rows_stand_in_the_order_in_which_they_were_said(folder):
    """By turn and paragraph, if every row has a place of its own; else as the file has them."""
    places = [(1, 2), (0, 0), (1, 1)]
    rows = [
        {"_id": f"covid:{at}", "doc_id": "covid", "turn": turn, "paragraph": number, "text": "x"}
        for at, (turn, number) in enumerate(places)
    ]
    (folder / "corpus.jsonl").write_text(jsonl(*rows))
    assert [row.id for row in read_dataset(folder).documents[0].rows] == [
        "covid:1",
        "covid:2",
        "covid:0",
    ]
    rows[0]["paragraph"] = 1
    (folder / "corpus.jsonl").write_text(jsonl(*rows))
    assert [row.id for row in read_dataset(folder).documents[0].rows] == [
        "covid:0",
        "covid:1",
        "covid:2",
    ]


def test_all_qrels_count_and_the_higher_grade_holds(folder):
    """Splits of the dataset are joined."""
    (folder / "qrels/dev.tsv").write_text("q1\tcovid:1\t1\nq1\tcovid:2\t1\n")
    assert read_dataset(folder).queries[0].relevant == {"covid:1": 2, "covid:2": 1}


def test_excluded_rows_and_unanswerable_questions_are_read_where_there_are_any(folder):
    """exclude.tsv and unanswerable.jsonl are ours."""
    (folder / "exclude.tsv").write_text("query-id\tcorpus-id\nq1\tcovid:2\n")
    (folder / "unanswerable.jsonl").write_text(jsonl({"_id": "u1", "text": "Why?"}))
    dataset = read_dataset(folder)
    assert dataset.queries[0].excluded == {"covid:2"}
    assert dataset.queries[1].excluded == frozenset()
    assert dataset.unanswerable == (Query("u1", "Why?"),)


def test_relevant_rows_that_are_not_there_are_told(folder):
    """They stay relevant: whoever made the qrels counted them."""
    (folder / "qrels/dev.tsv").write_text("q2\tgone:7\t1\n")
    dataset = read_dataset(folder)
    assert dataset.queries[1].relevant == {"covid:2": 1, "gone:7": 1}
    assert "1 relevant rows are not in the corpus and count as missed" in dataset.notes


def test_what_is_no_character_does_not_stop_a_run(folder):
    """NUL and half a surrogate pair can stand in JSON, but in no database."""
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "a\\u0000b \\ud800"}\n')
    assert (
        read_dataset(folder).queries[0].text
        == "a\N{REPLACEMENT CHARACTER}b \N{REPLACEMENT CHARACTER}"
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("corpus.jsonl", "{}\n", "corpus.jsonl:1: has no '_id'"),
        ("corpus.jsonl", jsonl(ROW) + "\n{oops\n", "corpus.jsonl:3: is no JSON: "),
        ("corpus.jsonl", jsonl(ROW, ROW), "corpus.jsonl:2: the id 'covid:1' stands there twice"),
        ("corpus.jsonl", "[1]\n", "corpus.jsonl:1: is no JSON object"),
        ("corpus.jsonl", "", "corpus.jsonl: has no rows"),
        ("corpus.jsonl", jsonl({"_id": "a", "text": ["x"]}), ":1: 'text' is a list, not a text"),
        ("corpus.jsonl", jsonl({"_id": {}}), ":1: '_id' is '{}', neither a text nor a number"),
        ("queries.jsonl", jsonl(QUERIES[1], QUERIES[1]), "queries.jsonl:2: the id 'q2' stands"),
        (
            "queries.jsonl",
            jsonl({"_id": "q1", "text": "x", "scope": "document", "doc_id": "gone"}),
            "queries.jsonl:1: its scope is one document, but there is no document 'gone'",
        ),
        ("qrels/train.tsv", QRELS + "q1\tx\tgood\n", "train.tsv:5: the grade 'good' is no number"),
        ("qrels/train.tsv", "q1\n", "train.tsv:1: has 1 cells, not a query's id, a row's and a"),
        ("exclude.tsv", "q1\n", "exclude.tsv:1: has no two cells"),
    ],
)
def test_a_bad_line_is_named(folder, name, text, message):
    """File, line, and what is wrong with it."""
    (folder / name).write_text(text)
    with pytest.raises(DatasetError) as caught:
        read_dataset(folder)
    assert message in str(caught.value)


def test_missing_files_are_named(folder, tmp_path):
    """A folder without qrels, a path without anything, bytes that are no text."""
    with pytest.raises(DatasetError, match="none: there is no such file or folder"):
        read_dataset(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"empty/corpus\.jsonl: cannot be read: no such file"):
        read_dataset(tmp_path / "empty")
    (folder / "qrels/train.tsv").unlink()
    with pytest.raises(DatasetError, match=r"qrels: has no \.tsv file"):
        read_dataset(folder)
    (folder / "corpus.jsonl").write_bytes(b'{"_id": "\xff"}\n')
    with pytest.raises(DatasetError, match=r"corpus\.jsonl: is not UTF-8"):
        read_dataset(folder)


# Questions


def test_questions_cite_a_file_and_its_paragraphs(tmp_path):
    """One paragraph or several; those that nobody answers are kept apart."""
    path = tmp_path / "asked.jsonl"
    path.write_text(
        jsonl(
            {"id": "a", "question": "When?", "file": "talk.md", "paragraph": 6},
            {"id": "b", "question": "Why?", "file": "talk.md", "paragraphs": [7, 9]},
            {"id": "c", "question": "Who?", "answerable": False},
            {"id": "d", "question": "Where?", "file": None, "paragraph": None},
        )
    )
    dataset = read_dataset(path)
    assert dataset.name == "asked"
    assert dataset.queries == (
        Query("a", "When?", None, {"talk.md:6": 1}),
        Query("b", "Why?", None, {"talk.md:7": 1, "talk.md:9": 1}),
    )
    assert dataset.unanswerable == (Query("c", "Who?"), Query("d", "Where?"))
    assert dataset.files == {"talk.md"}


@pytest.mark.parametrize(
    ("name", "answerable", "not_answerable", "files"),
    [
        ("samples.jsonl", 15, 4, 8),
        ("questions/samples-hard.jsonl", 25, 6, 8),
        ("questions/briefings.jsonl", 208, 60, 52),
    ],
)
def test_the_project_s_questions_are_read(name, answerable, not_answerable, files):
    """As many as their README says."""
    dataset = read_dataset(ROOT / "evaluation" / name)
    assert len(dataset.queries) == answerable
    assert len(dataset.unanswerable) == not_answerable
    assert len(dataset.files) == files


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "a", "question": "x"}, ":1: has no 'file'"),
        ({"id": "a", "question": "x", "file": "t"}, ":1: has no paragraph numbers from 1"),
        ({"id": "a", "file": "t", "paragraphs": []}, ":1: has no paragraph numbers from 1"),
        ({"id": "a", "file": "t", "paragraph": 0}, ":1: has no paragraph numbers from 1"),
        ({"id": "a", "answerable": False}, ": has no question that is answered"),
    ],
)
def test_a_bad_question_is_named(tmp_path, row, message):
    """File, line, and what is wrong with it."""
    path = tmp_path / "asked.jsonl"
    path.write_text(jsonl(row))
    with pytest.raises(DatasetError) as caught:
        read_dataset(path)
    assert message in str(caught.value)


# TREC


def test_runs_and_qrels_are_read_back(tmp_path):
    """As they were written; white space in an id would part it in two."""
    run = {"q1": ["talk:2", "my talk:1"], "q2": []}
    qrels = {"q1": {"my talk:1": 2, "talk:3": 1}, "q2": {"talk:2": 1}}
    write_run(tmp_path / "a.run", run, "ours")
    write_qrels(tmp_path / "qrels.txt", qrels)
    assert (tmp_path / "a.run").read_text().splitlines() == [
        "q1 Q0 talk:2 1 2 ours",
        "q1 Q0 my%20talk:1 2 1 ours",
    ]
    assert read_run(tmp_path / "a.run") == {"q1": ["talk:2", "my%20talk:1"]}
    assert read_qrels(tmp_path / "qrels.txt") == {
        "q1": {"my%20talk:1": 2, "talk:3": 1},
        "q2": {"talk:2": 1},
    }


def test_a_run_of_others_is_read_by_its_scores(tmp_path):
    """Whatever the order of its lines; ties stand as they are written."""
    path: Path = tmp_path / "other.run"
    path.write_text("q Q0 low 1 0.5 x\nq Q0 tie1 2 0.7 x\nq\tQ0\ttie2\t3\t0.7\tx\n")
    assert read_run(path) == {"q": ["tie1", "tie2", "low"]}
    path.write_text("q Q0 row 1 high x\n")
    with pytest.raises(DatasetError, match=r"other\.run:1: the score 'high' is no number"):
        read_run(path)
    path.write_text("q row 1\n")
    with pytest.raises(DatasetError, match=r"other\.run:1: has 3 cells, not the six"):
        read_run(path)
