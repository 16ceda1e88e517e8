"""What stands beside the database: a manifest that vouches for the derived files.

The database is the truth; the manifest repeats its counts for people and says of which state and
with which checksum the vector file was written. Nothing here opens the database.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NAME = "manifest.json"
MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Manifest:
    """Stamp of the vector file; `generation` and `state` are those of the database it came from."""

    format: int
    model: str
    dimension: int
    transcripts: int
    passages: int
    generation: int
    state: str
    vectors_sha256: str


def read(folder: Path) -> Manifest | None:
    """The folder's manifest, or None where there is none that can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            fields = json.loads(file.read(MAX_BYTES))
        return Manifest(**fields)
    except (OSError, ValueError, TypeError):
        return None


def write(folder: Path, manifest: Manifest) -> None:
    """Replaces the folder's manifest; a crash leaves the old one or the new one."""
    text = json.dumps(dataclasses.asdict(manifest), indent=2) + "\n"
    replace(folder / NAME, lambda path: path.write_text(text, encoding="utf-8"))


def replace(path: Path, write_to: Callable[[Path], object]) -> None:
    """Lets `write_to` write a temporary file, syncs it, and renames it to `path`."""
    temporary = path.with_name(path.name + ".tmp")
    write_to(temporary)
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


def checksum(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
