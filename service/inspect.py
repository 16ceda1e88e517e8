"""The command `onrecord inspect`: what is understood of a file, before it is indexed.

Needs neither library nor model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.console import format_option, json_option, print_json, print_lines

if TYPE_CHECKING:
    from indexer.formats.blocks import Parsed
    from indexer.transcript import Transcript

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Inspected:
    """One file and what is understood of it; else `problem` says why nothing is.

    `skipped` says that `onrecord index` would pass it over and not call that a failure.
    """

    file: str
    parsed: "Parsed | None" = None
    problem: str | None = None
    skipped: bool = False


@click.command()
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@format_option
@json_option
def inspect(paths: tuple[Path, ...], format_name: str | None, as_json: bool) -> int:
    """Show what is understood of files, without library or model.

    Title, date, language, speakers, the first words of each turn, what is left out and why.
    """
    failed = False
    found: list[dict[str, Any]] = []
    for one in inspect_paths(paths, format_name):
        failed = failed or (one.parsed is None and not one.skipped)
        if as_json:
            found.append(_as_json(one))
        elif one.parsed is None:
            head = f"skipped  {one.file}: " if one.skipped else "failed   "
            print_lines([f"{head}{one.problem}"], err=True)
        else:
            print_lines(_lines(one.file, one.parsed))
    if as_json:
        print_json(found)
    return 1 if failed else 0


def inspect_paths(paths: Iterable[Path], format_name: str | None = None) -> Iterator[Inspected]:
    """What is understood of each file under the paths, one by one.

    Raises TranscriptError for a path that is not there.
    """
    from indexer.errors import TranscriptError
    from indexer.sources import find_sources, kept_open, parse_source

    sources, passed_over = find_sources(paths, files_only=format_name is not None)
    for one in passed_over:
        problem = f"{one.shown}: {one.reason}" if one.failed else one.reason
        yield Inspected(one.shown, problem=problem, skipped=not one.failed)
    for source in kept_open(sources):
        try:
            parsed = parse_source(source, source.read(), source.read_meta(), format_name)
            yield Inspected(source.shown, parsed)
        except TranscriptError as error:
            yield Inspected(source.shown, problem=str(error))


def _lines(file: str, parsed: "Parsed") -> Iterator[str]:
    transcript = parsed.transcript
    yield file
    yield f"  title     {transcript.title}"
    yield f"  date      {transcript.date.isoformat() if transcript.date else 'not known'}"
    yield f"  language  {transcript.language or 'not known'}"
    yield f"  format    {parsed.format}"
    yield "  speakers"
    for speaker in _speakers(transcript):
        roles = ", ".join(f"{count} {role}" for role, count in speaker["roles"].items())
        name = speaker["name"] or "(not named)"
        yield f"    {speaker['turns']:5} turns {speaker['words']:7} words  {name}: {roles}"
    yield "  turns"
    for turn in transcript.turns:
        who = turn.speaker.name if turn.speaker else "(not named)"
        head = f"    {turn.number:5} {who} [{turn.role}] "
        yield head + _begin(turn.paragraphs[0].text, max(WIDTH - len(head), 40))
    if parsed.dropped:
        yield "  left out"
    for dropped in parsed.dropped:
        yield f"    line {dropped.line}, {dropped.reason}: {_begin(dropped.text, 60)}"
    if parsed.warnings:
        yield "  warnings"
    for warning in parsed.warnings:
        yield f"    {warning}"
    yield ""


def _as_json(one: Inspected) -> dict[str, Any]:
    if one.parsed is None:
        return {"file": one.file, "skipped" if one.skipped else "error": one.problem}
    transcript = one.parsed.transcript
    return {
        "file": one.file,
        "format": one.parsed.format,
        "title": transcript.title,
        "date": transcript.date.isoformat() if transcript.date else None,
        "language": transcript.language,
        "speakers": list(_speakers(transcript)),
        "turns": [
            {
                "number": turn.number,
                "speaker": turn.speaker.name if turn.speaker else None,
                "role": turn.role,
                "paragraphs": len(turn.paragraphs),
                "begins": _begin(turn.paragraphs[0].text, WIDTH),
            }
            for turn in transcript.turns
        ],
        "dropped": [asdict(dropped) for dropped in one.parsed.dropped],
        "warnings": list(one.parsed.warnings),
    }


def _speakers(transcript: "Transcript") -> Iterator[dict[str, Any]]:
    """Who speaks, most words first; those who are not named are one."""
    words: Counter[str | None] = Counter()
    roles: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    named: dict[str | None, bool] = {}
    for turn in transcript.turns:
        name = turn.speaker.name if turn.speaker else None
        words[name] += len(turn.text.split())
        roles[name][turn.role.value] += 1
        named[name] = turn.speaker is not None and turn.speaker.named
    for name, count in words.most_common():
        yield {
            "name": name,
            "named": named[name],
            "turns": roles[name].total(),
            "words": count,
            "roles": dict(sorted(roles[name].items())),
        }


def _begin(text: str, width: int) -> str:
    """The first characters, not words: some scripts have no blanks between those."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
