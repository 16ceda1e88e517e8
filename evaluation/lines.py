"""Files of a line each → rows with their line numbers: JSONL, and tables of ids.

Knows nothing of what the fields mean.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from evaluation.errors import DatasetError

# JSON can write them as escapes, but no database can hold them.
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


class Line(NamedTuple):
    """An object of a JSONL file and where it stands."""

    path: Path
    number: int
    fields: Mapping[str, Any]

    def error(self, reason: str) -> DatasetError:
        return DatasetError(self.path, reason, self.number)

    def id(self, *keys: str) -> str | None:
        """The id under the first of the keys that has one; a number is one too."""
        for key in keys:
            value = self.fields.get(key)
            if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
                raise self.error(f"{key!r} is {str(value)[:40]!r}, neither a text nor a number")
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if value is not None and (found := clean(str(value)).strip()):
                return found
        return None

    def needed_id(self, *keys: str) -> str:
        found = self.id(*keys)
        if found is None:
            raise self.error(f"has no {keys[0]!r}")
        return found

    def text(self, *keys: str) -> str:
        """The text under the first of the keys that has words, else ''."""
        for key in keys:
            value = self.fields.get(key)
            if isinstance(value, (Mapping, list)):
                raise self.error(f"{key!r} is a {type(value).__name__}, not a text")
            if value is not None and (found := clean(str(value))).strip():
                return found
        return ""


def clean(text: str) -> str:
    """The text with what is no character (NUL, half a surrogate pair) replaced."""
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def read_jsonl(path: Path) -> Iterator[Line]:
    """The objects of a JSONL file; empty lines are passed over. Raises DatasetError."""
    for number, text in read_lines(path):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DatasetError(path, f"is no JSON: {error}", number) from error
        if not isinstance(value, dict):
            raise DatasetError(path, "is no JSON object", number)
        yield Line(path, number, value)


def read_table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of a table; cells are parted by tabs, else by blanks."""
    for number, text in read_lines(path):
        cells = text.split("\t") if "\t" in text else text.split()
        yield number, [cell.strip() for cell in cells]


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines with something on them, without their ends, numbered from 1."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield number, text.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DatasetError(path, "is not UTF-8") from error
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise DatasetError(path, reason) from error
