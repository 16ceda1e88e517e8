"""Stand-ins that are real but small: an embedder without a model, transcripts without a file."""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence

import numpy as np

from indexer.library import Library
from indexer.passages import embedding_hash, excerpt, split
from indexer.records import SourceFile
from indexer.rows import NOBODY, Rows
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn, fold
from models.embedder import Embedder, Embeddings, Excerpt, Vectors

_TOKEN = re.compile(r"\w+|[^\w\s]")


class FakeEmbedder:
    """Hashed bag of words, L2-normalised; deterministic, and counts what it embedded."""

    def __init__(
        self, max_tokens: int = 256, dimension: int = 64, fingerprint: str = "fake@0000"
    ) -> None:
        self.max_tokens = max_tokens
        self.dimension = dimension
        self.fingerprint = fingerprint
        self.embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_TOKEN.findall(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self._embed(text) for text in texts])

    def embed_excerpts(self, excerpts: Sequence[Excerpt]) -> Embeddings:
        vectors = self.embed_passages([excerpt.whole for excerpt in excerpts])
        none = np.empty((0, self.dimension), dtype=np.float32)
        sentences = [
            np.stack([self._embed(text[a:b]) for a, b in spans]) if spans else none
            for text, _, spans in excerpts
        ]
        return Embeddings(vectors, tuple(sentences))

    def embed_query(self, text: str) -> Vectors:
        return self._embed(text)

    def _embed(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for token in _TOKEN.findall(text.lower()):
            digest = hashlib.sha256(token.encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % self.dimension] += 1
        norm = np.linalg.norm(vector)
        if norm == 0:
            vector[0] = norm = np.float32(1)
        return np.asarray(vector / norm, dtype=np.float32)


def transcript(
    transcript_id: str,
    *lines: str,
    title: str = "Press conference",
    date: dt.date | None = dt.date(2017, 6, 16),
    language: str | None = "en",
) -> Transcript:
    """A transcript of lines "Speaker: words", a new paragraph of the turn after each " / ".

    "Question: …" is a question turn, whatever follows it answers it until a line "Speaker! words",
    which is a statement; so is all before the first question. "-: words" has no speaker.
    """
    turns: list[Turn] = []
    paragraph = 0
    asked: int | None = None
    for line in lines:
        label, mark, words = re.split(r"([:!])", line, maxsplit=1)
        role = Role.STATEMENT
        answers = None
        if label == "Question":
            role, asked = Role.QUESTION, len(turns) + 1
        elif mark == "!":
            asked = None
        elif asked is not None:
            role, answers = Role.ANSWER, asked
        spoken = []
        for text in words.split(" / "):
            paragraph += 1
            spoken.append(Paragraph(paragraph, fold(text)))
        speaker = None if label == "-" else Speaker(label, named=label != "Question")
        turns.append(Turn(len(turns) + 1, speaker, role, tuple(spoken), answers))
    sha256 = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return Transcript(
        transcript_id, title, date, language, f"{transcript_id}.txt", sha256, tuple(turns)
    )


def source_of(document: Transcript, parser: str = "1") -> SourceFile:
    """A source file for the transcript, at /files/<id>.txt."""
    return SourceFile(f"/files/{document.id}.txt", document.sha256, 100, parser)


def add(library: Library, document: Transcript, embedder: Embedder) -> None:
    """Splits, embeds what is not embedded yet, and adds, as the pipeline does."""
    library.bind(embedder)
    passages = split(document, embedder)
    excerpts = {embedding_hash(one): one for one in map(excerpt, passages)}
    missing = sorted(library.missing_embeddings(excerpts))
    library.store_embeddings(missing, embedder.embed_excerpts([excerpts[one] for one in missing]))
    embeddings = library.embeddings([embedding_hash(excerpt(passage)) for passage in passages])
    library.add(document, passages, embeddings, source_of(document))


def speakers_of(rows: Rows) -> list[str | None]:
    """The key of each row's speaker."""
    return [None if at == NOBODY else rows.keys[at] for at in rows.table["speaker"].tolist()]
