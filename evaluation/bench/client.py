"""A load generator: clients that ask one question after another over kept connections.

Run in a process of its own (see `apart`), on plain asyncio streams with the least parsing that is
right, because it shares the cores with what it measures; it says what processor time it took.
A client asks again when it was answered: the load is closed, and a slow server is asked less.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

HOST = "127.0.0.1"


def post(path: str, body: Any) -> str:
    """An HTTP/1.1 request with a JSON body."""
    data = json.dumps(body)
    head = f"content-type: application/json\r\ncontent-length: {len(data.encode())}\r\n"
    return f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\n{head}\r\n{data}"


def get(path: str, **query: str) -> str:
    """An HTTP/1.1 request without a body."""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    target = f"{path}?{asked}" if asked else path
    return f"GET {target} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"


@dataclass(slots=True)
class _Tally:
    times_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    received: int = 0


def load(port: int, requests: list[str], clients: int, seconds: float) -> dict[str, Any]:
    """Sends the requests in their order until the time is over or there are no more.

    Returns `times_ms` of those that were answered with 200, in the order of their answers, the
    `seconds` until the last answer, `failed` answers and, of 100 of them, what they said,
    `received_mb`, and `client_cpu_s`.
    """
    return asyncio.run(_load(port, requests, clients, seconds))


async def _load(port: int, requests: Sequence[str], clients: int, seconds: float) -> dict[str, Any]:
    tally, supply = _Tally(), iter([request.encode() for request in requests])
    cpu, start = time.process_time(), time.perf_counter()
    await asyncio.gather(*(_client(port, supply, start + seconds, tally) for _ in range(clients)))
    return {
        "times_ms": tally.times_ms,
        "seconds": time.perf_counter() - start,
        "failed": len(tally.failed),
        "failures": tally.failed[:100],
        "received_mb": tally.received / 1e6,
        "client_cpu_s": time.process_time() - cpu,
    }


async def _client(port: int, supply: Iterator[bytes], until: float, tally: _Tally) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        while time.perf_counter() < until and (request := next(supply, None)) is not None:
            start = time.perf_counter()
            try:
                writer.write(request)
                status, body, stays = await read_answer(reader)
            except (OSError, EOFError, ValueError) as error:
                tally.failed.append(repr(error))
                status, body, stays = 0, b"", False
            if status == 200:
                tally.times_ms.append(1000 * (time.perf_counter() - start))
                tally.received += len(body)
            elif status:
                tally.failed.append(f"{status} {body[:200].decode(errors='replace')}")
            if not stays:
                writer.close()
                reader, writer = await asyncio.open_connection(HOST, port)
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status and body of an answer with a content-length, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    headers = {
        name.strip(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if b"content-length" not in headers:
        raise ValueError("an answer has no content-length")
    body = await reader.readexactly(int(headers[b"content-length"]))
    stays = head.startswith(b"http/1.1") and headers.get(b"connection") != b"close"
    return status, body, stays
