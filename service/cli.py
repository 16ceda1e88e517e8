"""The command `onrecord`. Heavy parts are imported inside the commands that need them."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.errors import OnRecordError
from service.asking import ask, search
from service.console import (
    format_option,
    json_option,
    library_option,
    open_library,
    print_json,
    print_lines,
)
from service.inspect import inspect
from service.mcp_command import mcp
from service.speakers import speakers
from service.stats import stats

if TYPE_CHECKING:
    from service.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code. The one place where errors become text."""
    try:
        code = cli.main(args=arguments, prog_name="onrecord", standalone_mode=False)
    except OnRecordError as error:
        from service.show import visible

        click.echo(visible(f"onrecord: {error}"), err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("onrecord: stopped; what was done is kept", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="onrecord")
def cli() -> None:
    """Ask transcripts a question; get the passages that answer, by speaker and paragraph."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Remove transcripts whose files are gone.")
@format_option
@library_option
@json_option
def index(
    paths: tuple[Path, ...],
    prune: bool,
    format_name: str | None,
    library: Path | None,
    as_json: bool,
) -> int:
    """Read transcripts from files, folders and zip archives into the library.

    Unchanged files are skipped, changed ones replaced. A run that was broken off goes on where
    it was when it is started again.
    """
    from indexer.indexing import Status, index_paths
    from indexer.library import Library
    from service.opening import open_embedder
    from service.progress import Bar
    from service.show import outcome_lines, plain, visible

    settings = _settings(library)
    embedder = open_embedder(settings)
    with Library.open(settings.library, create=True) as opened, Bar() as bar:
        opened.bind(embedder)
        outcomes = index_paths(opened, embedder, paths, bar, prune=prune, format_name=format_name)
    if as_json:
        print_json([plain(outcome) for outcome in outcomes])
    else:
        for line, is_problem in outcome_lines(outcomes):
            click.echo(visible(line), err=is_problem)
    return 1 if any(outcome.status is Status.FAILED for outcome in outcomes) else 0


@cli.command()
@click.option("--host", help="Address to listen on (or ONRECORD_HOST); 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port to listen on (or ONRECORD_PORT); 8000 by default.")
@library_option
def serve(host: str | None, port: int | None, library: Path | None) -> None:
    """Serve the web page and the API."""
    import uvicorn

    from service.app import create_app
    from service.opening import listen, open_answerer
    from service.settings import load_settings

    settings = load_settings(library=library, host=host, port=port)
    with open_answerer(settings, create=True) as answerer, listen(settings) as listener:
        # Names other than this machine's are asked for only where others may ask.
        hosts = [] if settings.host in ("127.0.0.1", "localhost") else ["*"]
        app = create_app(lambda: nullcontext(answerer), hosts)
        address = f"http://{settings.host}:{listener.getsockname()[1]}"
        click.echo(f"On the Record: {address} (Ctrl-C stops it)", err=True)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        server.run(sockets=[listener])


@cli.command("list")
@library_option
@json_option
def list_(library: Path | None, as_json: bool) -> None:
    """List the transcripts in the library."""
    from service.show import plain, summary_line

    with open_library(library) as opened:
        summaries = opened.transcripts()
        if as_json:
            print_json([plain(summary) for summary in summaries])
        else:
            print_lines(summary_line(summary) for summary in summaries)


@cli.command()
@click.argument("transcript_id", metavar="ID")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["json", "txt", "md", "vtt"]),
    help="Export: json can be indexed again just as it is.",
)
@library_option
@json_option
def show(transcript_id: str, format_name: str | None, library: Path | None, as_json: bool) -> None:
    """Print a transcript with its turns and paragraph numbers."""
    from indexer import export
    from service.show import transcript_lines

    with open_library(library) as opened:
        transcript = opened.transcript(transcript_id)
    if format_name:
        writers = {
            "json": export.to_json,
            "txt": export.to_text,
            "md": export.to_markdown,
            "vtt": export.to_vtt,
        }
        click.echo(writers[format_name](transcript), nl=False)
    elif as_json:
        from service.api.schemas import TranscriptShape

        print_json(TranscriptShape.of(transcript).model_dump(mode="json"))
    else:
        print_lines(transcript_lines(transcript))


@cli.command()
@click.argument("transcript_id", metavar="ID")
@library_option
@json_option
def delete(transcript_id: str, library: Path | None, as_json: bool) -> None:
    """Remove a transcript from the library; its file stays where it is."""
    with open_library(library) as opened:
        opened.delete(transcript_id)
    if as_json:
        print_json({"deleted": transcript_id})
    else:
        click.echo(f"deleted {transcript_id}")


for command in (ask, search, inspect, mcp, speakers, stats):
    cli.add_command(command)


def _settings(library: Path | None) -> "Settings":
    from service.settings import load_settings

    return load_settings(library=library)
