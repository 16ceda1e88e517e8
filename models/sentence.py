"""Any sentence-transformers model as an embedder.

Knows the library's conventions (prompts, pooling, windows); loads torch only when constructed.
"""

import hashlib
import json
import math
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.embedder import Embeddings, Excerpt, Vectors
from models.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

NO_LIMIT = 1_000_000  # tokens; for models that read a text of any length
# https://huggingface.co/intfloat/e5-base-v2: "Each input text should start with ..."
E5_PROMPTS = ("query: ", "passage: ")


class SentenceModel:
    """An `Embedder`. Safe to call from several threads, one of which computes at a time."""

    def __init__(
        self,
        name: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        device: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Loads `name`, a folder or a name on the Hugging Face hub.

        A prompt given here takes the place of the model's own ("" for none). `threads` sets
        torch's threads for the whole process. Raises ModelError.
        """
        self._model = _load(name, device, threads)
        own_query, own_passage = _own_prompts(name, self._model.prompts)
        self._query_prompt = own_query if query_prompt is None else query_prompt
        self._passage_prompt = own_passage if passage_prompt is None else passage_prompt
        self._lock = threading.Lock()  # tokenizers of transformers break under concurrent calls
        if not callable(self._model.tokenizer):  # a static model's: it declares no limit, but
            self._model.tokenizer.no_truncation()  # would cut off what its file was saved to cut
        window = self._model.max_seq_length
        self._window = NO_LIMIT if window is None or math.isinf(window) else int(window)
        self.fingerprint = f"{Path(name).name}@{self._digest()[:12]}"
        self.dimension = len(self.embed_query("dimension"))
        self.max_tokens = self._window - self.count_tokens([self._passage_prompt])[0]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, special tokens and prompt excluded, nothing cut off."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        with self._lock:
            if callable(tokenizer):
                encoded = tokenizer(
                    list(texts), add_special_tokens=False, truncation=False, verbose=False
                )
                return [len(ids) for ids in encoded["input_ids"]]
            encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
            return [len(encoding.ids) for encoding in encodings]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Returns (n, dimension) float32 in the order of `texts`; every row has norm 1."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._encode(self._model.encode_document, list(texts), self._passage_prompt)

    def embed_excerpts(self, excerpts: Sequence[Excerpt]) -> Embeddings:
        """Embeds wholes and sentences each as a text of its own, whatever pools the model."""
        vectors = self.embed_passages([excerpt.whole for excerpt in excerpts])
        spoken = [excerpt.text[a:b] for excerpt in excerpts for a, b in excerpt.sentences]
        ends = np.cumsum([len(excerpt.sentences) for excerpt in excerpts])[:-1]
        parts = np.split(self.embed_passages(spoken), ends) if excerpts else []
        return Embeddings(vectors, tuple(parts))

    def embed_query(self, text: str) -> Vectors:
        """Returns (dimension,) float32 of norm 1."""
        return self._encode(self._model.encode_query, text, self._query_prompt)

    def _encode(self, encode: Any, texts: list[str] | str, prompt: str) -> Vectors:
        with self._lock:
            vectors = encode(
                texts, prompt=prompt, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def _digest(self) -> str:
        """sha256 over all that decides the vectors: weights, window, pooling, prompts."""
        import torch

        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy())
        settings = [
            self._window,
            self._model.truncate_dim,
            [
                [
                    type(module).__name__,
                    getattr(module, "pooling_mode", None),
                    getattr(module, "include_prompt", None),
                ]
                for module in self._model
            ],
            self._query_prompt,
            self._passage_prompt,
        ]
        digest.update(json.dumps(settings).encode())
        return digest.hexdigest()


def _load(name: str, device: str | None, threads: int | None) -> "SentenceTransformer":
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError(
            f"the model {name} needs the package {error.name}: "
            "run `pip install sentence-transformers`"
        ) from error
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        # float32 whatever the file holds: half precision is slow on CPUs and its norms are off.
        return SentenceTransformer(name, device=device, model_kwargs={"dtype": torch.float32})
    except Exception as error:  # what can go wrong in a stranger's files has no common base
        reason = str(error).strip().split("\n", 1)[0]
        raise ModelError(
            f"the model {name} cannot be loaded: it is neither a folder with a model nor a name "
            f"that can be fetched from the Hugging Face hub ({type(error).__name__}: {reason}); "
            "set ONRECORD_MODEL to one that is, or unset it for the default"
        ) from error


def _own_prompts(name: str, prompts: Mapping[str, str | None]) -> tuple[str, str]:
    """The model's own prompts for (question, passage).

    `encode_document` would look at "document" first, which sentence-transformers always defines
    as "", and so miss a model's "passage" prompt.
    """
    if not any(prompts.values()) and _is_e5(name):
        return E5_PROMPTS
    passages = [prompts.get(key) for key in ("document", "passage", "corpus")]
    return prompts.get("query") or "", next(filter(None, passages), "")


def _is_e5(name: str) -> bool:
    """Whether it is of the e5 family; its instruct models are prompted otherwise."""
    last = Path(name).name.lower()
    return bool(re.search(r"(^|[-_])e5([-_]|$)", last)) and "instruct" not in last
