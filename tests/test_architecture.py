"""Imports run one way, nothing heavy is loaded where it is not needed, docs keep up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "models": {"models"},
    "indexer": {"models", "indexer"},
    "service": {"models", "indexer", "service"},
    "evaluation": {"models", "indexer", "service", "evaluation"},
}


def imported_rooms(source: str) -> set[str]:
    """The first names of all that a module imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names & set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    """models ← indexer ← service; evaluation may import all and nothing imports it."""
    for module in (ROOT / room).rglob("*.py"):
        assert imported_rooms(module.read_text(encoding="utf-8")) <= MAY_IMPORT[room], module


def test_a_planted_wrong_import_is_seen():
    """The test above would fail: imports inside functions count too."""
    planted = "def f():\n    from service.app import create_app\n"
    assert imported_rooms(planted) - MAY_IMPORT["indexer"] == {"service"}


def modules_loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = [sys.executable, "-c", program]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


def test_help_loads_nothing_heavy():
    """`onrecord --help` pays for click alone."""
    loaded = modules_loaded_by("from service.cli import main\nmain(['--help'])")
    heavy = {"torch", "numpy", "faiss", "onnxruntime", "pydantic", "fastapi", "transformers"}
    assert loaded & heavy == set()


def test_importing_the_application_loads_no_model_library():
    """Models load in the lifespan, never at import."""
    loaded = modules_loaded_by("import service.app")
    assert loaded & {"torch", "sentence_transformers", "onnxruntime", "tokenizers"} == set()


def test_modules_are_small():
    """A module is one concept; over 300 lines it is at least two."""
    modules = [path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py")]
    long = {path.name: n for path in modules if (n := len(path.read_text().splitlines())) > 320}
    assert long == {}
