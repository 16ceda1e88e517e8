"""The load generator, how servers are started and stopped, and what rows say."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from evaluation.bench import client, servers, serving
from evaluation.bench.client import get, load, post, read_answer
from evaluation.bench.questions import asked_in, deal, read_questions
from evaluation.bench.servers import System, read_passages, started, system
from evaluation.errors import DatasetError, EvaluationError
from indexer.library import Library


def answer(data: bytes) -> tuple[int, bytes, bool]:
    async def read() -> tuple[int, bytes, bool]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_answer(reader)

    return asyncio.run(read())


def test_an_answer_is_read_to_its_length():
    """What follows belongs to the next answer; the connection stays unless the server says so."""
    kept = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1"
    assert answer(kept) == (200, b"body", True)
    ended = b"HTTP/1.1 503 No\r\ncontent-length: 0\r\nConnection: Close\r\n\r\n"
    assert answer(ended) == (503, b"", False)
    assert answer(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx") == (200, b"x", False)


def test_an_answer_without_a_length_is_not_guessed_at():
    """Chunks are not understood, and that is said."""
    with pytest.raises(ValueError, match="no content-length"):
        answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


def test_requests_say_their_length_in_bytes():
    """And what stands in an address is quoted."""
    request = post("/v1/ask", {"question": "Où?"})
    head, body = request.split("\r\n\r\n")
    assert head.startswith("POST /v1/ask HTTP/1.1\r\n")
    assert f"content-length: {len(body.encode())}\r\n" in f"{head}\r\n"
    assert json.loads(body) == {"question": "Où?"}
    asked = get("/search", query="a & b?", limit="3").split("\r\n")[0]
    assert asked == "GET /search?query=a%20%26%20b%3F&limit=3 HTTP/1.1"


def serve(answers: dict[bytes, bytes], requests: list[str], clients: int) -> tuple[dict, list]:
    """What the load generator finds at a server that knows these paths, and what was asked."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ")[1]
                asked.append(path)
                writer.write(answers[path])
        except asyncio.IncompleteReadError:
            writer.close()

    async def both() -> dict:
        server = await asyncio.start_server(handle, client.HOST, 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.to_thread(load, port, requests, clients, 60.0)

    return asyncio.run(both()), asked


FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes"
WRONG = b"HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\ndown"


@pytest.mark.parametrize("clients", [1, 4])
def test_every_request_is_sent_once(clients: int):
    """Whatever the number of clients, which end when there is nothing left to ask."""
    paths = [f"/{n}" for n in range(20)]
    found, asked = serve({path.encode(): FINE for path in paths}, [get(p) for p in paths], clients)
    assert sorted(asked) == sorted(path.encode() for path in paths)
    assert (len(found["times_ms"]), found["failed"]) == (20, 0)
    assert found["received_mb"] == 60 / 1e6


def test_an_error_is_counted_and_not_timed():
    """Fast refusals must not make a server look fast."""
    found, _ = serve({b"/a": FINE, b"/b": WRONG}, [get("/a"), get("/b"), get("/a")], 1)
    assert (len(found["times_ms"]), found["failed"]) == (2, 1)
    assert found["failures"] == ["500 down"]


def test_questions_are_read_once_each(tmp_path: Path):
    """Of any .jsonl that has a `question` or a `text`."""
    file = tmp_path / "some.jsonl"
    file.write_text('{"question": "Who?"}\n{"text": "When?"}\n{"question": "Who?"}\n')
    assert read_questions([file]) == ["Who?", "When?"]
    file.write_text('{"question": "Who?"}\n{"words": "When?"}\n')
    with pytest.raises(DatasetError, match=r"some\.jsonl:2: no question or text"):
        read_questions([file])
    assert len(read_questions()) > 250


def test_reporters_ask_too(library: Library):
    """The last question of a turn, if it has five words or more; "Is the captain dead?" has not."""
    assert list(asked_in(library)) == ["Who pays for the repair?"]


def test_hands_share_no_question():
    """Each is dealt once, those of both sources to all hands alike."""
    own, more = [f"own {n}" for n in range(10)], [f"more {n}" for n in range(31)]
    hands = deal(own, [*more, own[0]], 3)
    assert sorted(one for hand in hands for one in hand) == sorted(own + more)
    assert [sum(one.startswith("own") for one in hand) for hand in hands] == [4, 3, 3]
    assert deal(own, more, 3) == deal(own, more, 3)


def listing(port: int) -> list[str]:
    place = [str(port), "--bind", client.HOST, "--protocol", "HTTP/1.1"]
    return [sys.executable, "-m", "http.server", *place]


def test_a_system_is_started_measured_and_stopped():
    """Every number of clients gets a row, with the fields that are promised."""
    one = System("files", listing, "/", lambda question, k: get("/", question=question))
    hands = [[f"{hand} {n}" for n in range(6)] for hand in range(3)]
    with started(one) as running:
        rows = list(serving.measure(one, running, hands, [1, 2], seconds=60))
    assert [(row["clients"], row["answers"], row["failed"]) for row in rows] == [
        (1, 6, 0),
        (2, 6, 0),
    ]
    assert all(row["all_asked"] for row in rows)
    wanted = {"system", "ready_s", "per_second", "latency_ms", "client_cpu_ms", "server_cpu_ms"}
    assert wanted < set(rows[0])
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)


def test_a_server_that_ends_says_why():
    """Its last words are in the error."""
    one = System("dead", lambda port: [sys.executable, "-c", "1/0"], "/", post)
    with (
        pytest.raises(EvaluationError, match=r"dead does not start(?s:.*)ZeroDivisionError"),
        started(one),
    ):
        pass


def test_a_system_that_is_not_known_is_refused(tmp_path: Path):
    """The error names those that are."""
    with pytest.raises(EvaluationError, match="onrecord, txtai and haystack"):
        system("elastic", tmp_path, tmp_path)


def test_ours_is_started_on_its_library_and_port(tmp_path: Path):
    """By the command that a user gives."""
    one = system("onrecord", tmp_path / "library", tmp_path)
    given = one.command(8123)
    place = ["--library", str(tmp_path / "library"), "--host", client.HOST, "--port", "8123"]
    assert given[-7:] == ["serve", *place]
    assert json.loads(one.request("Who?", 10).split("\r\n\r\n")[1]) == {"question": "Who?", "k": 10}


def test_peers_are_given_every_passage(library: Library):
    """Its own text without context, and its vector."""
    texts, vectors = read_passages(library.folder)
    held = library.passages([int(rowid) for rowid in library.rowids()])
    assert [one.text for one in texts] == [passage.text for passage in held.values()]
    assert vectors.shape == (len(texts), library.dimension)
    assert [one.rowid for one in texts] == list(range(len(texts)))


def test_ratios_are_of_the_same_load():
    """60 against 20 questions a second are 3 times as many; a p99 of 50 to 200 ms is a quarter."""
    rows = [
        {
            "system": name,
            "passages": 9,
            "clients": 8,
            "per_second": rate,
            "latency_ms": {"p99": p99},
        }
        for name, rate, p99 in (("onrecord", 60, 50), ("txtai", 20, 200))
    ]
    other = {**rows[1], "clients": 32}
    assert serving.compare([*rows, other]) == [
        "8 clients: 3.0 times txtai's questions a second, 0.250 of its p99"
    ]


def test_the_free_port_can_be_listened_on():
    """Nobody holds it."""
    with socket.create_server((client.HOST, servers._free_port())) as listener:
        assert listener.getsockname()[1] > 0
