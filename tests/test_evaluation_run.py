"""The command `onrecord eval`: runs, tables, saved files, comparisons, and what it refuses."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from evaluation import cli
from evaluation.datasets import Query
from evaluation.metrics import MEASURES
from evaluation.report import comparison, table
from evaluation.run import Result, SystemRun, _summary, select
from evaluation.saved import Saved, load, save
from evaluation.trec import read_run

CORPUS = [
    ("port", 0, "Ann Berg", "question", "Who came into the port with grain, and when was it?"),
    (
        "port",
        1,
        "Ivo Lund",
        "answer",
        "Boats from the south sailed up in May, one after the other.",
    ),
    ("port", 2, "Ann Berg", "question", "What did they want for it, and who paid them in the end?"),
    ("port", 3, "Ivo Lund", "answer", "They asked for silver, and the town paid them in the end."),
    ("mill", 0, "Ann Berg", "statement", "The mill ran on the stream until the stream ran dry."),
    ("mill", 1, "Ann Berg", "statement", "Nobody has lived there since the miller went away."),
]


@pytest.fixture
def folder(tmp_path):
    """A small BEIR folder; q1 asks in the reporter's words, whose row does not count."""
    folder = tmp_path / "talks"
    (folder / "qrels").mkdir(parents=True)
    rows = [
        {
            "_id": f"{document}:{turn}",
            "doc_id": document,
            "turn": turn,
            "paragraph": turn,
            "speaker": speaker,
            "role": role,
            "text": text,
        }
        for document, turn, speaker, role, text in CORPUS
    ]
    queries = [
        {"_id": "q1", "text": "Who came into the port with grain?"},
        {"_id": "q2", "text": "Why did the mill stop?", "scope": "document", "doc_id": "mill"},
        {"_id": "q3", "text": "Who paid them in silver?"},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels/test.tsv").write_text("q1\tport:1\t1\nq2\tmill:0\t2\nq3\tport:3\t1\n")
    (folder / "exclude.tsv").write_text("q1\tport:0\n")
    return folder


@pytest.fixture
def run_eval(run, tmp_path, capsys):
    """Runs `onrecord eval` with the fake model and a cache of its own."""

    def running(*arguments):
        options = [] if "--compare" in arguments else ["--cache", tmp_path / "cache"]
        code = cli.main(["eval", *map(str, arguments), *map(str, options)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return running


def made(scores, system="ours", rankings=None) -> SystemRun:
    """A run whose scores are the same by every measure."""
    values = np.array(scores, dtype=float)
    ranked = rankings or {f"q{n}": (f"r{n}",) for n in range(len(scores))}
    return SystemRun(system, {}, ranked, dict.fromkeys(MEASURES, values), np.array([1.0, 2.0, 9.0]))


def result(*runs: SystemRun) -> Result:
    queries = len(runs[0].scores["ndcg@10"])
    qrels = {f"q{n}": {f"r{n}": 1} for n in range(queries)}
    summaries = {one.system: _summary(one, runs) for one in runs}
    return Result("made", "all", qrels, runs, summaries, "fake@0000", 2, 9, ("odd",))


def as_saved(run: SystemRun, qrels) -> Saved:
    return Saved(run.system, "made", run.system, qrels, run.rankings, run.scores)


def test_a_dataset_is_asked_and_a_line_a_system_printed(run_eval, folder):
    """Scores times 100; each system is told from the best of the others."""
    code, out, _ = run_eval(folder, "--systems", "ours,bm25")
    assert code == 0
    head, names, ours, bm25 = out.splitlines()
    assert head == "talks: 3 queries, 2 transcripts, 4 passages; fake@0000"
    assert names.split()[:8] == "system S@1 S@5 S@10 RR@10 nDCG@10 R@10 R@100".split()
    assert ours.split()[:8] == "ours 100.0 100.0 100.0 100.0 100.0 100.0 100.0".split()
    # The passage that answers q1 shares no word with it.
    assert bm25.split()[:8] == "bm25 66.7 66.7 66.7 66.7 66.7 66.7 66.7".split()


def test_json_and_saved_files_say_what_was_run(run_eval, folder, tmp_path):
    """Settings, model, commit, machine and every query's scores; runs and qrels in TREC's form."""
    saved = tmp_path / "saved"
    code, out, _ = run_eval(folder, "--systems", "ours,dense", "--save", saved, "--json")
    assert code == 0
    printed = json.loads(out)
    assert [(one["dataset"], one["system"]) for one in printed] == [
        ("talks", "ours"),
        ("talks", "dense"),
    ]
    kept = json.loads((saved / "talks/ours.json").read_text())
    assert {key: kept[key] for key in printed[0]} == printed[0]
    assert kept["configuration"]["fusion"]["depth"] == 100
    assert kept["model"] == "fake@0000"
    assert len(kept["commit"]["id"]) == 40
    assert kept["machine"]["cores"] >= 1
    assert kept["per_query"]["q2"]["ndcg@10"] == 1
    assert (
        saved / "talks/qrels.txt"
    ).read_text() == "q1 0 port:1 1\nq2 0 mill:0 2\nq3 0 port:3 1\n"
    assert set(read_run(saved / "talks/ours.run")["q2"]) == {"mill:0", "mill:1"}


def test_a_saved_run_is_scored_again_as_it_was(tmp_path):
    """From the TREC files alone."""
    run = made([1, 0, 1], rankings={"q0": ("r0",), "q1": (), "q2": ("r2", "x")})
    save(result(run), tmp_path)
    loaded = load(tmp_path / "made/ours.run")
    assert (loaded.dataset, loaded.system) == ("made", "ours")
    assert loaded.scores["success@1"].tolist() == [1, 0, 1]
    assert loaded.rankings == {"q0": ["r0"], "q2": ["r2", "x"]}


def test_saved_runs_are_compared(run_eval, folder, tmp_path):
    """Two files, or all that two folders have in common; wins and losses, and what got worse."""
    for name in ("a", "b"):
        run_eval(folder, "--systems", "ours,bm25", "--save", tmp_path / name)
    ours, bm25 = tmp_path / "a/talks/ours.json", tmp_path / "b/talks/bm25.json"
    code, out, _ = run_eval("--compare", ours, bm25)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "talks: 3 queries"
    assert "  ndcg@10        100.0    66.7   -33.3   1.0000" in lines
    assert "  nDCG@10 by query: B wins 0, loses 1, ties 2" in lines
    assert lines[-2].startswith("  the worst 1:")
    assert lines[-1] == "    q1  100 → 0  (nothing)  [port:1]"
    same = run_eval("--compare", tmp_path / "a", tmp_path / "b")[1]
    assert same.count("B wins 0, loses 0, ties 3") == 2


def test_the_worst_twenty_are_those_that_lose_most():
    """The worst first, never one that does not lose; p and difference by hand."""
    first = made([1.0] * 30)
    second = made([n / 30 for n in range(29)] + [1.0])
    lines = list(comparison(*(as_saved(one, result(first).qrels) for one in (first, second))))
    assert [line.split()[0] for line in lines[-20:]] == [f"q{n}" for n in range(20)]
    assert lines[-21].startswith("  the worst 20:")
    assert "  nDCG@10 by query: B wins 0, loses 29, ties 1" in lines


def test_p_is_against_the_best_other_system():
    """The best against the second, all others against the best; one alone against none."""
    runs = (made([1, 1, 1, 1]), made([0, 0, 0, 1], "dense"), made([0] * 4, "bm25"))
    found = result(*runs).summaries
    assert {name: one.against["ndcg@10"] for name, one in found.items()} == {
        "ours": "dense",
        "dense": "ours",
        "bm25": "ours",
    }
    assert found["bm25"].p["ndcg@10"] == pytest.approx(2 / 16)
    assert found["ours"].p["ndcg@10"] == pytest.approx(2 / 8)
    assert (found["ours"].median_ms, found["ours"].p95_ms) == (2.0, pytest.approx(8.3))
    assert result(runs[0]).summaries["ours"].p == {}
    assert "  note: odd" in list(table(result(runs[0])))


def test_a_split_is_a_half_and_the_limit_counts_within_it(run_eval, folder):
    """Both halves together are all."""
    queries = [Query(f"q{n}", "?") for n in range(20)]
    dev, report = select(queries, "dev", None), select(queries, "report", None)
    assert {one.id for one in dev} | {one.id for one in report} == {one.id for one in queries}
    assert {one.id for one in dev}.isdisjoint(one.id for one in report)
    assert select(queries, "dev", 3) == dev[:3]
    assert select(queries, "all", None) == queries


def test_questions_of_ours_are_asked_of_a_corpus(run_eval, tmp_path):
    """`--corpus` names the transcripts; a library of the questions' own is made of them."""
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/talk.txt").write_text("Ann Berg: The dam leaks.\n\nIvo Lund: It does not.\n")
    asked = tmp_path / "asked.jsonl"
    asked.write_text(
        '{"id": "a", "question": "Does the dam leak?", "file": "talk.txt", "paragraph": 1}'
    )
    code, out, _ = run_eval(asked, "--corpus", tmp_path / "talks", "--systems", "ours")
    assert code == 0
    assert out.startswith("asked: 1 queries, 1 transcripts, 2 passages; fake@0000\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "name a DATASET, or two runs to --compare"),
        (("talks", "--compare", "a", "b"), 2, "--compare takes two saved runs"),
        (("nowhere",), 1, "nowhere: there is no such file or folder"),
        (("talks", "--systems", "solr"), 1, "there is no system 'solr': choose of ours, dense"),
        (("talks", "--systems", "ours,"), 1, "there is no system '': choose of"),
        (("talks", "--split", "test"), 2, "'test' is not one of"),
        (("talks", "--limit", "0"), 2, "0 is not in the range"),
        (("talks", "--library", "none"), 1, "none is no library"),
        (("--compare", "talks", "talks"), 1, "talks holds no saved run: make one with --save"),
        (("--compare", "a.run", "b.run"), 1, "a.run holds no saved run"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    run_eval, folder, tmp_path, monkeypatch, arguments, code, message
):
    """No traceback; usage mistakes exit with 2, the rest with 1."""
    monkeypatch.chdir(tmp_path)
    got, out, err = run_eval(*arguments)
    assert got == code
    assert message in err
    assert out == ""


def test_runs_that_have_nothing_in_common_are_not_compared(run_eval, tmp_path):
    """Other systems, or other queries."""
    save(result(made([1, 0])), tmp_path / "a")
    save(result(made([1, 0], "dense")), tmp_path / "b")
    err = run_eval("--compare", tmp_path / "a", tmp_path / "b")[2]
    assert "have no dataset and system in common" in err
    (tmp_path / "b/made/qrels.txt").write_text("other 0 row 1\n")
    files = (tmp_path / "a/made/ours.json", tmp_path / "b/made/dense.json")
    assert "have no query in common" in run_eval("--compare", *files)[2]


def test_a_half_without_queries_is_an_error(run_eval, folder):
    """Nothing can be said of no queries."""
    (folder / "qrels/test.tsv").write_text("q1\tport:1\t1\n")
    err = run_eval(folder, "--split", "report")[2] + run_eval(folder, "--split", "dev")[2]
    assert err.count("has no query to ask in the split") == 1


def test_help_loads_nothing_heavy():
    """`onrecord --help` pays for click alone, and lists eval."""
    code = "from evaluation.cli import main\nmain(['--help'])\nimport sys\nprint(*sys.modules)"
    command = [sys.executable, "-c", code]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "  eval " in out
    heavy = {"torch", "numpy", "faiss", "scipy", "ir_measures", "bm25s", "pydantic", "tqdm"}
    assert set(out.split()) & heavy == set()


def test_the_entry_point_and_the_module_are_this_command():
    """`onrecord` of an installation, and `python -m evaluation`."""
    project = tomllib.loads((Path(cli.__file__).parents[1] / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"onrecord": "evaluation.cli:main"}
    command = [sys.executable, "-m", "evaluation", "--help"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out.startswith("Usage: onrecord eval [OPTIONS] DATASET...")
