"""The commands `ask` and `search`; heavy parts are imported when they run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.console import Command, json_option, library_option, print_json, print_lines

if TYPE_CHECKING:
    from indexer.filters import Filters
    from service.answer import Answer


def asking_options(command: Command) -> Command:
    """What a citation must be, and how the question is read."""
    day = click.DateTime(formats=["%Y-%m-%d"])
    for option in (
        click.option("--no-hints", is_flag=True, help="Names and times are words like others."),
        click.option("--transcript", multiple=True, metavar="ID", help="Only in this transcript."),
        click.option("--to", "date_to", type=day, metavar="DATE", help="Up to this day."),
        click.option("--from", "date_from", type=day, metavar="DATE", help="From this day on."),
        click.option(
            "--role",
            multiple=True,
            type=click.Choice(["statement", "question", "answer"]),
            help="Only words in this role; without it or --speaker, no questions.",
        ),
        click.option("--speaker", metavar="NAME", help="Only words of this speaker."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("question")
@click.option("-k", default=3, show_default=True, help="How many citations at the most.")
@asking_options
@library_option
@json_option
def ask(question: str, k: int, library: Path | None, as_json: bool, **options: Any) -> int:
    """Ask a question; prints the passages that answer, best first.

    Exit code 3 says that nobody answers it: then the reason is printed, and the nearest passages.
    """
    from service.show import answer_lines

    answer = _answer(question, k, library, **options)
    _print_answer(answer, None if as_json else answer_lines(answer))
    return 0 if answer.answered else 3


@click.command()
@click.argument("question")
@click.option("-k", default=10, show_default=True, help="How many passages at the most.")
@asking_options
@library_option
@json_option
def search(question: str, k: int, library: Path | None, as_json: bool, **options: Any) -> int:
    """List the nearest passages with their scores, a line each, whether or not they answer.

    Exit code 3 says that nothing was found.
    """
    from service.show import hit_lines

    answer = _answer(question, k, library, **options)
    _print_answer(answer, None if as_json else hit_lines(answer))
    return 0 if answer.citations else 3


def _answer(
    question: str, k: int, library: Path | None, no_hints: bool, **filters: Any
) -> "Answer":
    from service.opening import open_answerer
    from service.settings import load_settings

    with open_answerer(load_settings(library=library)) as answerer:
        return answerer.ask(question, k=k, filters=_filters(**filters), hints=not no_hints)


def _filters(
    speaker: str | None, role: tuple[str, ...], date_from: Any, date_to: Any, transcript: Any
) -> "Filters":
    from indexer.filters import Filters
    from indexer.transcript import Role

    return Filters(
        speaker=speaker,
        roles=frozenset(Role(name) for name in role),
        date_from=date_from.date() if date_from else None,
        date_to=date_to.date() if date_to else None,
        transcript_ids=frozenset(transcript),
    )


def _print_answer(answer: "Answer", lines: Sequence[str] | None) -> None:
    """Prints the lines, or JSON without them."""
    if lines is None:
        from service.api.answers import AnswerShape

        print_json(AnswerShape.of(answer).model_dump(mode="json"))
    else:
        print_lines(lines)
