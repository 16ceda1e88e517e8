"""A library of any number of passages out of a real one, without embedding anything anew.

    python -m evaluation.bench.subset SOURCE TARGET --passages N

Takes transcripts with their passages and embeddings, the last one cut; where there are too few,
goes on with copies under other ids and titles, in which some words are others and vectors lie
near those of the real ones. One transcript is in memory at a time. Beside the target,
`<target>.json` says how long it took, which is all of indexing but reading and encoding.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.bench.variation import Variation
from evaluation.errors import EvaluationError, exit_code
from evaluation.samples import Silent
from indexer.indexing import index_paths
from indexer.library import Library
from indexer.passages import sentence_spans
from indexer.records import SourceFile
from indexer.transcript import Passage, Transcript
from models.embedder import Embedder, Embeddings

CHUNK = 1024
SAMPLE = 2048


class Document(NamedTuple):
    """A transcript with its passages and, of each, the embeddings."""

    transcript: Transcript
    passages: list[Passage]
    embeddings: Embeddings


def make_subset(source: Library, target: Library, passages: int, embedder: Embedder) -> None:
    """Fills the empty target with so many passages of the source, and of copies of them.

    The embedder is the source's; nothing is embedded. Raises EvaluationError where the source has
    none or the target some, ModelMismatch where the source is of another model.
    """
    held = target.stats().passages
    if held or not source.stats().passages:
        wrong = f"{target.folder} holds {held} passages" if held else f"{source.folder} is empty"
        raise EvaluationError(f"{wrong}: choose another folder")
    source.bind(embedder)
    target.bind(embedder)
    sample = source.passages([int(rowid) for rowid in source.rowids()[:SAMPLE]])
    variation = Variation((passage.text for passage in sample.values()), seed=0)
    left = passages
    for number in count():
        for document in documents(source):
            cut = _cut(document, left)
            one = _copy(cut, number, variation) if number else cut
            target.add(one.transcript, one.passages, one.embeddings, _source(one))
            left -= len(one.passages)
            if not left:
                # Writes what is derived from the database, as the end of any indexing does.
                index_paths(target, embedder, [], Silent())
                return


def documents(library: Library) -> Iterator[Document]:
    """Whatever has passages, in the order of its rowids."""
    for transcript_id, group in groupby(passages_of(library), lambda one: one[1].transcript_id):
        rowids, passages = zip(*group, strict=True)
        embeddings = library.embeddings_of(rowids)
        yield Document(library.transcript(transcript_id), list(passages), embeddings)


def passages_of(library: Library) -> Iterator[tuple[int, Passage]]:
    """All passages with their rowids, in the order of these; some of them in memory at a time."""
    rowids = [int(rowid) for rowid in library.rowids()]
    for start in range(0, len(rowids), CHUNK):
        chunk = rowids[start : start + CHUNK]
        found = library.passages(chunk)
        yield from ((rowid, found[rowid]) for rowid in chunk)


def _cut(document: Document, passages: int) -> Document:
    """Its first passages, and of the transcript what they are taken from."""
    if len(document.passages) <= passages:
        return document
    kept = document.passages[:passages]
    last = kept[-1]
    turns = document.transcript.turns[: last.turn]
    spoken = tuple(p for p in turns[-1].paragraphs if p.number <= last.last_paragraph)
    turns = (*turns[:-1], replace(turns[-1], paragraphs=spoken))
    vectors, sentences = document.embeddings
    embeddings = Embeddings(vectors[:passages], sentences[:passages])
    return Document(replace(document.transcript, turns=turns), kept, embeddings)


def _copy(document: Document, number: int, variation: Variation) -> Document:
    """The document as another one: same speakers and dates, other id, title, words and vectors."""
    old = document.transcript
    turns = tuple(
        replace(
            turn,
            paragraphs=tuple(replace(p, text=variation.text(p.text)) for p in turn.paragraphs),
        )
        for turn in old.turns
    )
    title = f"{old.title} ({number + 1})"
    new = replace(old, id=f"{old.id}-{number + 1}", title=title, turns=turns)
    texts = {paragraph.number: paragraph.text for paragraph in new.paragraphs()}
    passages = [_moved(passage, old, new, texts) for passage in document.passages]
    counts = [len(sentences) for sentences in document.embeddings.sentences]
    rows = np.concatenate([document.embeddings.vectors, *document.embeddings.sentences])
    moved = variation.vectors(rows)
    parts = np.split(moved, np.cumsum([len(passages), *counts])[:-1])
    return Document(new, passages, Embeddings(parts[0], tuple(parts[1:])))


def _moved(passage: Passage, old: Transcript, new: Transcript, texts: dict[int, str]) -> Passage:
    """The passage over the new words, which stand where the old ones stood."""
    spoken = [texts[n] for n in range(passage.first_paragraph, passage.last_paragraph + 1)]
    spoken[-1] = spoken[-1][: passage.end]
    spoken[0] = spoken[0][passage.start :]
    text = "\n".join(spoken)
    if len(sentence_spans(text)) != len(sentence_spans(passage.text)):
        text = passage.text
    return replace(
        passage,
        id=new.id + passage.id.removeprefix(old.id),
        transcript_id=new.id,
        text=text,
        context=passage.context.replace(old.title, new.title, 1),
        background=passage.background.replace(old.title, new.title, 1),
    )


def _source(document: Document) -> SourceFile:
    name = f"/bench/{document.transcript.id}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return SourceFile(name, digest, sum(len(p.text) for p in document.passages), "bench")


def note_of(library: Path) -> Path:
    """The file that says how a made library was made."""
    return library.with_name(f"{library.name}.json")


def ensure_subset(source: Path, target: Path, passages: int, embedder: Embedder) -> None:
    """Makes the library, or does nothing where it is made already. Raises EvaluationError."""
    note = note_of(target)
    if note.exists():
        made = json.loads(note.read_text(encoding="utf-8"))["passages"]
        if made != passages:
            raise EvaluationError(f"{target} was made of {made} passages: choose another folder")
        return
    start = time.perf_counter()
    with Library.open(source) as opened, Library.open(target, create=True) as made_in:
        make_subset(opened, made_in, passages, embedder)
    took = round(time.perf_counter() - start, 3)
    note.write_text(json.dumps({"passages": passages, "build_s": took}) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--passages", type=int, required=True)
    options = parser.parse_args(arguments)

    def run() -> None:
        from models.load import load_embedder

        ensure_subset(options.source, options.target, options.passages, load_embedder())
        print(note_of(options.target).read_text(encoding="utf-8"), end="")

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
