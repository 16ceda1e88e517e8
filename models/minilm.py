"""The default embedder: all-MiniLM-L6-v2 on ONNX Runtime, without torch or transformers.

Knows tokens and threads; where the export comes from is `models.export`'s business.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.cores import usable_cores
from models.embedder import Embeddings, Excerpt, Precision, Vectors
from models.errors import ModelError
from models.export import INPUTS, OUTPUTS, ensure_export
from models.weights import MODEL, SHA256, bundled_folder, verified

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

DIMENSION = 384
MAX_TOKENS = 256  # sentence_bert_config.json
WINDOW = 512  # texts tokenized at a time, which bounds the memory


class MiniLM:
    """An `Embedder`. Safe to call from several threads at once.

    Every text is computed alone, several at a time: no batch is padded, and a vector does not
    depend on what else was embedded with it, as in 8 bits it would.
    """

    dimension = DIMENSION
    max_tokens = MAX_TOKENS

    def __init__(
        self,
        *,
        folder: Path | None = None,
        cache: Path | None = None,
        threads: int | None = None,
        precision: Precision = Precision.INT8,
        device: str | None = None,
    ) -> None:
        """Loads the model, exporting it first where `cache` holds no sound export.

        `folder` holds the model's files (by default the bundled ones), `cache` the export (by
        default the user's cache directory), `threads` is how many texts are computed at a time
        (by default as many as there are usable cores), `device` the first part of an ONNX Runtime
        provider's name ("cpu", "cuda"; by default the processor). Raises ModelError.
        """
        folder = folder if folder is not None else bundled_folder()
        tokenizer_file = verified(folder, "tokenizer.json")
        # Two tokenizers, because truncation is a state of the tokenizer and threads share it.
        self._tokenizer = _tokenizer(tokenizer_file)
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._counter = _tokenizer(tokenizer_file)
        self._session = _session(ensure_export(folder, cache, precision), device)
        self._threads = threads or usable_cores()
        weights = f"{MODEL}@{SHA256['model.safetensors'][:12]}"
        self.fingerprint = weights if precision is Precision.FP32 else f"{weights}-{precision}"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens excluded, nothing cut off."""
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Returns (n, 384) float32 in the order of `texts`; every row has norm 1."""
        return self.embed_excerpts([Excerpt(text) for text in texts]).vectors

    def embed_excerpts(self, excerpts: Sequence[Excerpt]) -> Embeddings:
        """Embeds excerpts in their contexts; a sentence is the mean of its tokens read in context.

        This is late chunking (Günther et al., 2024, https://arxiv.org/abs/2409.04701): one pass of
        the model, and "He did not" is near to what it denies.
        """
        vectors = np.empty((len(excerpts), DIMENSION), dtype=np.float32)
        sentences: list[Vectors] = []
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(excerpts), WINDOW):
                window = excerpts[start : start + WINDOW]
                encodings = self._tokenizer.encode_batch([excerpt.whole for excerpt in window])
                found = pool.map(self._embed, window, encodings)
                for row, (vector, parts) in enumerate(found, start=start):
                    vectors[row] = vector
                    sentences.append(parts)
        return Embeddings(vectors, tuple(sentences))

    def embed_query(self, text: str) -> Vectors:
        """Returns (384,) float32 of norm 1; the model knows no difference to a passage."""
        return self._run(self._tokenizer.encode(text).ids, OUTPUTS[:1])[0]

    def _embed(self, excerpt: Excerpt, encoding: "Encoding") -> tuple[Vectors, Vectors]:
        if not excerpt.sentences:
            vector = self._run(encoding.ids, OUTPUTS[:1])[0]
            return vector, np.empty((0, DIMENSION), dtype=np.float32)
        vector, tokens = self._run(encoding.ids, OUTPUTS)
        offsets = np.array(encoding.offsets) - (len(excerpt.whole) - len(excerpt.text))
        begins, ends = offsets[:, 0], offsets[:, 1]
        parts = np.empty((len(excerpt.sentences), DIMENSION), dtype=np.float32)
        for row, (start, end) in enumerate(excerpt.sentences):
            inside = (begins >= start) & (ends <= end) & (ends > begins)
            # What the window cuts off has no tokens.
            mean = tokens[inside].mean(axis=0) if inside.any() else vector
            parts[row] = mean / np.linalg.norm(mean)
        return vector, parts

    def _run(self, ids: Sequence[int], outputs: list[str]) -> list[Vectors]:
        row = np.array([ids], dtype=np.int64)
        feed = dict(zip(INPUTS, (row, np.ones_like(row)), strict=True))
        return [output[0] for output in self._session.run(outputs, feed)]


def _tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _session(path: Path, device: str | None) -> Any:
    import onnxruntime

    providers = _providers(device, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise ModelError(
            f"onnxruntime {onnxruntime.__version__} cannot load {path} ({error}): "
            "upgrade onnxruntime, or delete the file to have it made anew"
        ) from error


def _providers(device: str | None, available: Sequence[str]) -> list[str]:
    """The device's provider, and the processor's for what that one cannot compute."""
    wanted = f"{device or 'cpu'}ExecutionProvider".casefold()
    found = next((name for name in available if name.casefold() == wanted), None)
    if found is None:
        names = ", ".join(name.removesuffix("ExecutionProvider").lower() for name in available)
        raise ModelError(
            f"onnxruntime has no device {device!r} here, only {names}: choose one of them, or "
            "install the onnxruntime package that is made for the device"
        )
    return list(dict.fromkeys([found, "CPUExecutionProvider"]))
