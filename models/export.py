"""Exports the bundled weights to ONNX once, and vouches for the export ever after.

The graph takes `input_ids` and `attention_mask`, both (batch, tokens) int64, and gives `sentence`,
(batch, 384) float32: the attention-weighted mean of the token vectors, at norm 1; and `tokens`,
(batch, tokens, 384) float32, those vectors. The pooling is that of the model's card,
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2.

A second graph does its matrix products in 8 bits (dynamic, a scale for each row of weights; the
weights in 7 bits, since older processors' 16-bit sums would overflow:
https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).

Needs torch and transformers only when it has to export. The hash in the sidecar finds damage and
stale formats; it does not defend against someone who can write to the cache.
"""

import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import platformdirs

from models.embedder import Precision
from models.errors import ModelError
from models.weights import MODEL, SHA256, sha256_of, verified

if TYPE_CHECKING:
    import torch

FORMAT = 2
OPSET = 20
INPUTS = ["input_ids", "attention_mask"]
OUTPUTS = ["sentence", "tokens"]  # "embedding" would be an inner value of the exporter
LONGEST = 512  # position embeddings in the weights
LOCK_TIMEOUT_S = 600
SIDECAR_LIMIT = 4096  # bytes
MIN_COSINES = {Precision.FP32: 0.9999, Precision.INT8: 0.95}
GRAPHS = {Precision.FP32: "model.onnx", Precision.INT8: "model-int8.onnx"}


def ensure_export(
    folder: Path, cache: Path | None = None, precision: Precision = Precision.FP32
) -> Path:
    """The path of a sound ONNX export of the model in `folder`, made first where there is none.

    `cache` is the directory to keep it in; by default the user's cache directory. An export that
    is missing, damaged (its hash differs from the sidecar's) or stale (other weights or format)
    is made anew from the verified weights; of several processes one exports and the others wait.
    Raises ModelError where weights, cache directory or the libraries to export with are wanting.
    """
    home = _home(cache)
    if not _is_sound(home):
        try:
            home.mkdir(parents=True, exist_ok=True)
            _export_locked(folder, home)
        except OSError as error:
            raise ModelError(
                f"the ONNX export of {MODEL} cannot be written to {home} ({error.strerror}): "
                "make room or set ONRECORD_CACHE to a directory that can be written"
            ) from error
    return home / GRAPHS[precision]


def _home(cache: Path | None) -> Path:
    root = cache if cache is not None else platformdirs.user_cache_path("onrecord")
    return root / "models" / f"{MODEL}-{SHA256['model.safetensors'][:12]}"


def _is_sound(home: Path) -> bool:
    try:
        with (home / "model.json").open("rb") as file:
            sidecar = json.loads(file.read(SIDECAR_LIMIT))
        return (
            isinstance(sidecar, dict)
            and sidecar.get("format") == FORMAT
            and sidecar.get("weights_sha256") == SHA256["model.safetensors"]
            and sidecar.get("onnx_sha256")
            == {name: sha256_of(home / name) for name in GRAPHS.values()}
        )
    except (OSError, ValueError, RecursionError):
        return False


def _export_locked(folder: Path, home: Path) -> None:
    weights = verified(folder, "model.safetensors")
    verified(folder, "config.json")
    try:
        import filelock
        import onnxscript  # noqa: F401 - the exporter needs it and would fail late without
        import torch
        import transformers  # noqa: F401 - likewise
    except ImportError as error:
        raise ModelError(
            f"{MODEL} has to be exported to ONNX once, which needs the package {error.name}: "
            "run `pip install torch transformers onnxscript filelock`"
        ) from error
    try:
        with filelock.FileLock(home / "export.lock", timeout=LOCK_TIMEOUT_S):
            if _is_sound(home):  # another process made it while this one waited
                return
            model = _sentence_encoder(weights.parent)
            graph = _to_onnx(model)
            exported = {Precision.FP32: graph, Precision.INT8: _quantized(graph, home)}
            for precision, data in exported.items():
                _check_parity(model, data, precision)
            graphs = {GRAPHS[precision]: data for precision, data in exported.items()}
            sidecar = {
                "format": FORMAT,
                "weights_sha256": SHA256["model.safetensors"],
                "onnx_sha256": {
                    name: hashlib.sha256(data).hexdigest() for name, data in graphs.items()
                },
                "torch": torch.__version__,
            }
            for name, data in graphs.items():
                _write_durably(home / name, data)
            _write_durably(home / "model.json", json.dumps(sidecar, indent=1).encode())
    except filelock.Timeout as error:
        raise ModelError(
            f"another process has held {error.lock_file} for {LOCK_TIMEOUT_S} s: "
            "end that process, or set ONRECORD_CACHE to another directory"
        ) from error


