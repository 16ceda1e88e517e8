"""Lines of a page and the runs of type that they are made of: where lines part, what is bold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.formats.blocks import Kind
from indexer.labels import read_label

SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page. `text` has all its words but a speaker that the markup names.

    `bold` is the emphasised beginning, `rest` what follows it; `level` the tag of a heading.
    `continues` as in `Block`.
    """

    text: str
    line: int
    kind: Kind
    bold: str = ""
    rest: str = ""
    speaker: str | None = None
    start_s: float | None = None
    continues: bool = False
    asks: bool = False
    level: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one type; a line break is a run of its own."""

    text: str
    line: int
    kind: Kind
    strong: bool
    asks: bool
    level: str = ""
    breaks: bool = False


def split_runs(runs: list[Run]) -> Iterator[tuple[list[Run], bool]]:
    """The runs of each line that has text, and whether only one `<br>` parts it from the last."""
    part: list[Run] = []
    breaks, any_before = 0, False
    for run in runs:
        if run.breaks:
            breaks += 1
            continue
        if breaks and not run.text.strip():
            continue
        opens = run.strong and _opens_turn(run, part)
        if (breaks or opens) and any(one.text.strip() for one in part):
            yield part, any_before
            part, any_before = [], breaks < 2
        breaks = 0
        part.append(run)
    if any(one.text.strip() for one in part):
        yield part, any_before


def _opens_turn(run: Run, part: list[Run]) -> bool:
    """Whether a bold 'Name:' in running text stands behind a whole sentence."""
    bold = run.text.strip()
    if not bold.endswith(":") or read_label(bold) is None:
        return False
    return bool(SENTENCE_END.search("".join(one.text for one in part[-3:])))


def end_of_bold(runs: list[Run]) -> int:
    """How many of the runs are the emphasised beginning."""
    at = 0
    for number, run in enumerate(runs, start=1):
        if run.strong and run.text.strip():
            at = number
        elif run.text.strip():
            break
    return at
