"""Picks the embedder for a model's name."""

from pathlib import Path

from models.embedder import Embedder, Precision
from models.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def load_embedder(
    name: str = DEFAULT_MODEL,
    *,
    cache: Path | None = None,
    threads: int | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    precision: Precision = Precision.INT8,
    device: str | None = None,
) -> Embedder:
    """Loads the default model on ONNX Runtime, any other with sentence-transformers.

    `name` is the default's name, a folder, or a name on the Hugging Face hub. `cache` is where the
    default's export is kept; `threads` is how many texts the default computes at a time, and the
    threads of torch for another; the prompts go before every question and passage, in place of the
    model's own, and are for models other than the default, `precision` is for the default alone.
    `device` is ONNX Runtime's for the default, torch's for others. Raises ModelError where the
    model cannot be loaded.
    """
    if name.removeprefix("sentence-transformers/") == DEFAULT_MODEL:
        if query_prompt or passage_prompt:
            raise ModelError(f"{DEFAULT_MODEL} takes no prompts: unset them or choose a model")
        from models.minilm import MiniLM

        return MiniLM(cache=cache, threads=threads, precision=precision, device=device)
    from models.sentence import SentenceModel

    return SentenceModel(
        name,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        device=device,
        threads=threads,
    )
