"""Any sentence-transformers model embeds with its own prompts and has its own fingerprint."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.embedder import Embedder, Excerpt, Precision
from models.errors import ModelError
from models.load import load_embedder
from models.minilm import MiniLM
from models.sentence import SentenceModel, _is_e5
from models.weights import bundled_folder

TEXTS = ["We will cut taxes.", "", "The bridge over the river is closed since May. " * 40]


@pytest.fixture(scope="module")
def plain() -> MiniLM:
    """The same weights without prompts: what a prompted text has to equal."""
    return MiniLM(threads=1, precision=Precision.FP32)


@pytest.fixture(scope="module")
def bundled() -> SentenceModel:
    return SentenceModel(str(bundled_folder()), device="cpu")


def copy_of_bundled(folder: Path, prompts: dict[str, str]) -> str:
    shutil.copytree(bundled_folder(), folder)
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "prompts": prompts}))
    return str(folder)


def check_prompts(model: Embedder, query: str, passage: str, plain: MiniLM) -> None:
    """What the model gives equals the plain model on texts with the prompts before them."""
    expected = plain.embed_passages([passage + text for text in TEXTS])
    np.testing.assert_allclose(model.embed_passages(TEXTS), expected, atol=1e-5)
    expected = plain.embed_query(query + "Who cuts taxes?")
    np.testing.assert_allclose(model.embed_query("Who cuts taxes?"), expected, atol=1e-5)


def test_a_folder_is_loaded(bundled: SentenceModel, plain: MiniLM) -> None:
    """Shapes, norms and counts are the Embedder's; the vectors are those of the weights."""
    vectors = bundled.embed_passages(TEXTS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert bundled.embed_passages([]).shape == (0, 384)
    assert (bundled.dimension, bundled.max_tokens) == (384, 256)
    texts = ["Taxes fell.", "unaffordable", "", "taxes " * 1000]
    assert bundled.count_tokens(texts) == [3, 4, 0, 1000]
    assert bundled.count_tokens([]) == []
    check_prompts(bundled, "", "", plain)


def test_sentences_are_texts_of_their_own(tmp_path: Path, plain: MiniLM) -> None:
    """Each is embedded alone, after the prompt; wholes as `embed_passages` would."""
    model = SentenceModel(copy_of_bundled(tmp_path / "own", {"passage": "Said: "}))
    excerpts = [
        Excerpt("Yes. No.", "Ana Berg:", ((0, 4), (5, 8))),
        Excerpt("Nothing to point at."),
        Excerpt("Taxes fell.", "", ((0, 11),)),
    ]
    vectors, sentences = model.embed_excerpts(excerpts)
    wholes = ["Said: Ana Berg:\nYes. No.", "Said: Nothing to point at.", "Said: Taxes fell."]
    np.testing.assert_allclose(vectors, plain.embed_passages(wholes), atol=1e-5)
    assert [rows.shape for rows in sentences] == [(2, 384), (0, 384), (1, 384)]
    alone = plain.embed_passages(["Said: Yes.", "Said: No.", "Said: Taxes fell."])
    np.testing.assert_allclose(np.concatenate(sentences), alone, atol=1e-5)
    assert [rows.shape for rows in model.embed_excerpts(excerpts[1:2]).sentences] == [(0, 384)]
    vectors, sentences = model.embed_excerpts([])
    assert (vectors.shape, sentences) == ((0, 384), ())


@pytest.mark.parametrize("key", ["document", "passage", "corpus"])
def test_the_models_own_prompts_are_applied(key: str, tmp_path: Path, plain: MiniLM) -> None:
    """Under whichever of the usual names the config has the passages' prompt."""
    path = copy_of_bundled(tmp_path / "own", {"query": "Asked: ", key: "Said in answer: "})
    model = load_embedder(path)
    check_prompts(model, "Asked: ", "Said in answer: ", plain)
    assert model.max_tokens == 256 - 4  # said, in, answer, :


def test_e5_models_without_prompts_get_those_of_their_card(tmp_path: Path, plain: MiniLM) -> None:
    """`query: ` and `passage: `, by the name's family; prompts given override them."""
    path = copy_of_bundled(tmp_path / "tiny-e5-base", {})
    e5 = SentenceModel(path)
    check_prompts(e5, "query: ", "passage: ", plain)
    given = load_embedder(path, query_prompt="", passage_prompt="P: ")
    check_prompts(given, "", "P: ", plain)
    assert e5.fingerprint != given.fingerprint


def test_e5_prompts_in_the_config_win(tmp_path: Path, plain: MiniLM) -> None:
    """A config that has prompts is taken at its word."""
    path = copy_of_bundled(tmp_path / "e5-own", {"query": "Q: "})
    check_prompts(SentenceModel(path), "Q: ", "", plain)


@pytest.mark.parametrize(
    ("name", "is_e5"),
    [
        ("intfloat/multilingual-e5-small", True),
        ("intfloat/e5-base-v2", True),
        ("/models/E5_large", True),
        ("intfloat/multilingual-e5-large-instruct", False),
        ("someone/base5-v2", False),
        ("e5/other-model", False),
    ],
)
def test_the_e5_family_is_known_by_name(name: str, is_e5: bool) -> None:
    """By the last component only, and without the instruct models."""
    assert _is_e5(name) is is_e5


def test_fingerprint_follows_weights_and_window(bundled: SentenceModel, tmp_path: Path) -> None:
    """The same weights elsewhere have the same hash; other weights or another window do not."""
    import torch
    from safetensors.torch import load_file, save_file

    name, digest = bundled.fingerprint.split("@")
    assert (name, len(digest)) == ("model", 12)
    copy = Path(copy_of_bundled(tmp_path / "copy", {}))
    assert SentenceModel(str(copy)).fingerprint == f"copy@{digest}"

    window = copy / "sentence_bert_config.json"
    window.write_text(json.dumps({**json.loads(window.read_text()), "max_seq_length": 128}))
    shorter = SentenceModel(str(copy))
    assert shorter.fingerprint.removeprefix("copy@") != digest
    assert (shorter.dimension, shorter.max_tokens) == (384, 128)

    shutil.copy(bundled_folder() / window.name, window)
    weights = load_file(copy / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] += torch.eye(1, 384)[0]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert SentenceModel(str(copy)).fingerprint.removeprefix("copy@") != digest


def test_a_model_without_a_window_takes_any_length(tmp_path: Path) -> None:
    """A static embedding model has no limit, and a tokenizer of another class."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    weights = np.eye(tokenizer.get_vocab_size(), 8, dtype=np.float32) + 1
    static = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[static]).save_pretrained(str(tmp_path), create_model_card=False)
    model = SentenceModel(str(tmp_path))
    assert (model.dimension, model.max_tokens) == (8, 1_000_000)
    assert model.count_tokens(["Taxes fell.", "taxes " * 1000]) == [3, 1000]
    np.testing.assert_allclose(model.embed_query("taxes"), np.full(8, 8**-0.5), atol=1e-6)


def test_threads_may_ask_at_once(bundled: SentenceModel) -> None:
    """Concurrent questions give what they give one by one."""
    texts = [f"question {n} " * (1 + n % 7) for n in range(24)]
    alone = [bundled.embed_query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(bundled.embed_query, texts))
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("there", [True, False])
def test_what_is_no_model_is_a_clear_error(there: bool, tmp_path: Path) -> None:
    """An empty folder and a missing one: the error names it and the setting."""
    folder = tmp_path / "nothing"
    if there:
        folder.mkdir()
    with pytest.raises(ModelError, match=rf"model {folder} cannot be loaded: .*ONRECORD_MODEL"):
        load_embedder(str(folder))
