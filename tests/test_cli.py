"""The command line, as a person and as a script would use it."""

import json

import pytest

from tests.judging import FakeConfidence

TALK = """3 May 2023

Minister Ivo Lund’s remarks after talks with Ana Berg, Port, May 3, 2023

We signed the treaty in 2011.

Question: Is the captain dead?

Ivo Lund: I heard these reports but for the time being I cannot confirm any of them.
"""


@pytest.fixture
def talks(tmp_path):
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "talk.txt").write_text(TALK, encoding="utf-8")
    return folder


def test_index_then_ask_prints_speaker_question_quote_and_place(run, talks):
    """What a person reads: who, when, where, what was asked, the words."""
    assert run("index", talks) == (0, "1 indexed; 3 new passages\n", "")
    code, out, _ = run("ask", "Is the captain dead?", "-k", "1")
    assert code == 0
    assert out.splitlines() == [
        "[1] Ivo Lund, 3 May 2023, paragraph 3",
        "    Minister Ivo Lund’s remarks after talks with Ana Berg, Port, May 3, 2023",
        "    Asked: Is the captain dead?",
        "    “I heard these reports but for the time being I cannot confirm any of them.”",
        "    /transcripts/talk#p3",
    ]


def test_json_is_for_scripts(run, talks):
    """Every command that reads has --json."""
    outcome = json.loads(run("index", talks, "--json")[1])[0]
    assert (outcome["status"], outcome["transcript_id"], outcome["passages"]) == (
        "indexed",
        "talk",
        3,
    )
    answer = json.loads(run("ask", "captain", "--json")[1])
    assert answer["citations"][0]["speaker"] == "Ivo Lund"
    assert json.loads(run("search", "captain", "--json")[1])["citations"][0]["rank"] == 1
    assert json.loads(run("list", "--json")[1])[0]["date"] == "2023-05-03"
    assert json.loads(run("show", "talk", "--json")[1])["turns"][1]["role"] == "question"
    assert json.loads(run("delete", "talk", "--json")[1]) == {"deleted": "talk"}


def test_a_bad_file_is_named_and_the_rest_goes_on(run, talks):
    """Exit code 1, the reason on standard error, the good file indexed."""
    (talks / "bad.txt").write_bytes(b"\x00\x01")
    (talks / "odd.bin").write_bytes(b"x")
    (talks / ".hidden.txt").write_text("Ann: Hi.")
    code, out, err = run("index", talks)
    assert code == 1
    assert out == "1 indexed, 1 failed, 2 skipped; 3 new passages\n"
    assert f"failed   {talks}/bad.txt: is not text (it holds NUL bytes)" in err
    assert f"skipped  {talks}/odd.bin: format not known" in err
    assert f"skipped  {talks}/.hidden.txt: hidden" in err


def test_indexing_again_skips_replaces_and_prunes(run, talks, fake_model):
    """Unchanged files cost nothing, changed ones only their new passages."""
    run("index", talks)
    embedded = fake_model.embedded
    assert run("index", talks)[1] == "1 unchanged; 0 new passages\n"
    assert fake_model.embedded == embedded
    more = "And this is one more paragraph of the same answer, long enough to stand alone."
    (talks / "talk.txt").write_text(f"{TALK}\n{more}\n", encoding="utf-8")
    assert run("index", talks)[1] == "1 indexed; 4 new passages\n"
    assert fake_model.embedded == embedded + 1
    (talks / "talk.txt").unlink()
    assert run("index", talks)[1] == "no files; 0 new passages\n"
    assert run("index", talks, "--prune")[1] == "1 removed; 0 new passages\n"
    assert run("list")[1] == ""


def test_filters_narrow_and_an_empty_result_has_its_own_exit_code(run, talks):
    """3 says that nobody answers, so a script can tell it from an error."""
    run("index", talks)
    reason = "Nobody says so in those dates; 2 passages of other days may: ask without the dates.\n"
    assert run("ask", "captain", "--from", "2024-01-01") == (3, reason, "")
    assert run("search", "captain", "--from", "2024-01-01") == (3, reason, "")
    assert "Question: Is the captain" in run("search", "captain", "--role", "question")[1]


@pytest.fixture
def unsure(monkeypatch):
    """Only the treaty is an answer."""
    fake = FakeConfidence("treaty")
    monkeypatch.setattr("service.confidence.load_confidence", lambda fingerprint: fake)


