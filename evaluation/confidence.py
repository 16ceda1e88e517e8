"""How far the confidence of answers can be trusted, and how it is fitted.

    python -m evaluation.confidence DATASET… [--fit] [--library NAME=FOLDER] [--save FOLDER]

Asks each dataset's library its own questions, those that nobody there answers, its own without the
transcripts that answer, and the other datasets'. `--fit` fits the model on the development halves
and writes service/confidence.json. What is printed is of the report halves.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.collection import default_cache, open_collection
from evaluation.datasets import read_dataset
from evaluation.errors import EvaluationError, exit_code
from evaluation.fitting import FIRST_RIGHT, figures, fit, write
from evaluation.judged import HALVES, Judged, Kind, judge
from evaluation.saved import provenance
from evaluation.split import Half
from evaluation.systems import plain
from indexer.search import FUSION
from models.embedder import Embedder
from service.confidence import FITTED, Logistic, load_confidence
from service.opening import open_embedder
from service.progress import Bar
from service.settings import load_settings

# Of each half, library, kind and source.
LIMITS = {
    Kind.ANSWERABLE: 600,
    Kind.UNANSWERABLE: 600,
    Kind.ELSEWHERE: 200,
    Kind.OTHER_LIBRARY: 100,
}

# The coverages of `figures`, in their order.
_SHOWN = (
    "all: answered at 5 % risk",
    "at 10 %",
    "answerable alone: answered at 5 % risk",
    "at 10 %",
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path, metavar="DATASET")
    parser.add_argument("--fit", action="store_true", help="fit the model anew")
    parser.add_argument(
        "--library",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=FOLDER",
        help="use this library for that dataset",
    )
    parser.add_argument("--cache", type=Path, help="where the datasets' libraries are kept")
    parser.add_argument(
        "--all", action="store_true", help="ask all questions of a dataset, not a sample of them"
    )
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write confidence.json and .md")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _run(options))


def _run(options: argparse.Namespace) -> None:
    embedder = open_embedder(load_settings())
    limits = dict.fromkeys(Kind, sys.maxsize) if options.all else LIMITS
    limits = {**limits, Kind.OTHER_LIBRARY: LIMITS[Kind.OTHER_LIBRARY]}
    halves = HALVES if options.fit else HALVES[1:]
    cache = options.cache or default_cache()
    judged = ask(options.datasets, embedder, cache, dict(options.library), limits, halves)
    if options.fit:
        model, threshold = fit(judged)
        write(model, threshold, judged, embedder.fingerprint, FITTED)
    else:
        model, threshold = _known(embedder)
    found = figures(judged, model, threshold)
    lines = "\n".join(table(found))
    print(lines)
    if options.save is not None:
        options.save.mkdir(parents=True, exist_ok=True)
        value = {"model": embedder.fingerprint, "fusion": plain(FUSION), **provenance()}
        text = json.dumps({**value, "libraries": found}, ensure_ascii=False, indent=1)
        (options.save / "confidence.json").write_text(text + "\n", encoding="utf-8")
        (options.save / "confidence.md").write_text(lines + "\n", encoding="utf-8")


def _known(embedder: Embedder) -> tuple[Logistic, float]:
    known = load_confidence(embedder.fingerprint)
    if known.model is None:
        raise EvaluationError(f"no confidence is known for {embedder.fingerprint}: run with --fit")
    return known.model, known.threshold


def ask(
    paths: Sequence[Path],
    embedder: Embedder,
    cache: Path,
    libraries: Mapping[str, Path],
    limits: Mapping[Kind, int],
    halves: Sequence[Half],
) -> list[Judged]:
    """Asks every dataset's library; `libraries` are those, by the dataset's name, used as they are.

    Datasets over the same transcripts are not asked of each other.
    """
    datasets = [read_dataset(path) for path in paths]
    judged: list[Judged] = []
    for dataset in datasets:
        others = [one for one in datasets if one is not dataset and not one.files & dataset.files]
        with (
            Bar() as bar,
            open_collection(
                dataset, embedder, bar, cache=cache, library=libraries.get(dataset.name)
            ) as collection,
        ):
            judged += judge(dataset, collection, others, limits, halves)
    return judged


def table(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The figures as three tables in Markdown: shares in percent, AUROC in 0..1."""
    yield (
        f"Of the report halves, with the threshold {found[0]['threshold']}. AUROC is that of the "
        "questions that can be answered against the others named; 'all' weighs as the fit does."
    )
    yield ""
    yield from _head(
        "library", "can be answered", "first hit right", "AUROC of that", "ECE", *_SHOWN
    )
    for row in found:
        shown = [one["coverage"] for group in row["at_risk"].values() for one in group.values()]
        yield _line(
            row["library"],
            row["questions"].get(Kind.ANSWERABLE, 0),
            _percent(row[FIRST_RIGHT]),
            _number(row["auroc"][FIRST_RIGHT]),
            _percent(row["ece"]),
            *map(_percent, shown),
        )
    yield ""
    yield from _head("library", "asked", "questions", "AUROC", "called answered")
    for row in found:
        for kind, number in row["questions"].items():
            told = _number(row["auroc"].get(kind))
            answered = _percent(row["answered"][kind])
            if kind == Kind.ANSWERABLE:
                answered += (
                    f" (where the first hit is right {_percent(row['answered'][FIRST_RIGHT])})"
                )
            yield _line(row["library"], kind, number, told, answered)
    yield ""
    yield from _head("library", "AUROC against the questions of other libraries, by whose they are")
    for row in found:
        sources = (f"{name} {_number(value)}" for name, value in row["auroc_by_source"].items())
        yield _line(row["library"], ", ".join(sources))


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield _line(*("---" for _ in names))


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _pair(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not folder:
        raise argparse.ArgumentTypeError(f"{text!r} is not a dataset's name, '=' and a folder")
    return name, Path(folder)


if __name__ == "__main__":
    sys.exit(main())
