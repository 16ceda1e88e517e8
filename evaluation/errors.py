"""What can be wrong with an evaluation.

OnRecordError
└── EvaluationError          a system, a saved run or an option cannot be used
    └── DatasetError         a file of a dataset is not as it should be
"""

import sys
from collections.abc import Callable
from pathlib import Path

from models.errors import OnRecordError


class EvaluationError(OnRecordError):
    """An evaluation cannot be made as it was asked for."""


class DatasetError(EvaluationError):
    """A file of a dataset is not as it should be; names it and, where known, the line."""

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {reason}")


def exit_code(run: Callable[[], None]) -> int:
    """Runs a script's work: 0, or 1 after an error of ours was told in a sentence."""
    try:
        run()
    except OnRecordError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
