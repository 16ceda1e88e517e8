"""The command `onrecord eval`. Heavy parts are imported when it runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluation.errors import EvaluationError
from service.console import json_option, print_json, print_lines

if TYPE_CHECKING:
    from evaluation.run import Result


@click.command("eval")
@click.argument("datasets", metavar="DATASET...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--corpus",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Transcripts that a file of questions asks of.",
)
@click.option(
    "--systems",
    default="ours,dense,bm25,hybrid",
    show_default=True,
    metavar="NAMES",
    help="Which to compare; txtai and haystack need the extra 'peers'.",
)
@click.option(
    "--split",
    type=click.Choice(["dev", "report", "all"]),
    default="all",
    show_default=True,
    help="Ask only this half of the queries.",
)
@click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Use this library as it is, and index nothing.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the datasets' libraries are kept.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Ask only the first N queries.")
@click.option(
    "--save",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write runs, scores and settings below this folder.",
)
@click.option(
    "--compare",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="A B",
    help="Compare two saved runs, or folders of them, in place of a run.",
)
@json_option
def evaluate(
    datasets: tuple[Path, ...],
    compare: tuple[Path, Path] | None,
    folder: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure how well the right passages are found, beside plain methods.

    DATASET is a BEIR folder (corpus.jsonl, queries.jsonl, qrels/*.tsv) or a .jsonl of questions
    with the file and paragraph that answer.
    """
    if compare:
        if datasets or as_json:
            raise click.UsageError("--compare takes two saved runs and nothing else")
        return _compare(*compare)
    if not datasets:
        raise click.UsageError("name a DATASET, or two runs to --compare")
    from evaluation.report import table
    from evaluation.saved import rows, save

    found: list[dict[str, Any]] = []
    for path in datasets:
        result = _evaluate(path, **options)
        if folder is not None:
            save(result, folder)
        if as_json:
            found += rows(result)
        else:
            print_lines(table(result))
    if as_json:
        print_json(found)
    return None


def _evaluate(
    path: Path,
    corpus: tuple[Path, ...],
    systems: str,
    split: str,
    library: Path | None,
    cache: Path | None,
    limit: int | None,
) -> "Result":
    from evaluation import run
    from evaluation.collection import default_cache, open_collection
    from evaluation.datasets import read_dataset
    from evaluation.systems import check
    from service.opening import open_embedder
    from service.progress import Bar
    from service.settings import load_settings

    names = list(dict.fromkeys(name.strip() for name in systems.split(",")))
    check(names)
    dataset = read_dataset(path)
    embedder = open_embedder(load_settings())
    cache = cache or default_cache()
    with Bar() as bar:
        opening = open_collection(
            dataset, embedder, bar, cache=cache, corpus=corpus, library=library
        )
        with opening as collection:
            return run.evaluate(dataset, collection, names, split=split, limit=limit)


def _compare(first: Path, second: Path) -> None:
    from evaluation.report import comparison
    from evaluation.saved import find_runs, load

    here, there = find_runs(first), find_runs(second)
    pairs = [(here[key], there[key]) for key in here if key in there]
    if not (first.is_dir() and second.is_dir()):
        # A run named by its file is compared whatever it is called.
        pairs = [(one, two) for one in here.values() for two in there.values()][:1]
    if not pairs:
        raise EvaluationError(f"{first} and {second} have no dataset and system in common")
    for one, two in pairs:
        print_lines(comparison(load(one), load(two)))
