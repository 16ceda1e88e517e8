"""What the commands have in common: options, opening the library, printing."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from indexer.library import Library

Command = TypeVar("Command", bound=Callable[..., Any])


def library_option(command: Command) -> Command:
    """`--library`, as every command takes it."""
    return click.option(
        "--library",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the library (or ONRECORD_LIBRARY).",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)


def _known_format(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    if name is not None:
        from indexer.formats import FORMATS

        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is none of {', '.join(FORMATS)}")
    return name


def format_option(command: Command) -> Command:
    """`--format`, where content and name do not tell it."""
    return click.option(
        "--format",
        "format_name",
        metavar="NAME",
        callback=_known_format,
        help="Read the named files as this format, whatever they look like.",
    )(command)


def open_library(library: Path | None) -> "Library":
    """The library of the option or the settings, which must be there."""
    from indexer.library import Library
    from service.settings import load_settings

    return Library.open(load_settings(library=library).library)


def print_json(value: Any) -> None:
    """Indented, with all letters as they are; what is no letter (a broken file name) escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(text.encode(errors="backslashreplace").decode())


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Line by line, as a terminal shows and does not obey them; `err` for standard error."""
    from service.show import visible

    for line in lines:
        click.echo(visible(line), err=err)
