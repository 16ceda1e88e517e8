"""The command `onrecord` with `eval`: the service's commands know nothing of evaluation."""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    from evaluation.command import evaluate
    from service import cli

    cli.cli.add_command(evaluate)
    return cli.main(arguments)
