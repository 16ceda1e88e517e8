"""POST /v1/ask as events: their order, their data, heartbeats, and clients that go away."""

import json
import threading
import time
from contextlib import contextmanager

import anyio
import pytest
from anyio import from_thread
from fastapi.testclient import TestClient

from service.answer import Answerer
from service.api import streaming
from service.api.streaming import wants_events
from service.app import create_app
from tests.judging import FakeConfidence

EVENTS = {"accept": "text/event-stream"}
ASKED = {"question": "Is the captain dead?", "k": 2}


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def events_of(text):
    """Names and data of the events in a stream; comments are left out."""
    events = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def test_an_answer_comes_in_events(client):
    """The same as without: passages, citations one by one, the answer, and the end."""
    response = client.post("/v1/ask", json=ASKED, headers=EVENTS)
    events = events_of(response.text)
    plain = client.post("/v1/ask", json=ASKED).json()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in response.headers["content-security-policy"]
    names = "status passages citation citation answer done".split()
    assert [name for name, _ in events] == names
    data = [data for _, data in events]
    assert data[0] == {"state": "searching"}
    assert data[1]["passages"] == [
        {key: one[key] for key in ("passage_id", "transcript_id", "paragraphs", "score")}
        for one in plain["citations"]
    ]
    assert data[2:4] == plain["citations"]
    assert data[4] | {"took_ms": 0} == plain | {"took_ms": 0}
    assert list(data[5]) == ["took_ms"]


def test_where_nobody_says_so_the_last_event_is_the_reason(open_answerer):
    """`abstain` in place of `done`; the nearest passages are cited before."""

    @contextmanager
    def opening():
        with open_answerer() as answerer:
            yield Answerer(answerer.searcher, FakeConfidence("treaty"))

    with TestClient(create_app(opening, ["testserver"])) as client:
        asked = {"question": "Is the captain dead?", "k": 1}
        events = events_of(client.post("/v1/ask", json=asked, headers=EVENTS).text)
    assert [name for name, _ in events] == "status passages citation answer abstain".split()
    assert events[-1][1]["kind"] == "not-in-these-transcripts"
    assert events[-2][1]["answered"] is False


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"speaker": "Nobody"}, 404, "not-found"),
        ({"question": "   "}, 422, "bad-query"),
        ({"date_from": "2020-01-02", "date_to": "2020-01-01"}, 422, "bad-query"),
    ],
)
def test_what_cannot_be_asked_ends_in_an_error(client, change, status, kind):
    """The problem that the answer would be without events."""
    response = client.post("/v1/ask", json=ASKED | change, headers=EVENTS)
    [_, (name, data)] = events_of(response.text)
    assert (name, data["status"]) == ("error", status)
    assert data["type"] == f"urn:onrecord:problem:{kind}"


def test_what_does_not_fit_the_schema_is_a_problem_and_no_stream(client):
    """Nothing has begun yet."""
    response = client.post("/v1/ask", json=ASKED | {"k": 0}, headers=EVENTS)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_what_ails_the_server_is_not_told_in_events(client, library, caplog):
    """No path, no SQL; the log has them."""
    with library.write() as connection:
        connection.execute("ALTER TABLE paragraphs RENAME TO elsewhere")
    name, data = events_of(client.post("/v1/ask", json=ASKED, headers=EVENTS).text)[-1]
    assert (name, data["status"]) == ("error", 503)
    assert data["detail"] == "the service cannot answer now; its log says why"
    assert "library.db" in caplog.text


def test_an_error_that_nobody_foresaw_is_told_too(client, monkeypatch, caplog):
    """A stream never just stops."""

    def broken(*_, **__):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(client.app.state.answerer, "ask", broken)
    text = client.post("/v1/ask", json=ASKED, headers=EVENTS).text
    name, data = events_of(text)[-1]
    assert (name, data["type"]) == ("error", "urn:onrecord:problem:internal")
    assert "secret" not in text
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("accept", "events"),
    [
        ("text/event-stream", True),
        ("text/event-stream, */*", True),
        ("Text/Event-Stream;charset=utf-8", True),
        ("text/event-stream, application/json", True),
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("application/json, text/event-stream;q=0.9", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=much", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_json_is_the_default(accept, events):
    """Events only where they are named, and not after JSON."""
    assert wants_events(accept) is events


async def streamed(app, gone, sent):
    """Asks the application for events; `gone` awaits the client's going, `sent` gets each part."""
    body = [{"type": "http.request", "body": json.dumps(ASKED).encode(), "more_body": False}]

    async def receive():
        if body:
            return body.pop()
        await gone()
        return {"type": "http.disconnect"}

    async def send(message):
        sent(message.get("body", b""))

    headers = [
        (b"host", b"localhost"),
        (b"accept", b"text/event-stream"),
        (b"content-type", b"application/json"),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/ask",
        "raw_path": b"/v1/ask",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    with anyio.fail_after(20):
        await app(scope, receive, send)


def test_heartbeats_come_while_the_question_is_searched(open_answerer, monkeypatch):
    """The search waits for two of them, and then answers."""
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.01)
    parts, heard = [], threading.Event()

    def sent(part):
        parts.append(part)
        if sum(one.startswith(b": ping") for one in parts) == 2:
            heard.set()

    async def run():
        with open_answerer() as answerer:
            app = create_app(open_answerer)
            search = answerer._search
            answerer._search = lambda *given: heard.wait(20) and search(*given)
            app.state.answerer = answerer
            await streamed(app, anyio.sleep_forever, sent)

    anyio.run(run)
    names = [name for name, _ in events_of(b"".join(parts).decode())]
    assert names == "status passages citation citation answer done".split()
    assert heard.is_set()


def test_a_client_that_goes_away_ends_the_work(open_answerer):
    """The search that runs is the last thing done: nothing is cited, nothing more is told."""
    parts, cited, noticed = [], [], []

    async def run():
        begun = anyio.Event()

        def sent(part):
            parts.append(part)
            if b"event: status" in part:
                begun.set()

        with open_answerer() as answerer:
            app = create_app(open_answerer)
            search = answerer._search

            def searching(*given):
                """Goes on until the work is cancelled, and then finds as if it were not."""
                until = time.monotonic() + 20
                while not noticed and time.monotonic() < until:
                    try:
                        from_thread.check_cancelled()
                    except BaseException as error:
                        noticed.append(type(error).__name__)
                    time.sleep(0.001)
                return search(*given)

            answerer._search = searching
            answerer.cite = lambda *given: cited.append(given)
            app.state.answerer = answerer
            await streamed(app, begun.wait, sent)

    anyio.run(run)
    assert noticed == ["CancelledError"]
    assert [name for name, _ in events_of(b"".join(parts).decode())] == ["status"]
    assert cited == []


def test_openapi_has_an_example_of_the_events(client):
    """Beside the JSON answer."""
    ask = client.get("/openapi.json").json()["paths"]["/v1/ask"]["post"]
    content = ask["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/event-stream"}
    assert content["text/event-stream"]["example"].startswith("event: status\n")
