"""How long `POST /v1/ask` takes end to end, and how many questions a second are answered.

    python -m evaluation.bench.serving LIBRARY… [--clients 1,8,32] [--seconds 20]
        [--peers txtai,haystack] [--name serving]

Each system is started on its own, asked by a load generator in another process on the same cores,
and stopped. All are asked the same real questions, none twice; see `servers` and `client`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evaluation.bench.apart import cpu_s, memory_mb, run_apart
from evaluation.bench.questions import FILES, asked_in, deal, read_questions
from evaluation.bench.results import RESULTS, Row, percentiles, save, size_mb
from evaluation.bench.servers import Running, System, started, system
from evaluation.bench.subset import note_of
from evaluation.errors import EvaluationError, exit_code
from indexer.library import Library

DEPTH = 10
WARM = 16
_VERSIONS = {"txtai": "txtai", "haystack": "haystack-ai"}


def measure(
    one: System,
    running: Running,
    hands: Sequence[list[str]],
    clients: Sequence[int],
    seconds: float,
) -> Iterator[Row]:
    """A row for each number of clients, which ask a hand of questions each time."""
    facts = {"system": one.name, "ready_s": round(running.ready_s, 3)}
    facts["memory_at_start_mb"] = memory_mb(running.pid).get("memory_mb")
    _load(one, running, hands[0][:WARM], 1, seconds)
    for number, questions in zip(clients, hands[1:], strict=True):
        before = cpu_s(running.pid)
        found = _load(one, running, questions, number, seconds)
        times = found["times_ms"]
        if not times:
            raise EvaluationError(f"{one.name} answers nothing: {found['failures'][:1]}")
        yield {
            **facts,
            "clients": number,
            "answers": len(times),
            "failed": found["failed"],
            "failures": found["failures"][:1],
            "seconds": round(found["seconds"], 3),
            "per_second": round(len(times) / found["seconds"], 2),
            "latency_ms": percentiles(times),
            "client_cpu_ms": round(1000 * found["client_cpu_s"] / len(times), 3),
            "server_cpu_ms": round(1000 * (cpu_s(running.pid) - before) / len(times), 3),
            "answer_bytes": round(1e6 * found["received_mb"] / len(times)),
            "all_asked": len(times) + found["failed"] >= len(questions),
            **memory_mb(running.pid),
        }


def _load(
    one: System, running: Running, questions: Sequence[str], clients: int, seconds: float
) -> dict[str, Any]:
    given = {
        "port": running.port,
        "requests": [one.request(question, DEPTH) for question in questions],
        "clients": clients,
        "seconds": seconds,
    }
    return run_apart("evaluation.bench.client:load", given)


def measure_library(
    library: Path,
    names: Sequence[str],
    clients: Sequence[int],
    seconds: float,
    work: Path,
    extra: Sequence[Path] = (),
) -> Iterator[Row]:
    """Rows of all systems over one library."""
    with Library.open(library) as opened:
        passages = opened.stats().passages
        more = [*read_questions(list(extra)), *asked_in(opened)]
    hands = deal(read_questions(), more, len(clients) + 1)
    facts: Row = {"passages": passages}
    for name in names:
        one = system(name, library, work)
        if name == "onrecord":
            facts |= {"disk_mb": size_mb(library)}
            if note_of(library).exists():
                facts |= _build_s(note_of(library))
        with started(one) as running:
            for row in measure(one, running, hands, clients, seconds):
                yield {**row, **(facts if name == "onrecord" else {"passages": passages})}


def _build_s(note: Path) -> dict[str, float]:
    import json

    return {"build_s": json.loads(note.read_text(encoding="utf-8"))["build_s"]}


def compare(rows: Sequence[Row]) -> list[str]:
    """Our questions a second and p99 as ratios to each peer's, where both were measured."""
    ours = {(r["passages"], r["clients"]): r for r in rows if r["system"] == "onrecord"}
    lines = []
    for row in rows:
        own = ours.get((row["passages"], row["clients"]))
        if own is not None and row is not own:
            more = own["per_second"] / row["per_second"]
            share = own["latency_ms"]["p99"] / row["latency_ms"]["p99"]
            lines.append(
                f"{row['clients']} clients: {more:.1f} times {row['system']}'s questions a second, "
                f"{share:.3f} of its p99"
            )
    return lines


def line(row: Row) -> str:
    """A row to be read by people."""
    ms = row["latency_ms"]
    return (
        f"{row['system']:9} {row['passages']:>9,} passages, {row['clients']:>2} clients: "
        f"p50 {ms['p50']:.1f}, p95 {ms['p95']:.1f}, p99 {ms['p99']:.1f} ms, "
        f"{row['per_second']:.1f} a second ({row['failed']} failed); processor "
        f"{row['server_cpu_ms']:.1f} ms a question and {row['client_cpu_ms']:.2f} ms of the "
        f"client's; ready in {row['ready_s']:.2f} s, {row.get('memory_mb', 0):.0f} MB"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("libraries", nargs="+", type=Path)
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each number of clients")
    parser.add_argument("--peers", default="", help="txtai, haystack, or both with a comma")
    parser.add_argument("--questions", nargs="*", type=Path, default=[], help="more .jsonl files")
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--name", default="serving", help="of the file of results")
    options = parser.parse_args(arguments)

    def run() -> None:
        clients = [int(number) for number in options.clients.split(",")]
        peers = [name for name in options.peers.split(",") if name]
        settings = {
            "k": DEPTH,
            "seconds": options.seconds,
            "questions": [file.name for file in [*FILES, *options.questions]],
            "versions": {name: version(_VERSIONS[name]) for name in peers if name in _VERSIONS},
        }
        rows: list[Row] = []
        for library in options.libraries:
            measured = measure_library(
                library,
                ["onrecord", *peers],
                clients,
                options.seconds,
                options.work,
                options.questions,
            )
            for row in measured:
                rows.append(row)
                print(line(row), flush=True)
                save(options.name, settings, rows, options.results)
        print("\n".join(compare(rows)), end="\n" if peers else "")

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
