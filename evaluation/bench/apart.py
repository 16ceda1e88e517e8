"""Runs a function in a process of its own, so that its memory and its threads are its own.

    python -m evaluation.bench.apart MODULE:FUNCTION ARGUMENTS.json RESULT.json

Arguments and results are JSON. Knows nothing of what is measured.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError

ROOT = Path(__file__).parents[2]
MB = 1_000_000
_TOLD = 2000  # characters of what a process said last


def run_apart(
    function: str, arguments: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the function, named `module:function`, returns: a dict that JSON can hold.

    `peak_mb` is added to it, the most memory that its process held. Raises EvaluationError with
    what the process said last where it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "arguments.json"), Path(folder, "result.json")
        given.write_text(json.dumps(dict(arguments)), encoding="utf-8")
        command = [sys.executable, "-m", __spec__.name, function, str(given), str(found)]
        run = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        if run.returncode or not found.exists():
            raise EvaluationError(f"{function} failed: {run.stderr[-_TOLD:].strip()}")
        result: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return result


def peak_mb() -> float:
    """The most memory that this process held, in 10^6 bytes.

    Not `ru_maxrss` where there is /proc: that one is inherited from whoever started the process.
    """
    for line in _status(os.getpid()):
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) * 1024 / MB, 1)
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MB, 1)


def memory_mb(pid: int) -> dict[str, float]:
    """What a process holds now, in 10^6 bytes; empty where there is no /proc.

    `memory_mb` is all, `anonymous_mb` what is its own: the rest are files that are mapped.
    """
    names = {"VmRSS:": "memory_mb", "RssAnon:": "anonymous_mb"}
    return {
        names[key]: round(int(amount) * 1024 / MB, 1)
        for key, amount, *_ in (line.split() for line in _status(pid) if len(line.split()) > 1)
        if key in names
    }


def cpu_s(pid: int) -> float:
    """Processor time that a process used, its threads together; 0 where there is no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def main(name: str, arguments: str, result: str) -> None:
    module, function = name.split(":")
    given = json.loads(Path(arguments).read_text(encoding="utf-8"))
    value = getattr(import_module(module), function)(**given)
    text = json.dumps({**value, "peak_mb": peak_mb()})
    Path(result).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
