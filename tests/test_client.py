"""The Python client against a service on this machine, and its document."""

import contextlib
import datetime as dt
import io
import json
import re
import subprocess
import sys

import httpx
import openai
import pytest
from mcp import Client

from evaluation.samples import ROOT, Silent
from indexer.indexing import index_paths
from indexer.library import Library
from indexer.search import Searcher
from indexer.transcript import Role
from models.load import load_embedder
from service.answer import Answerer
from service.app import create_app
from service.client import AsyncOnRecord, ClientError, OnRecord
from service.confidence import load_confidence
from tests.fakes import FakeEmbedder, add, transcript
from tests.serving import serving

QUESTION = "Is the captain dead?"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def address(open_answerer):
    with serving(create_app(open_answerer)) as address:
        yield address


@pytest.fixture
def record(address):
    with OnRecord(address) as record:
        yield record


def untimed(answer):
    return answer.model_copy(update={"took_ms": 0.0})


def test_asking_and_searching_give_the_same_typed_answer(record):
    """With every filter, days as text or date; a citation has its whole address."""
    day = dt.date(2017, 6, 16)
    filters = {"speaker": "ivo lund", "role": [Role.ANSWER], "transcript": ["talks"]}
    answer = record.ask(QUESTION, k=2, date_from=day, date_to="2017-06-16", hints=False, **filters)
    found = record.search(QUESTION, k=2, date_from=day, date_to=day, hints=False, **filters)
    [citation] = answer.citations
    assert (citation.speaker, citation.date, citation.role) == ("Ivo Lund", day, Role.ANSWER)
    assert untimed(found) == untimed(answer)
    assert record.url(citation).startswith("http://127.0.0.1:")
    assert record.url(citation).endswith(f"/transcripts/talks#p{citation.paragraph}")
    assert record.ask(QUESTION, date_from=dt.date(2030, 1, 1)).citations == []


def test_the_library_is_read(record):
    """Transcripts, one whole, speakers and the state."""
    summaries = list(record.transcripts())
    assert [one.id for one in summaries] == ["dam", "talks"]
    assert record.transcript("dam").turns[0].paragraphs[0].text.startswith("The dam leaks.")
    assert record.speakers()[0].name == "Ana Berg"
    assert len(record.speakers(limit=1)) == 1
    assert record.ready().transcripts == 2
    assert record.url(summaries[0]).endswith("/transcripts/dam")


def test_transcripts_go_on_where_a_page_ends(record, monkeypatch):
    """Each page is asked for from the last id of the one before."""
    monkeypatch.setattr("service.client._PAGE", 1)
    assert [one.id for one in record.transcripts()] == ["dam", "talks"]


def test_an_id_is_no_path(record, library):
    """Slashes and marks in an id are part of it."""
    add(library, transcript("a?b#c d", "Ann Hill: Words of hers."), FakeEmbedder())
    assert record.transcript("a?b#c d").turns[0].speaker == "Ann Hill"
    with pytest.raises(ClientError):
        record.transcript("../speakers")


@pytest.mark.anyio
async def test_the_asynchronous_client_gives_the_same(record, address):
    """Method by method."""
    async with AsyncOnRecord(address) as other:
        answer = await other.ask(QUESTION, k=2, speaker="Ivo Lund")
        assert untimed(answer) == untimed(record.ask(QUESTION, k=2, speaker="Ivo Lund"))
        assert untimed(await other.search(QUESTION)) == untimed(record.search(QUESTION))
        assert [one async for one in other.transcripts()] == list(record.transcripts())
        assert await other.transcript("talks") == record.transcript("talks")
        assert await other.speakers() == record.speakers()
        assert await other.ready() == record.ready()
        assert other.url(answer.citations[0]) == record.url(answer.citations[0])
        with pytest.raises(ClientError, match="no transcript 'none'"):
            await other.transcript("none")
    async with AsyncOnRecord("http://127.0.0.1:1") as nobody:
        with pytest.raises(ClientError, match=r"no answer from http://127\.0\.0\.1:1"):
            await nobody.ready()


def test_errors_are_the_services_sentences(record):
    """With the problem; without one where nobody answers, or something else does."""
    with pytest.raises(ClientError, match="no speaker 'nobody'") as unknown:
        record.ask(QUESTION, speaker="Nobody")
    assert (unknown.value.status, unknown.value.problem.title) == (404, "There is nothing here")
    with pytest.raises(ClientError, match=r"date_from: .*a day is written like") as invalid:
        record.search(QUESTION, date_from="June")
    assert invalid.value.status == 422
    with (
        OnRecord("http://127.0.0.1:1") as nobody,
        pytest.raises(ClientError, match="start it with `onrecord serve`") as silent,
    ):
        nobody.ready()
    assert silent.value.status is None
    other = httpx.MockTransport(lambda request: httpx.Response(502, text="Bad gateway"))
    with (
        OnRecord("http://elsewhere", transport=other) as proxied,
        pytest.raises(ClientError, match="http://elsewhere/readyz answers 502"),
    ):
        proxied.ready()


def test_importing_the_client_loads_nothing_heavy():
    """No model, no index, no server."""
    program = "import service.client, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"torch", "faiss", "onnxruntime", "tokenizers", "sentence_transformers", "tantivy"}
    assert (
        set(done.stdout.split()) & (heavy | {"transformers", "fastapi", "uvicorn", "mcp"}) == set()
    )


@pytest.mark.anyio
async def test_every_client_gets_the_same_citations(record, address):
    """curl, OpenAI's client, the SDK's for agents, and ours ask the same question."""
    body = {"question": QUESTION, "k": 3}
    curl = ["curl", "-s", f"{address}/v1/ask", "-H", "content-type: application/json"]
    curled = subprocess.run(
        [*curl, "-d", json.dumps(body)], capture_output=True, text=True, check=True
    )
    ours = [one.model_dump(mode="json") for one in record.ask(QUESTION, k=3).citations]
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        completion = client.chat.completions.create(
            model="onrecord",
            messages=[{"role": "user", "content": QUESTION}],
            extra_body={"onrecord": {"k": 3}},
        )
    async with Client(f"{address}/mcp") as agent:
        called = await agent.call_tool("ask", body)
    linked = called.structured_content["citations"]
    assert len(ours) == 3
    assert json.loads(curled.stdout)["citations"] == ours
    assert completion.choices[0].message.onrecord["citations"] == ours
    assert [{key: one[key] for key in ours[0]} for one in linked] == ours
    assert [one["url"] for one in linked] == [f"{address}{one['href']}" for one in ours]


@pytest.fixture
def samples_answerer(tmp_path):
    """The real model over the samples, as the document has it."""
    embedder = load_embedder()

    @contextlib.contextmanager
    def opening():
        with Library.open(tmp_path / "samples", create=True) as opened:
            opened.bind(embedder)
            index_paths(opened, embedder, [ROOT / "samples"], Silent())
            confidence = load_confidence(embedder.fingerprint)
            yield Answerer(Searcher(opened, embedder), confidence)

    return opening


def test_the_document_runs(samples_answerer):
    """Each block of code prints the block after it."""
    text = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```python") == 5
    names = {}
    with serving(create_app(samples_answerer)) as address:
        for code, expected in blocks:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code.replace("OnRecord()", f"OnRecord({address!r})"), names)
            assert printed.getvalue().replace(address, "http://127.0.0.1:8000") == expected
