"""What stands beside the database: a manifest that vouches for the vector file.

The database is the truth; the manifest says of which state of it, with which checksum and as what
kind of index the file was written, and repeats that state's counts for people. Nothing here opens
the database.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer.vectors import Description, Kind

NAME = "manifest.json"
MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Manifest:
    """Stamp of the vector file; all is of the state of the database that it was made of."""

    format: int
    model: str
    dimension: int
    transcripts: int
    passages: int
    generation: int
    state: str
    vectors_sha256: str
    vectors: Description


def read(folder: Path) -> Manifest | None:
    """The folder's manifest, or None where there is none that can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            fields = json.loads(file.read(MAX_BYTES))
        vectors = Description(**fields.pop("vectors"))
        vectors = dataclasses.replace(vectors, kind=Kind(vectors.kind))
        return Manifest(**fields, vectors=vectors)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
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
