"""What `onrecord inspect` tells of a file before it is indexed."""

import json
import zipfile

import pytest

from service import cli

TALK = """3 May 2023

Minister Ivo Lund’s remarks after talks with Ana Berg, Port, May 3, 2023

We signed the treaty in 2011, and nobody wanted to leave.

Question: Is the captain dead?

Ivo Lund: I heard these reports, but I can confirm none of them at this hour, sorry about that.

(Laughter.)

Thank you.
"""

# As much of the answer as fits in a line.
BEGINNING = "I heard these reports, but I can confirm none of them at this hour, sor…"


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs `inspect` where opening a library or a model fails; gives code, output, errors."""

    def refuse(*args, **kwargs):
        raise AssertionError("inspect needs neither library nor model")

    monkeypatch.setattr("indexer.library.Library.open", refuse)
    monkeypatch.setattr("models.load.load_embedder", refuse)

    def run_command(*arguments):
        code = cli.main(["inspect", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text(TALK, encoding="utf-8")
    return path


def test_a_person_reads_who_speaks_what_and_what_is_left_out(run, talk):
    """Speakers with most words first; a line for each turn; what is dropped with line and why."""
    code, out, err = run(talk)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        str(talk),
        "  title     Minister Ivo Lund’s remarks after talks with Ana Berg, Port, May 3, 2023",
        "  date      2023-05-03",
        "  language  en",
        "  format    text",
        "  speakers",
        "        2 turns      30 words  Ivo Lund: 1 answer, 1 statement",
        "        1 turns       4 words  Question: 1 question",
        "  turns",
        "        1 Ivo Lund [statement] We signed the treaty in 2011, and nobody wanted to leave.",
        "        2 Question [question] Is the captain dead?",
        f"        3 Ivo Lund [answer] {BEGINNING}",
        "  left out",
        "    line 1, date line: 3 May 2023",
        "    line 11, stage direction: (Laughter.)",
        "",
    ]


def test_json_is_for_scripts(run, talk):
    """The same facts; a list, one object a file."""
    code, out, _ = run(talk, "--json")
    (found,) = json.loads(out)
    assert code == 0
    assert (found["file"], found["format"], found["language"]) == (str(talk), "text", "en")
    assert found["speakers"][0] == {
        "name": "Ivo Lund",
        "named": True,
        "turns": 2,
        "words": 30,
        "roles": {"answer": 1, "statement": 1},
    }
    assert found["turns"][1] == {
        "number": 2,
        "speaker": "Question",
        "role": "question",
        "paragraphs": 1,
        "begins": "Is the captain dead?",
    }
    assert found["dropped"][1] == {"line": 11, "text": "(Laughter.)", "reason": "stage direction"}
    assert found["warnings"] == []


def test_one_bad_file_is_told_and_fails_the_command(run, talk, tmp_path):
    """The others are shown all the same."""
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\0\1")
    code, out, err = run(bad, talk)
    assert code == 1
    assert out.startswith(f"{talk}\n")
    assert err == f"failed   {bad}: is not text (it holds NUL bytes)\n"
    found = json.loads(run(bad, talk, "--json")[1])
    assert [set(one) & {"file", "error"} for one in found] == [{"file", "error"}, {"file"}]


def test_what_is_passed_over_is_no_failure(run, talk):
    """In folders and archives, as `index` would."""
    (talk.parent / "x.jpg").write_bytes(b"x")
    code, _, err = run(talk.parent)
    assert code == 0
    assert err == f"skipped  {talk.parent}/x.jpg: format not known\n"
    assert json.loads(run(talk.parent, "--json")[1])[0]["skipped"] == "format not known"


def test_members_of_archives_are_shown_with_their_metadata(run, tmp_path):
    """As they would be indexed."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("talk.txt", TALK)
        archive.writestr("talk.meta.json", '{"title": "A talk", "speaker": "Ivo"}')
    code, out, _ = run(path)
    assert code == 0
    assert out.startswith(f"{path}!/talk.txt\n  title     A talk\n")
    assert "  warnings\n    talk.meta.json: field 'speaker' is not known" in out


def test_a_format_can_be_given(run, talk):
    """For single files, and only one that there is."""
    assert "  format    markdown\n" in run(talk, "--format", "markdown")[1]
    code, _, err = run(talk, "--format", "klingon")
    assert code == 2
    assert "'klingon' is none of text, markdown, html, pdf" in err
    assert run(talk.parent, "--format", "text")[0] == 1


def test_words_that_would_steer_a_terminal_are_shown_not_obeyed(run, tmp_path):
    """Names and first words come from the file."""
    path = tmp_path / "talk.txt"
    path.write_text("Ann: One \x1b[2J two.\n\nBo: Three.\n\nAnn: Four.\n")
    out = run(path)[1]
    assert "\x1b" not in out
    assert "One \\x1b[2J two." in out
