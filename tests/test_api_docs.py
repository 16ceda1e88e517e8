"""docs/api.md: every example is run over samples/, and answers what stands below it."""

import json
import re
import shlex
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from evaluation.samples import ROOT, Silent
from indexer.indexing import index_paths
from indexer.library import Library
from indexer.search import Searcher
from service.answer import Answerer
from service.app import create_app
from tests.fakes import FakeEmbedder

TEXT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\n(?:```(json|text)\n(.*?)```\n)?", TEXT, re.DOTALL)
BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The application over the samples, behind a fake embedder."""
    folder: Path = tmp_path_factory.mktemp("docs") / "library"
    embedder = FakeEmbedder()
    with Library.open(folder, create=True) as library:
        library.bind(embedder)
        index_paths(library, embedder, [ROOT / "samples"], Silent())

        @contextmanager
        def opening():
            yield Answerer(Searcher(library, embedder))

        with TestClient(create_app(opening), base_url=BASE) as client:
            yield client


def request_of(command):
    """Method, address, headers and body of a call of curl."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, url, headers, body = "GET", "", {}, None
    for word in words:
        if word in ("-s", "-sN"):
            continue
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            method, body = "POST", next(words)
        else:
            assert word.startswith(BASE), word
            url = word
    return method, url, headers, body


def agrees(shown, given):
    """Whether all that is shown is given: of objects the fields shown, of lists every item."""
    if isinstance(shown, dict):
        return isinstance(given, dict) and all(
            key in given and agrees(value, given[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return len(shown) == len(given) and all(map(agrees, shown, given))
    return shown == given


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0].split("/v1/")[1][:24])
def test_every_example_answers_what_is_shown(client, example):
    """JSON by the fields shown, other text by its lines in order."""
    command, language, shown = example
    method, url, headers, body = request_of(command)
    response = client.request(method, url, headers=headers, content=body)
    assert response.status_code < 400, response.text
    assert language
    if language == "json":
        given = response.json()
        assert agrees(json.loads(shown), given), given
    else:
        lines = iter(response.text.splitlines())
        assert all(any(line == one for one in lines) for line in shown.splitlines()), response.text


def test_every_example_is_found():
    """None is written in a way that the test above would pass over."""
    assert len(EXAMPLES) == TEXT.count("curl ") > 0
    assert len(re.findall("```(?:json|text)", TEXT)) == len(EXAMPLES)


def test_what_is_not_given_does_not_agree():
    """The test above would fail."""
    given = {"a": 1, "b": [{"c": 2, "d": 3}]}
    assert agrees({"b": [{"c": 2}]}, given)
    assert not agrees({"b": [{"c": 3}]}, given)
    assert not agrees({"b": []}, given)
    assert not agrees({"e": 1}, given)
