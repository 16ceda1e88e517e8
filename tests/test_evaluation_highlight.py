"""Whether highlights hold the answers: counted by hand over a small folder."""

import json

import pytest

from evaluation import highlight
from evaluation.collection import open_collection
from evaluation.datasets import read_dataset
from evaluation.errors import EvaluationError
from evaluation.highlight import Tally, measure
from evaluation.samples import Silent
from tests.fakes import FakeEmbedder

PARAGRAPHS = (
    "The treaty was signed in 1911. Rain fell on all of the roofs of the town for many days.",
    "A bridge of iron stood there. The bridge was painted green by Ann Berg in a single summer.",
)
QUERIES = (
    # The highlight holds one of two answers, white space apart.
    {"_id": "q1", "text": "When was the treaty signed?", "answers": ["long ago", "in  1911"]},
    # The passage holds it, the highlighted sentence does not.
    {"_id": "q2", "text": "When was the treaty signed?", "answers": ["many days"]},
    # Another case is another word.
    {"_id": "q3", "text": "Who painted the bridge green?", "answers": ["ann berg"]},
    {"_id": "q4", "text": "Who painted the bridge green?", "answers": ["Ann Berg"]},
    # Not asked: without answers, and without a row that exists.
    {"_id": "q5", "text": "Who painted the bridge green?"},
    {"_id": "q6", "text": "Who painted the bridge green?", "answers": ["Ann Berg"]},
)
QRELS = "q1\tport:0\t1\nq2\tport:0\t1\nq3\tport:1\t1\nq4\tport:1\t1\nq5\tport:1\t1\nq6\tmill:7\t1\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "known"
    (folder / "qrels").mkdir(parents=True)
    rows = [
        {"_id": f"port:{at}", "doc_id": "port", "turn": at, "paragraph": at, "text": text}
        for at, text in enumerate(PARAGRAPHS)
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)))
    (folder / "qrels/test.tsv").write_text(QRELS)
    return folder


def test_answers_are_looked_for_in_the_highlight_of_the_gold_passage(folder, tmp_path):
    """Of four questions three passages hold an answer, and two highlights."""
    dataset = read_dataset(folder)
    with open_collection(dataset, FakeEmbedder(), Silent(), cache=tmp_path / "cache") as collection:
        tally = measure(dataset, collection, dataset.queries)
        assert tally == Tally(questions=4, passages=3, highlights=2)
        assert tally.share == 0.5
        without = [query for query in dataset.queries if query.id == "q5"]
        with pytest.raises(EvaluationError, match="has no questions with answers"):
            measure(dataset, collection, without)


def test_the_command_prints_and_saves_the_share(folder, tmp_path, fake_model, capsys):
    """With machine and commit; a folder that is none is an error of one line."""
    saved = tmp_path / "highlight.json"
    options = ["--split", "all", "--cache", str(tmp_path / "cache"), "--save", str(saved)]
    assert highlight.main([str(folder), *options]) == 0
    assert (
        "2 of 4 highlights hold an answer, 50.0 %; of the passages 3 do" in capsys.readouterr().out
    )
    value = json.loads(saved.read_text())
    assert (value["highlights"], value["share"], value["model"]) == (2, 0.5, "fake@0000")
    assert {"machine", "commit", "date"} <= set(value)
    assert highlight.main([str(tmp_path / "none"), *options]) == 1
    assert capsys.readouterr().err.startswith("error: ")
