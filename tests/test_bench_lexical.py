"""The engines that search words find the same things by the same rules."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from evaluation.bench import lexical
from evaluation.bench.engines import KEPT, RUN, Document, batches, open_engine, read_documents
from evaluation.bench.results import load
from evaluation.errors import EvaluationError
from indexer.library import Library

ENGINES = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(module) is None, reason=f"no {module}"))
    for name, module in (("fts5", "sqlite3"), ("tantivy", "tantivy"), ("bm25s", "bm25s"))
]
TEXTS = [
    "the boats are old",
    "fees for boats rise",
    "nobody saw anything",
    "a boat, a boat, a boat",
]


def built(name: str, folder: Path, texts: list[str]):
    """The engine over these texts, open."""
    folder.mkdir()
    open_engine(name, folder).build(Document(n, text) for n, text in enumerate(texts))
    index = open_engine(name, folder)
    index.open()
    return index


@pytest.mark.parametrize("name", ENGINES)
def test_any_word_finds_and_its_stem_counts(name: str, tmp_path: Path):
    """ "boat" finds "boats"; the text with both words comes first, then the one full of one."""
    index = built(name, tmp_path / "index", [*TEXTS, *(["nothing is here"] * 20)])
    assert index.search(["boat", "fees"], 10) == [1, 3, 0]
    assert index.search(["boat"], 1) == [3]
    assert index.search(["unheard"], 10) == []
    index.close()


@pytest.mark.parametrize("name", ENGINES)
def test_a_filter_acts_before_the_best_are_taken(name: str, tmp_path: Path):
    """The group's only match is found though a hundred others are as good."""
    wanted = KEPT * RUN + 3
    index = built(
        name, tmp_path / "index", ["a boat"] * 100 + ["none"] * (wanted - 100) + ["a boat"]
    )
    assert index.search(["boat"], 5, 10) == [wanted]
    assert index.search(["boat"], 5, 100) == [wanted]
    index.close()


@pytest.mark.parametrize("name", ["fts5", ENGINES[1]])
def test_what_is_added_is_found(name: str, tmp_path: Path):
    """By this instance, and by one that is opened later."""
    index = built(name, tmp_path / "index", TEXTS)
    assert index.add([Document(4, "herring"), Document(5, "cod")])
    assert index.search(["herring"], 5) == [4]
    index.close()
    again = open_engine(name, tmp_path / "index")
    again.open()
    assert again.search(["cod"], 5) == [5]
    again.close()


def test_an_unknown_engine_is_refused(tmp_path: Path):
    """The error names those that there are."""
    with pytest.raises(EvaluationError, match="fts5, tantivy and bm25s"):
        open_engine("lucene", tmp_path)


def test_batches_lose_nothing():
    """Seven in threes."""
    found = list(batches([Document(n, "") for n in range(7)], 3))
    assert [[one.number for one in batch] for batch in found] == [[0, 1, 2], [3, 4, 5], [6]]


def test_documents_go_on_beyond_the_library(library: Library, tmp_path: Path):
    """First its own, what they are found by and in their order; then copies as long as those."""
    held = library.stats().passages
    file = tmp_path / "documents.jsonl"
    lexical.write_documents(library, 2 * held + 1, file)
    found = [one.text for one in read_documents(file, 100)]
    own = list(lexical.texts(library))
    assert found[:held] == own
    assert "Talks <b>on</b> fish" in own[0]
    assert [len(text) for text in found[held:]] == [len(text) for text in [*own, own[0]]]
    assert [one.number for one in read_documents(file, 2, first=3)] == [3, 4]


def test_a_run_keeps_a_row_for_each_engine_and_size(library: Library, tmp_path: Path):
    """With all that is promised of it."""
    given = ["--sizes", "150,300", "--engines", "fts5", "--questions", "5"]
    places = ["--work", str(tmp_path / "work"), "--results", str(tmp_path)]
    assert lexical.main([str(library.folder), *given, *places]) == 0
    rows = load(tmp_path / "lexical.json")["rows"]
    assert [(row["system"], row["passages"], row["questions"]) for row in rows] == [
        ("fts5", 150, 5),
        ("fts5", 300, 5),
    ]
    wanted = {"latency_ms", "tenth_ms", "hundredth_ms", "build_s", "disk_mb", "add_ms", "peak_mb"}
    assert wanted < set(rows[0])
    assert rows[0]["disk_mb"] > 0
