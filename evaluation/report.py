"""Results → lines for people: a table of a dataset's systems, and two saved runs side by side."""

from collections.abc import Iterator, Sequence

import numpy as np

from evaluation.metrics import MEASURES, p_value
from evaluation.run import Result, Summary
from evaluation.saved import Saved, common

WORST = 20
_HEADS = ("S@1", "S@5", "S@10", "RR@10", "nDCG@10", "R@10", "R@100")


def table(result: Result) -> Iterator[str]:
    """A line a system: scores times 100, with 95 % intervals of two, p, and times in ms.

    p is of the difference in nDCG@10 from the best other system.
    """
    part = "" if result.split == "all" else f" (the {result.split} half)"
    yield (
        f"{result.dataset}: {len(result.qrels)} queries{part}, {result.transcripts} transcripts, "
        f"{result.passages} passages; {result.model}"
    )
    for note in result.notes:
        yield f"  note: {note}"
    head = "".join(f"{name:>8}" for name in _HEADS)
    head += f"  {'S@5 95 %':>12} {'nDCG@10 95 %':>13} {'p':>7}  {'ms':>6} {'p95':>6}"
    yield f"  {'system':10}{head}"
    for system, summary in result.summaries.items():
        yield f"  {system:10}{_figures(summary)}"


def _figures(summary: Summary) -> str:
    scores = "".join(f"{100 * summary.means[name]:8.1f}" for name in MEASURES)
    success, ndcg = (
        f"{100 * low:.1f}–{100 * high:.1f}"
        for low, high in (summary.intervals["success@5"], summary.intervals["ndcg@10"])
    )
    p = f"{summary.p['ndcg@10']:.4f}" if summary.p else "–"
    times = f"{summary.median_ms:6.1f} {summary.p95_ms:6.1f}"
    return f"{scores}  {success:>12} {ndcg:>13} {p:>7}  {times}"


def comparison(first: Saved, second: Saved) -> Iterator[str]:
    """Both runs' scores times 100 with difference and p, and the queries that got worst.

    Wins are of the second run; only queries that both have count.
    """
    queries, here, there = common(first, second)
    yield f"{first.dataset}: {len(queries)} queries"
    yield f"  A  {first.name}"
    yield f"  B  {second.name}"
    yield f"  {'':12}{'A':>8}{'B':>8}{'B - A':>8}  {'p':>7}"
    for name in MEASURES:
        a, b = first.scores[name][here], second.scores[name][there]
        difference = 100 * float(b.mean() - a.mean())
        yield (
            f"  {name:12}{100 * a.mean():8.1f}{100 * b.mean():8.1f}{difference:+8.1f}"
            f"  {p_value(a, b):7.4f}"
        )
    a, b = first.scores["ndcg@10"][here], second.scores["ndcg@10"][there]
    wins, losses = int((b > a).sum()), int((b < a).sum())
    yield f"  nDCG@10 by query: B wins {wins}, loses {losses}, ties {len(queries) - wins - losses}"
    worst = np.argsort(b - a, kind="stable")[: min(WORST, losses)]
    if len(worst):
        yield f"  the worst {len(worst)}: nDCG@10 of A and B, B's first row, [the right ones]"
    for at in worst.tolist():
        query = queries[at]
        ranked: Sequence[str] = second.rankings.get(query, ())
        right = ", ".join(sorted(first.qrels[query], key=lambda row: -first.qrels[query][row])[:3])
        yield (
            f"    {query}  {100 * a[at]:.0f} → {100 * b[at]:.0f}  "
            f"{ranked[0] if ranked else '(nothing)'}  [{right}]"
        )
