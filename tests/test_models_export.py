"""The export is made once, checked at every load, and made anew where it is unsound."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.embedder import Precision
from models.errors import ModelError
from models.export import _check_parity, ensure_export
from models.minilm import MiniLM
from models.weights import SHA256, bundled_folder

ROOT = Path(__file__).parent.parent
EXPORT = """
import sys
from pathlib import Path
from models.export import ensure_export
from models.weights import bundled_folder
ensure_export(bundled_folder(), Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache into which two processes exported at the same time."""
    cache = tmp_path_factory.mktemp("cache")
    command = [sys.executable, "-W", "error", "-c", EXPORT, str(cache)]
    racers = [
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    outputs = [racer.communicate()[0] for racer in racers]
    assert outputs == ["", ""], "the exporter is silent"
    assert [racer.returncode for racer in racers] == [0, 0]
    return cache


def test_two_processes_leave_one_sound_export(raced: Path) -> None:
    """The sidecar's hashes are those of the weights and both graphs; nothing half-made stays."""
    onnx = ensure_export(bundled_folder(), raced)
    int8 = ensure_export(bundled_folder(), raced, Precision.INT8)
    sidecar = json.loads((onnx.parent / "model.json").read_text())
    assert sidecar.pop("torch")
    assert sidecar == {
        "format": 2,
        "weights_sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "onnx_sha256": {
            "model.onnx": _sha256(onnx.read_bytes()),
            "model-int8.onnx": _sha256(int8.read_bytes()),
        },
    }
    assert int8.stat().st_size < 0.3 * onnx.stat().st_size
    names = {path.name for path in onnx.parent.iterdir()}
    assert names - {"export.lock"} == {"model.onnx", "model-int8.onnx", "model.json"}


@pytest.mark.parametrize("precision", Precision)
def test_a_damaged_export_is_made_anew(raced: Path, precision: Precision) -> None:
    """One byte of the weights in it changed: the next load mends it and embeds as before."""
    onnx = ensure_export(bundled_folder(), raced, precision)
    expected = MiniLM(threads=1, precision=precision).embed_query("Who wants lower taxes?")
    with onnx.open("r+b") as file:
        file.seek(20_000_000)
        byte = file.read(1)
        file.seek(20_000_000)
        file.write(bytes([byte[0] ^ 0x40]))
    damaged = _sha256(onnx.read_bytes())
    loaded = MiniLM(cache=raced, threads=1, precision=precision)
    assert _sha256(onnx.read_bytes()) != damaged
    np.testing.assert_allclose(loaded.embed_query("Who wants lower taxes?"), expected, atol=1e-6)


ONNX = b"stands for an export"
GRAPHS = {"model.onnx": ONNX, "model-int8.onnx": ONNX + b" in 8 bits"}
HASHES = {name: hashlib.sha256(graph).hexdigest() for name, graph in GRAPHS.items()}
SOUND = {"format": 2, "weights_sha256": SHA256["model.safetensors"], "onnx_sha256": HASHES}


def put_graphs(cache: Path) -> Path:
    """Files that stand for the graphs, without a sidecar; returns their folder."""
    home = cache / "models" / "all-MiniLM-L6-v2-53aa51172d14"
    home.mkdir(parents=True)
    for name, graph in GRAPHS.items():
        (home / name).write_bytes(graph)
    return home


@pytest.mark.parametrize(
    "sidecar",
    [
        None,
        "not json",
        "[" * 4096,
        "[]",
        json.dumps({**SOUND, "format": 1}),
        json.dumps({**SOUND, "weights_sha256": "0" * 64}),
        json.dumps({**SOUND, "onnx_sha256": HASHES["model.onnx"]}),
        json.dumps({**SOUND, "onnx_sha256": {"model.onnx": HASHES["model.onnx"]}}),
        json.dumps({**SOUND, "onnx_sha256": {**HASHES, "model-int8.onnx": "0" * 64}}),
    ],
)
def test_an_unsound_export_is_not_trusted(
    sidecar: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has to be made anew, which without torch is an error that says what to install."""
    monkeypatch.setitem(sys.modules, "torch", None)
    home = put_graphs(tmp_path)
    if sidecar is not None:
        (home / "model.json").write_text(sidecar)
    with pytest.raises(ModelError, match="needs the package torch: run `pip install torch"):
        ensure_export(bundled_folder(), tmp_path)
    (home / "model.json").write_text(json.dumps(SOUND))
    assert ensure_export(bundled_folder(), tmp_path) == home / "model.onnx"
    int8 = ensure_export(bundled_folder(), tmp_path, Precision.INT8)
    assert int8 == home / "model-int8.onnx"
    int8.unlink()
    with pytest.raises(ModelError, match="needs the package torch"):
        ensure_export(bundled_folder(), tmp_path)


def test_changed_weights_are_not_exported(tmp_path: Path) -> None:
    """The error names the file and both hashes."""
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelError) as caught:
        ensure_export(tmp_path, tmp_path / "cache")
    message = str(caught.value)
    assert f"{tmp_path / 'model.safetensors'} has sha256 {_sha256(b'other weights')}" in message
    assert "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in message


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where the directory should: the error says which setting to change."""
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(ModelError, match=r"cannot be written to .*set ONRECORD_CACHE"):
        ensure_export(bundled_folder(), tmp_path)


def test_a_damaged_graph_that_was_vouched_for_is_a_clear_error(tmp_path: Path) -> None:
    """onnxruntime's own error is passed on with the file's name."""
    (put_graphs(tmp_path) / "model.json").write_text(json.dumps(SOUND))
    with pytest.raises(ModelError, match=r"onnxruntime .* cannot load .*model-int8\.onnx"):
        MiniLM(cache=tmp_path)


@pytest.mark.parametrize("precision", Precision)
def test_a_wrong_graph_is_refused(precision: Precision) -> None:
    """A graph whose vectors are at right angles to the model's does not get into the cache."""
    import torch

    graph = ensure_export(bundled_folder(), None, precision).read_bytes()

    class Other(torch.nn.Module):
        def forward(
            self, ids: torch.Tensor, mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.zeros(len(ids), 384), torch.zeros(*ids.shape, 384)

    wrong = rf"the {precision} export .* is wrong: its cosine with the model is 0\.0000"
    with pytest.raises(ModelError, match=wrong):
        _check_parity(Other(), graph, precision)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
