"""What many tests share: no hub, and a small real library behind a fake embedder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

from indexer.library import Library
from indexer.search import Searcher
from service import cli
from service.answer import Answerer
from tests.fakes import FakeEmbedder, add, transcript

TALKS = transcript(
    "talks",
    "Ivo Lund: We signed the treaty in 2011. It was a good day for all of us in the port.",
    "Question: Is the captain dead?",
    "Ivo Lund: I heard these reports but cannot confirm them. / The search goes on in the bay.",
    "Ana Berg: Nobody has seen the boat since Friday.",
    title="Talks <b>on</b> fish",
)
DAM = transcript(
    "dam",
    "Ana Berg: The dam leaks. <script>alert(1)</script> is what the sign says.",
    "Question: Who pays for the repair?",
    "Ana Berg: The ministry pays 28 million for it.",
    date=None,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of two small transcripts."""
    with Library.open(tmp_path / "library", create=True) as opened:
        for document in (TALKS, DAM):
            add(opened, document, FakeEmbedder())
        yield opened


@pytest.fixture
def open_answerer(library: Library):
    """The way to open an answerer over that library, as `create_app` wants it."""

    @contextmanager
    def opening() -> Iterator[Answerer]:
        yield Answerer(Searcher(library, FakeEmbedder()))

    return opening


@pytest.fixture
def fake_model(monkeypatch):
    """The commands load the fake embedder in place of the model."""
    embedder = FakeEmbedder()
    monkeypatch.setattr("models.load.load_embedder", lambda *args, **kwargs: embedder)
    return embedder


@pytest.fixture
def run(tmp_path, capsys, monkeypatch, fake_model):
    """Runs a command with the fake model on a library of its own; gives code, output, errors."""
    monkeypatch.setenv("ONRECORD_LIBRARY", str(tmp_path / "library"))

    def run_command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command
