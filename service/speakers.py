"""The commands `onrecord speakers`: who speaks, and which names are one person."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from service.console import json_option, library_option, open_library, print_json, print_lines

if TYPE_CHECKING:
    from indexer.namesakes import Suggestion
    from indexer.records import SpeakerSummary


@click.group(invoke_without_command=True)
@library_option
@json_option
@click.pass_context
def speakers(context: click.Context, library: Path | None, as_json: bool) -> None:
    """List who speaks, and which names may be one person.

    Names are one person only after `speakers merge`.
    """
    if context.invoked_subcommand is not None:
        given = {"library": library, "as_json": as_json}
        context.default_map = dict.fromkeys(("merge", "split"), given)
        return
    from indexer import aliases
    from service.show import plain

    with open_library(library) as opened, opened.read():
        listed, suggested = opened.speakers(-1), aliases.suggestions(opened)
    if as_json:
        print_json(
            {
                "speakers": [plain(one) for one in listed],
                "suggestions": [plain(one) for one in suggested],
            }
        )
    else:
        print_lines(_lines(listed, suggested))


@speakers.command()
@click.argument("name")
@click.argument("others", metavar="OTHER...", nargs=-1, required=True)
@library_option
@json_option
def merge(name: str, others: tuple[str, ...], library: Path | None, as_json: bool) -> None:
    """Say that each OTHER is another name of the person NAME, who is shown by that name.

    Nothing is indexed again; documents keep the names that they have.
    """
    from indexer import aliases

    with open_library(library) as opened:
        person = aliases.merge(opened, name, others)
    if as_json:
        print_json({"name": person.shown, "also": person.also})
    else:
        print_lines([f"{person.shown}, also {', '.join(person.also)}"])


@speakers.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@library_option
@json_option
def split(names: tuple[str, ...], library: Path | None, as_json: bool) -> None:
    """Take each NAME off the person that it was merged into."""
    from indexer import aliases

    with open_library(library) as opened:
        aliases.split(opened, names)
    if as_json:
        print_json({"split": names})
    else:
        print_lines(f"{name} stands for itself again" for name in names)


def _lines(listed: Sequence["SpeakerSummary"], suggested: Sequence["Suggestion"]) -> Iterator[str]:
    for one in listed:
        also = f", also {', '.join(one.also)}" if one.also else ""
        role = "" if one.named else " (only a role)"
        yield f"{one.turns:6} turns {one.transcripts:5} transcripts  {one.name}{also}{role}"
    if suggested:
        yield from ("", "Perhaps one person; if so, say it:")
    for pair in suggested:
        names = f"{quote(pair.speaker)} {quote(pair.alias)}"
        yield f"  onrecord speakers merge {names}  # {pair.reason}"
