"""A library with the rows of a dataset that its passages hold: what systems rank.

Indexes a dataset through the real pipeline into a folder of a cache. Knows nothing of scores.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePath
from typing import NamedTuple

from platformdirs import user_cache_path

from evaluation.datasets import Dataset, Query
from evaluation.errors import EvaluationError
from evaluation.golden import row_id
from evaluation.peers import PassageText
from evaluation.samples import ROOT
from evaluation.transcripts import align, stem, write
from indexer import schema
from indexer.indexing import Progress, Status, index_paths
from indexer.library import Library
from indexer.records import TranscriptSummary
from indexer.transcript import Role, slug
from models.embedder import Embedder


class _Place(NamedTuple):
    """A paragraph's row, its length, and whether it is known to ask."""

    row: str
    chars: int
    asks: bool


@dataclass(frozen=True, slots=True)
class Collection:
    """Passages of a library by rowid.

    `texts` are the passages that baselines rank: all but those known to be questions. `rows` are
    each passage's rows by their paragraphs' numbers, the longest first; `transcripts` the library's
    ids by the dataset's.
    """

    library: Library
    embedder: Embedder
    texts: tuple[PassageText, ...]
    rows: Mapping[int, Mapping[int, str]]
    transcripts: Mapping[str, str]

    def bind(self, query: Query) -> Query | None:
        """The query with the library's id of its transcript; None where that has no words."""
        if query.transcript is None:
            return query
        transcript = self.transcripts.get(query.transcript)
        return replace(query, transcript=transcript) if transcript is not None else None

    def rows_of(
        self, found: Iterable[tuple[int, int | None]], query: Query, depth: int
    ) -> tuple[str, ...]:
        """Passages, best first → their rows: each once, excluded ones dropped, at most `depth`.

        Of a passage the row of the paragraph that is cited comes first, where one is.
        """
        ranked: dict[str, None] = {}
        for rowid, cited in found:
            rows = self.rows[rowid]
            for number in sorted(rows, key=lambda number: number != cited):
                ranked.setdefault(rows[number])
        return tuple(row for row in ranked if row not in query.excluded)[:depth]


def default_cache() -> Path:
    """Where the datasets' libraries are kept if nothing else is said."""
    return user_cache_path("onrecord") / "eval"


@contextmanager
def open_collection(
    dataset: Dataset,
    embedder: Embedder,
    progress: Progress,
    *,
    cache: Path,
    corpus: Sequence[Path] = (),
    library: Path | None = None,
) -> Iterator[Collection]:
    """The dataset's collection, indexed into `cache` where it is not yet; closed at the end.

    `corpus` are the transcripts of a file of questions (by default samples/, where all its files
    are from there). With `library` that one is used as it is. Raises EvaluationError where it lacks
    a transcript of the dataset.
    """
    with ExitStack() as stack:
        if library is not None:
            opened = stack.enter_context(Library.open(library))
            opened.bind(embedder)
        else:
            folder, paths = _prepare(dataset, corpus, cache)
            kept = folder / f"{slug(embedder.fingerprint)}-format-{schema.FORMAT}"
            opened = stack.enter_context(Library.open(kept, create=True))
            opened.bind(embedder)
            outcomes = index_paths(opened, embedder, paths, progress, prune=True)
            failed = [one for one in outcomes if one.status is Status.FAILED]
            if failed and dataset.documents:
                raise EvaluationError(f"{dataset.name} cannot be indexed: {failed[0].reason}")
        yield collect(dataset, opened, embedder)


