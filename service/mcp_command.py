"""The command `onrecord mcp`: the tools for agents that start the server themselves, over stdio."""

from pathlib import Path

import click

from service.console import library_option
from service.errors import ServiceError


@click.command()
@click.option(
    "--url",
    metavar="ADDRESS",
    help="Where the web page is served, for links; by default where `onrecord serve` would.",
)
@library_option
def mcp(url: str | None, library: Path | None) -> None:
    """Serve the tools of the Model Context Protocol on standard input and output, for an agent.

    The same are at /mcp of `onrecord serve`.
    """
    from service.opening import open_answerer
    from service.settings import load_settings

    try:
        from service.mcp_server import build_server
    except ModuleNotFoundError as error:
        raise ServiceError("the protocol is not installed: pip install onrecord[mcp]") from error
    settings = load_settings(library=library)
    base = url or f"http://{settings.host}:{settings.port}"
    with open_answerer(settings) as answerer:
        build_server(answerer, base.rstrip("/")).run("stdio")
