"""The progress bar of `onrecord index`: share of the bytes, passages a second, time left."""

import time
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from indexer.indexing import Outcome

_FORMAT = "{percentage:3.0f}% |{bar:30}| {postfix} [{elapsed} gone, {remaining} left]"


class Bar:
    """Draws on standard error where that is a terminal; else stays silent."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] = tqdm(
            total=0, bar_format=_FORMAT, disable=None, leave=False, dynamic_ncols=True
        )
        self._files = self._passages = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def started(self, total_bytes: int) -> None:
        self._bar.reset(total=total_bytes)

    def embedded(self, passages: int) -> None:
        self._passages += passages
        self._tell()

    def done(self, outcome: Outcome, file_bytes: int) -> None:
        self._files += 1
        self._bar.update(file_bytes)
        self._tell()

    def _tell(self) -> None:
        rate = self._passages / max(time.monotonic() - self._began, 1e-9)
        self._bar.set_postfix_str(
            f"{self._files} files, {self._passages} passages, {rate:.0f} passages/s"
        )