def collect(dataset: Dataset, library: Library, embedder: Embedder) -> Collection:
    """The collection of a dataset and a library that holds it. Raises EvaluationError."""
    with library.read() as connection:
        spoken: defaultdict[str, dict[int, str]] = defaultdict(dict)
        asking: set[tuple[str, int]] = set()
        for transcript, number, text, role in connection.execute(
            "SELECT d.id, p.number, p.text, t.role FROM paragraphs p "
            "JOIN turns t ON t.transcript = p.transcript AND t.number = p.turn "
            "JOIN transcripts d ON d.number = p.transcript ORDER BY p.transcript, p.number"
        ):
            spoken[transcript][number] = text
            if role == Role.QUESTION:
                asking.add((transcript, number))
        summaries = list(library.transcripts())
        if dataset.documents:
            transcripts, places = _places_of_rows(dataset, summaries, spoken)
        else:
            transcripts, places = _places_of_files(dataset, summaries, spoken, asking)
        texts: list[PassageText] = []
        rows: dict[int, dict[int, str]] = {}
        for rowid, transcript, first, last, text in connection.execute(
            "SELECT p.rowid, d.id, p.first_paragraph, p.last_paragraph, p.text FROM passages p "
            "JOIN transcripts d ON d.number = p.transcript ORDER BY p.rowid"
        ):
            held = {
                n: places[key] for n in range(first, last + 1) if (key := (transcript, n)) in places
            }
            rows[rowid] = {n: held[n].row for n in sorted(held, key=lambda n: -held[n].chars)}
            # What a library holds beside the dataset is in everybody's way.
            if not held or not all(place.asks for place in held.values()):
                texts.append(PassageText(rowid, transcript, text))
    return Collection(library, embedder, tuple(texts), rows, transcripts)


_Places = tuple[dict[str, str], dict[tuple[str, int], _Place]]


def _places_of_rows(
    dataset: Dataset,
    summaries: Iterable[TranscriptSummary],
    spoken: Mapping[str, Mapping[int, str]],
) -> _Places:
    ids = {PurePath(summary.path).stem: summary.id for summary in summaries}
    transcripts: dict[str, str] = {}
    places: dict[tuple[str, int], _Place] = {}
    for at, document in enumerate(dataset.documents, start=1):
        id_ = ids.get(stem(document, at))
        if id_ is None:
            if any(row.text for row in document.rows):
                raise EvaluationError(f"the library lacks the document {document.id}")
            continue
        transcripts[document.id] = id_
        for number, row in align(document, spoken[id_]).items():
            places[id_, number] = _Place(row.id, len(row.text), row.role is Role.QUESTION)
    return transcripts, places


def _places_of_files(
    dataset: Dataset,
    summaries: Sequence[TranscriptSummary],
    spoken: Mapping[str, Mapping[int, str]],
    asking: set[tuple[str, int]],
) -> _Places:
    transcripts: dict[str, str] = {}
    for file in sorted(dataset.files):
        fitting = [one for one in summaries if f"/{one.path}".endswith(f"/{file}")]
        name = PurePath(file).name
        fitting = fitting or [one for one in summaries if PurePath(one.path).name == name]
        if len(fitting) != 1:
            lack = f"there are {len(fitting)} such" if fitting else "which the library lacks"
            raise EvaluationError(
                f"{dataset.path} cites {file}, {lack}: name with --corpus, or with --library, "
                "where its transcripts are"
            )
        transcripts[file] = fitting[0].id
    files = {id_: file for file, id_ in transcripts.items()}
    places = {
        (id_, number): _Place(
            row_id(files.get(id_, id_), number), len(text), (id_, number) in asking
        )
        for id_, paragraphs in spoken.items()
        for number, text in paragraphs.items()
    }
    return transcripts, places


def _prepare(dataset: Dataset, corpus: Sequence[Path], cache: Path) -> tuple[Path, list[Path]]:
    """The dataset's folder in the cache, and what is to be indexed."""
    if dataset.documents:
        digest = sha256(str(dataset.path.resolve()).encode()).hexdigest()[:8]
        folder = cache / f"{slug(dataset.name)}-{digest}"
        write(dataset.documents, folder / "transcripts")
        return folder, [folder / "transcripts"]
    paths = [path.resolve() for path in corpus]
    if not paths and all(file.startswith("samples/") for file in dataset.files):
        paths = [ROOT / "samples"]
    if not paths:
        raise EvaluationError(f"{dataset.path} asks of transcripts: name them with --corpus")
    digest = sha256("\n".join(map(str, sorted(paths))).encode()).hexdigest()[:8]
    # Not by the questions' name: what is asked of the same transcripts shares their library.
    return cache / f"corpus-{digest}", paths
