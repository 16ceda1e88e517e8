"""Our server and those of the peers over the same passages, each a process on a free port.

- onrecord: `onrecord serve`, `POST /v1/ask`.
- txtai: its own API (`uvicorn txtai.api:app`) with a YAML file, hybrid, with content; all else is
  its default, so beyond 5,000 passages its Faiss index is an approximate IVF. Its index is built
  beforehand, from our vectors; questions it embeds itself, with its own loader of the same weights.
- haystack: it has no server of its own, see `haystack_app`.

Peers hold the passages' own texts, without context, which is less to search. The vectors are the
library's: what a vector says changes no time.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

from evaluation.bench.apart import ROOT, run_apart
from evaluation.bench.client import HOST, get, post
from evaluation.errors import EvaluationError
from evaluation.peers import PassageText
from indexer.library import Library
from models.embedder import Vectors
from models.weights import bundled_folder

READY_S = 1800.0  # Haystack reads for minutes
STOP_S = 15.0
POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class System:
    """How a system is started on a port, when it is ready, and how it is asked."""

    name: str
    command: Callable[[int], list[str]]
    ready: str
    request: Callable[[str, int], str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `ready_s` is from its start to its first answer."""

    pid: int
    port: int
    ready_s: float


def system(name: str, library: Path, work: Path) -> System:
    """The system over a library, its index made below `work` if it needs one of its own."""
    match name:
        case "onrecord":
            return _onrecord(library)
        case "txtai":
            return _txtai(library, work)
        case "haystack":
            return _haystack(library)
    raise EvaluationError(f"no system is called {name!r}: there are onrecord, txtai and haystack")


@contextmanager
def started(one: System) -> Iterator[Running]:
    """The system, answering; stopped at the end. Raises EvaluationError where it will not start."""
    port = _free_port()
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **one.environment}
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            one.command(port), cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            while not _answers(f"http://{HOST}:{port}{one.ready}"):
                if process.poll() is not None or time.perf_counter() - start > READY_S:
                    log.seek(0)
                    raise EvaluationError(f"{one.name} does not start: {log.read()[-2000:]}")
                time.sleep(POLL_S)
            yield Running(process.pid, port, time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def read_passages(library: Path) -> tuple[list[PassageText], Vectors]:
    """The texts of all passages and their vectors, (n, dimension) float32."""
    from evaluation.bench.subset import documents

    texts: list[PassageText] = []
    vectors = []
    with Library.open(library) as opened:
        for document in documents(opened):
            vectors.append(document.embeddings.vectors)
            for passage in document.passages:
                # Numbers in the order of rowids, which are nothing to a peer.
                one = PassageText(len(texts), passage.transcript_id, passage.text)
                texts.append(one)
    return texts, np.concatenate(vectors)


def _onrecord(library: Path) -> System:
    def command(port: int) -> list[str]:
        serve = "import sys; from evaluation.cli import main; sys.exit(main())"
        place = ["--library", str(library), "--host", HOST, "--port", str(port)]
        return [sys.executable, "-c", serve, "serve", *place]

    def request(question: str, k: int) -> str:
        return post("/v1/ask", {"question": question, "k": k})

    return System("onrecord", command, "/readyz", request)


def _txtai(library: Path, work: Path) -> System:
    folder = work / f"txtai-{library.name}"
    if not (folder / "index.yml").exists():
        given = {"library": str(library), "folder": str(folder)}
        run_apart("evaluation.bench.servers:index_txtai", given)

    def command(port: int) -> list[str]:
        place = ["--host", HOST, "--port", str(port), "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", "txtai.api:app", *place]

    def request(question: str, k: int) -> str:
        return get("/search", query=question, limit=str(k))

    environment = {"CONFIG": str((folder / "index.yml").resolve())}
    return System("txtai", command, "/count", request, environment)


def _haystack(library: Path) -> System:
    def command(port: int) -> list[str]:
        module = "evaluation.bench.haystack_app"
        return [sys.executable, "-m", module, str(library), str(port)]

    def request(question: str, k: int) -> str:
        return post("/ask", {"question": question, "k": k})

    return System("haystack", command, "/ready", request)


def index_txtai(library: str, folder: str) -> dict[str, Any]:
    """Makes txtai's index from vectors that are there, and has it embed questions itself."""
    from txtai import Embeddings

    texts, vectors = read_passages(Path(library))
    rest = iter(vectors)

    # Batches come in the order of the texts.
    def transform(batch: list[str]) -> Vectors:
        return np.stack([next(rest) for _ in batch])

    start = time.perf_counter()
    place = Path(folder)
    rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    embeddings = Embeddings(method="external", transform=transform, hybrid=True, content=True)
    embeddings.index((one.rowid, one.text, None) for one in texts)
    embeddings.save(str(place / "index"))
    took = time.perf_counter() - start
    file = place / "index/config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    del config["transform"]
    config |= {"method": "transformers", "path": str(bundled_folder())}
    file.write_text(json.dumps(config), encoding="utf-8")
    settings = f"path: {(place / 'index').resolve()}\nwritable: false\nembeddings:\n"
    (place / "index.yml").write_text(settings, encoding="utf-8")
    return {"build_s": took}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