def _sentence_encoder(folder: Path) -> "torch.nn.Module":
    import torch
    from transformers import BertModel

    class SentenceEncoder(torch.nn.Module):
        def __init__(self, bert: torch.nn.Module) -> None:
            super().__init__()
            self.bert = bert

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            kept = attention_mask.to(torch.float32)
            # Eager attention adds a mask of four axes as it stands: no mask-building code of
            # transformers is traced, so none of it can be baked in, and the graph is smaller.
            added = (1.0 - kept[:, None, None, :]) * torch.finfo(torch.float32).min
            tokens = self.bert(input_ids=input_ids, attention_mask=added).last_hidden_state
            total = (tokens * kept[:, :, None]).sum(dim=1)
            mean = total / kept.sum(dim=1, keepdim=True)
            return torch.nn.functional.normalize(mean, dim=1), tokens

    with _quiet():
        bert = BertModel.from_pretrained(
            folder,
            attn_implementation="eager",
            dtype=torch.float32,
            local_files_only=True,
        )
    return SentenceEncoder(bert).eval()


def _example() -> tuple["torch.Tensor", "torch.Tensor"]:
    """A padded batch, (3, 9): rows of 9, 5 and 2 tokens."""
    import torch

    ids = torch.arange(2000, 2027).reshape(3, 9)
    mask = (torch.arange(9) < torch.tensor([[9], [5], [2]])).to(torch.int64)
    return ids * mask, mask


def _to_onnx(model: "torch.nn.Module") -> bytes:
    import torch

    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=LONGEST)}
    with _quiet():
        program = torch.onnx.export(
            model,
            _example(),
            dynamo=True,
            dynamic_shapes=(axes, axes),
            input_names=INPUTS,
            output_names=OUTPUTS,
            opset_version=OPSET,
            verbose=False,
        )
    # None comes only from the exporter without dynamo.
    proto = cast("torch.onnx.ONNXProgram", program).model_proto
    return bytes(proto.SerializeToString())


def _check_parity(model: "torch.nn.Module", graph: bytes, precision: Precision) -> None:
    """Refuses a graph whose vectors differ from the model's own on a padded batch."""
    import onnxruntime
    import torch

    ids, mask = _example()
    with torch.inference_mode():
        expected = model(ids, mask)[0].numpy()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    feed = dict(zip(INPUTS, (ids.numpy(), mask.numpy()), strict=True))
    found: Any = session.run(OUTPUTS[:1], feed)[0]
    cosine = float(np.min(np.sum(expected * found, axis=1)))
    if not cosine >= MIN_COSINES[precision]:
        raise ModelError(
            f"the {precision} export of {MODEL} by torch {torch.__version__} is wrong: its cosine "
            f"with the model is {cosine:.6f}, and {MIN_COSINES[precision]} is needed: "
            "install another torch or onnxruntime"
        )


def _quantized(graph: bytes, folder: Path) -> bytes:
    """The graph with 8-bit matrix products; the folder is one that can be written to."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    model = onnx.load_model_from_string(graph)
    # torch's exporter has folded and inferred what can be; not told so, the quantizer warns.
    add_pre_process_metadata(model)
    with TemporaryDirectory(dir=folder) as scratch:
        source, target = Path(scratch, "source.onnx"), Path(scratch, "target.onnx")
        onnx.save(model, source)
        quantize_dynamic(
            source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        return target.read_bytes()


def _write_durably(path: Path, data: bytes) -> None:
    """Writes so that `path` holds either what it held before or all of `data`."""
    part = path.with_name(path.name + ".part")  # the caller holds the lock: nobody else writes it
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Holds back the known chatter of torch.onnx and transformers; nothing else."""
    from transformers.utils import logging as transformers_logging

    registration = logging.getLogger("torch.onnx._internal.exporter._registration")
    level, bar = registration.level, transformers_logging.is_progress_bar_enabled()
    registration.setLevel(logging.ERROR)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r".*isinstance\(treespec, LeafSpec\)", FutureWarning)
            warnings.filterwarnings("ignore", r"# The axis name: \w+ will not be", UserWarning)
            yield
    finally:
        registration.setLevel(level)
        if bar:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
