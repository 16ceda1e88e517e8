"""The default embedder: all-MiniLM-L6-v2 on ONNX Runtime, without torch or transformers.

Knows tokens, batches and threads; where the export comes from is `models.export`'s business.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.embedder import Vectors
from models.errors import ModelError
from models.export import INPUTS, OUTPUT, ensure_export
from models.weights import MODEL, SHA256, bundled_folder, verified

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIMENSION = 384
MAX_TOKENS = 256  # sentence_bert_config.json
BATCH_TOKENS = 1024  # padded; larger batches were slower on one core and no faster on two
WINDOW = 2048  # texts tokenized and sorted at a time, which bounds the memory


class MiniLM:
    """An `Embedder`. Safe to call from several threads at once."""

    dimension = DIMENSION
    max_tokens = MAX_TOKENS
    fingerprint = f"{MODEL}@{SHA256['model.safetensors'][:12]}"

    def __init__(
        self,
        *,
        folder: Path | None = None,
        cache: Path | None = None,
        threads: int | None = None,
    ) -> None:
        """Loads the model, exporting it first where `cache` holds no sound export.

        `folder` holds the model's files (by default the bundled ones), `cache` the export (by
        default the user's cache directory), `threads` is the number of threads for one call (by
        default the usable cores). Raises ModelError.
        """
        folder = folder if folder is not None else bundled_folder()
        tokenizer_file = verified(folder, "tokenizer.json")
        # Two tokenizers, because truncation is a state of the tokenizer and threads share it.
        self._tokenizer = _tokenizer(tokenizer_file)
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._counter = _tokenizer(tokenizer_file)
        self._session = _session(ensure_export(folder, cache), threads or _usable_cores())

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens excluded, nothing cut off."""
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Returns (n, 384) float32 in the order of `texts`; every row has norm 1."""
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for start in range(0, len(texts), WINDOW):
            encodings = self._tokenizer.encode_batch_fast(list(texts[start : start + WINDOW]))
            token_ids = [encoding.ids for encoding in encodings]
            for rows in _batches([len(ids) for ids in token_ids]):
                vectors[start + rows] = self._run([token_ids[row] for row in rows])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Returns (384,) float32 of norm 1; the model knows no difference to a passage."""
        vector: Vectors = self.embed_passages([text])[0]
        return vector

    def _run(self, token_ids: Sequence[Sequence[int]]) -> Vectors:
        shape = len(token_ids), max(len(ids) for ids in token_ids)
        padded, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, ids in enumerate(token_ids):
            padded[row, : len(ids)] = ids  # the padding token's id is 0
            mask[row, : len(ids)] = 1
        feed = dict(zip(INPUTS, (padded, mask), strict=True))
        vectors: Vectors = self._session.run([OUTPUT], feed)[0]
        return vectors


def _batches(lengths: Sequence[int]) -> Iterator[NDArray[np.intp]]:
    """Row numbers by falling length, in batches of at most BATCH_TOKENS when padded."""
    order = np.argsort(-np.asarray(lengths), kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + rows]
        start += rows


def _tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise ModelError(
            f"onnxruntime {onnxruntime.__version__} cannot load {path} ({error}): "
            "upgrade onnxruntime, or delete the file to have it made anew"
        ) from error


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
