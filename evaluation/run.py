"""A dataset's queries through systems → rankings, scores, times, and what they mean.

Knows nothing of files and tables: `saved` writes a result, `report` prints it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluation.collection import Collection
from evaluation.datasets import Dataset, Query
from evaluation.errors import EvaluationError
from evaluation.metrics import DEPTH, MEASURES, Scores, interval, p_value, score
from evaluation.split import half
from evaluation.systems import System, Systems

WITH_INTERVAL = ("ndcg@10", "success@1", "success@5")


@dataclass(frozen=True, slots=True)
class Summary:
    """One system on one dataset, all scores in 0..1.

    `intervals` are the 95 % intervals of some means; `p` are, by measure, the odds that the
    difference from `against`, the best other system by that measure, is chance.
    """

    means: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    p: Mapping[str, float]
    against: Mapping[str, str]
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class SystemRun:
    """What one system did: row ids by query, best first; (n,) scores by measure; times in ms."""

    system: str
    configuration: Mapping[str, Any]
    rankings: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, Scores]
    times_ms: Scores


@dataclass(frozen=True, slots=True)
class Result:
    """One dataset's run; queries in the order of `qrels`, `summaries` by system."""

    dataset: str
    split: str
    qrels: Mapping[str, Mapping[str, int]]
    runs: tuple[SystemRun, ...]
    summaries: Mapping[str, Summary]
    model: str
    transcripts: int
    passages: int
    notes: tuple[str, ...]


def select(queries: Iterable[Query], split: str, limit: int | None) -> list[Query]:
    """The queries of the half 'dev' or 'report', or of 'all'; of them the first `limit`."""
    return list(islice((one for one in queries if split in ("all", half(one.id))), limit))


def evaluate(
    dataset: Dataset,
    collection: Collection,
    names: Sequence[str],
    *,
    split: str = "all",
    limit: int | None = None,
) -> Result:
    """Asks the systems of those names the dataset's queries. Raises EvaluationError."""
    queries = select(dataset.queries, split, limit)
    if not queries:
        raise EvaluationError(f"{dataset.path} has no query to ask in the split {split!r}")
    qrels = {query.id: query.relevant for query in queries}
    systems = Systems(collection)
    runs = tuple(_run(systems.make(name), collection, queries, qrels) for name in names)
    return Result(
        dataset.name,
        split,
        qrels,
        runs,
        {run.system: _summary(run, runs) for run in runs},
        collection.embedder.fingerprint,
        len({one.transcript for one in collection.texts}),
        len(collection.texts),
        dataset.notes,
    )


def _run(
    system: System,
    collection: Collection,
    queries: Sequence[Query],
    qrels: Mapping[str, Mapping[str, int]],
) -> SystemRun:
    rankings: dict[str, tuple[str, ...]] = {}
    times: list[float] = []
    # Whatever is loaded with the first question is no part of its time.
    system.rank(replace(queries[0], text="warm up", transcript=None), DEPTH)
    for query in tqdm(queries, system.name, disable=None, leave=False):
        bound = collection.bind(query)
        began = time.perf_counter()
        rowids = system.rank(bound, DEPTH) if bound is not None else []
        times.append((time.perf_counter() - began) * 1000)
        rankings[query.id] = collection.rows_of(rowids, query, DEPTH)
    return SystemRun(
        system.name, system.configuration, rankings, score(qrels, rankings), np.array(times)
    )


def _summary(run: SystemRun, runs: Sequence[SystemRun]) -> Summary:
    p, against = {}, {}
    for name in WITH_INTERVAL:
        others = [other for other in runs if other is not run]
        if others:
            rival = max(others, key=lambda other: float(other.scores[name].mean()))
            p[name] = p_value(run.scores[name], rival.scores[name])
            against[name] = rival.system
    return Summary(
        {name: float(run.scores[name].mean()) for name in MEASURES},
        {name: interval(run.scores[name]) for name in WITH_INTERVAL},
        p,
        against,
        float(np.median(run.times_ms)),
        float(np.percentile(run.times_ms, 95)),
    )
