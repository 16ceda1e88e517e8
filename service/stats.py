"""The command `onrecord stats`: what the library holds, and how its vectors are searched.

Needs no model and loads no vectors.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.console import json_option, library_option, open_library, print_json, print_lines

if TYPE_CHECKING:
    from indexer.records import Stats
    from indexer.vectors import Description


@click.command()
@library_option
@json_option
def stats(library: Path | None, as_json: bool) -> None:
    """Show what the library holds, and how its vectors are searched."""
    from indexer.live import describe
    from service.show import plain

    with open_library(library) as opened:
        held, vectors = opened.stats(), describe(opened)
    if as_json:
        found: dict[str, Any] = plain(held)
        print_json({**found, "vectors": plain(vectors) if vectors else None})
    else:
        print_lines(_lines(held, vectors))


def _lines(held: "Stats", vectors: "Description | None") -> Iterator[str]:
    for name in ("transcripts", "turns", "paragraphs", "passages", "speakers"):
        yield f"{name:12} {getattr(held, name):,}"
    if held.first_date and held.last_date:
        yield f"dates        {held.first_date.isoformat()} to {held.last_date.isoformat()}"
    yield f"model        {held.model or 'none yet: nothing was indexed'}"
    yield f"vectors      {_search(vectors)}"


def _search(vectors: "Description | None") -> str:
    if vectors is None:
        return "not saved: they are read from the database at each start"
    if not vectors.nlist:
        return "all are compared (exact)"
    return (
        f"the {vectors.nprobe:,} nearest of {vectors.nlist:,} lists are searched, made for "
        f"{vectors.trained_on:,} passages; of the exact 10 nearest {vectors.recall_at_10:.1%} are "
        f"found, of the exact 100 {vectors.recall_at_100:.1%} (over {vectors.questions} questions)"
    )