def test_where_nobody_says_so_the_nearest_passages_are_printed(run, talks, unsure):
    """Exit code 3, first the reason; `search` lists them and is done."""
    run("index", talks)
    code, out, _ = run("ask", "Is the captain dead?", "-k", "1")
    assert code == 3
    assert out.splitlines()[:3] == [
        "Nobody in these transcripts says so; nearest passages:",
        "",
        "[1] Ivo Lund, 3 May 2023, paragraph 3",
    ]
    answer = json.loads(run("ask", "Is the captain dead?", "--json")[1])
    assert (answer["answered"], answer["reason"]["kind"]) == (False, "not-in-these-transcripts")
    code, out, _ = run("search", "Is the captain dead?")
    assert (code, len(out.splitlines())) == (0, 2)
    code, out, _ = run("ask", "What of the treaty?", "--role", "answer")
    assert code == 3
    assert out.splitlines()[:3] == [
        "Nobody says so in that role; 1 passage in other roles may: ask without the role.",
        "Nearest passages within these limits:",
        "",
    ]


def test_the_threshold_is_a_setting(run, talks, unsure, monkeypatch):
    """At 0 whatever is found answers."""
    run("index", talks)
    monkeypatch.setenv("ONRECORD_THRESHOLD", "0")
    assert run("ask", "Is the captain dead?")[0] == 0
    monkeypatch.setenv("ONRECORD_THRESHOLD", "1.5")
    code, _, err = run("ask", "Is the captain dead?")
    assert code == 1
    assert "ONRECORD_THRESHOLD is '1.5'" in err


def test_what_the_question_names_is_offered_as_options(run, talks):
    """Ready to be pasted; without hints there is none."""
    run("index", talks)
    question = "What did Lund say in May 2023?"
    assert run("ask", question)[1].splitlines()[-3:] == [
        "",
        "Only Ivo Lund: --speaker 'Ivo Lund'",
        "Only May 2023: --from 2023-05-01 --to 2023-05-31",
    ]
    assert "Only" not in run("ask", question, "--no-hints")[1]
    listed = json.loads(run("search", question, "--no-hints", "--json")[1])
    assert {one["components"]["speaker"] for one in listed["citations"]} == {0}


def test_where_else_it_is_said_is_printed(run, talks):
    """The first five places, and how many more there are."""
    for name in "bcdefgh":
        (talks / f"{name}.txt").write_text(TALK, encoding="utf-8")
    run("index", talks)
    out = run("ask", "Is the captain dead?", "-k", "1")[1]
    lines = " ".join(out.split())
    assert lines.count("Also: Minister Ivo Lund’s remarks") == 5
    assert "Port, May 3, 2023, 3 May 2023, paragraph 3 /transcripts/c#p3" in lines
    assert out.endswith("\n    Also in 2 more places\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ask", "x"), 1, "is no library: index transcripts into it first"),
        (("index", "/nowhere/at/all"), 1, "/nowhere/at/all: there is no such file or folder"),
        (("ask",), 2, "Missing argument 'QUESTION'"),
        (("ask", "x", "--from", "yesterday"), 2, "yesterday"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_mistakes_are_told_in_a_sentence(run, arguments, code, message):
    """No traceback ever; usage mistakes exit with 2, the rest with 1."""
    got, out, err = run(*arguments)
    assert got == code
    assert message in err
    assert out == ""


def test_unknown_names_are_told_with_near_ones(run, talks):
    """A misspelt speaker is met with the name that was meant."""
    run("index", talks)
    code, _, err = run("ask", "captain", "--speaker", "Ivo Lunt")
    assert code == 1
    assert "did you mean Ivo Lund?" in err
    assert run("show", "tolk")[0] == 1
    assert run("delete", "tolk")[0] == 1


def test_a_wrong_setting_is_named(run, talks, monkeypatch):
    """The variable and what is wrong with it."""
    monkeypatch.setenv("ONRECORD_PORT", "many")
    code, _, err = run("list")
    assert code == 1
    assert "ONRECORD_PORT is 'many'" in err


def test_an_exported_transcript_is_read_back_as_it_was(run, talks, tmp_path):
    """`show --format json` is a file that `index` takes, with the same turns and speakers."""
    run("index", talks)
    exported = tmp_path / "again.json"
    exported.write_text(run("show", "talk", "--format", "json")[1], encoding="utf-8")
    assert run("index", exported)[0] == 0
    first = json.loads(run("show", "talk", "--json")[1])
    again = json.loads(run("show", "again", "--json")[1])
    assert again["turns"] == first["turns"]
    assert (again["title"], again["date"]) == (first["title"], first["date"])
    assert run("show", "talk", "--format", "txt")[1].startswith("Minister Ivo Lund")
