"""What a file's name alone tells: that it is no transcript, or metadata of one, or a trap.

Looks at names alone, of files on disk and of members of archives.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import PurePosixPath

from indexer.formats import FORMATS

META_SUFFIX = ".meta.json"
NO_TEXT = "its name is not text that can be written down"
# What a folder of transcripts holds beside them.
_NOT_TRANSCRIPTS = frozenset("readme license licence changelog contributing sources".split())
_SUFFIXES = frozenset(suffix for one in FORMATS.values() for suffix in one.suffixes)
_DRIVE = re.compile(r"[A-Za-z]:")


def why_skip_name(name: str, *, archives: bool) -> str | None:
    """Why a file is no transcript by its name alone."""
    suffix = PurePosixPath(name).suffix.lower()
    if name.startswith("."):
        return "hidden"
    if suffix == ".zip":
        return None if archives else "an archive in an archive is not opened"
    if name.endswith(META_SUFFIX):
        return "metadata without a file that it belongs to"
    if suffix not in _SUFFIXES:
        return "format not known"
    if PurePosixPath(name).stem.casefold() in _NOT_TRANSCRIPTS:
        return "not a transcript, by its name"
    return None


def owners_of_meta(names: Iterable[str]) -> defaultdict[str, set[str]]:
    """By folder: what a metadata file may be called after, names with and without suffix."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        folder, _, own = name.rpartition("/")
        if not own.endswith((META_SUFFIX, ".zip")):
            owners[folder] |= {own, PurePosixPath(own).stem}
    return owners


def is_meta_of(name: str, owners: Container[str]) -> bool:
    """Whether the file is the metadata of one beside it."""
    return name.endswith(META_SUFFIX) and name[: -len(META_SUFFIX)] in owners


def meta_names(name: str) -> tuple[str, str]:
    """What the metadata of a file may be called, the one that counts first."""
    return f"{name}{META_SUFFIX}", f"{PurePosixPath(name).stem}{META_SUFFIX}"


def is_hidden(folder: str) -> bool:
    """Whether a folder on the way is hidden, or the Finder's."""
    parts = folder.split("/")
    return "__MACOSX" in parts or any(
        part.startswith(".") and part not in (".", "..") for part in parts
    )


def why_odd(name: str) -> str | None:
    """Why a name in an archive is not to be trusted, None where nothing is wrong with it."""
    path = name.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or _DRIVE.match(path):
        return "its name leads out of the archive"
    return None if is_text(name) else NO_TEXT


def is_text(name: str) -> bool:
    """Whether a name is text; to the system it is bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
