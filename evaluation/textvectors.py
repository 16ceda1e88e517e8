"""Vectors of the passages' own words, without context, kept beside a library.

`text-vectors.npy` is float32 (n, dimension), `text-vectors.json` says of which model and texts,
and how many rows are done: a run that was broken off goes on there.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluation.peers import PassageText
from models.embedder import Embedder, Vectors

BATCH = 256
NAME = "text-vectors"


def text_vectors(texts: Sequence[PassageText], embedder: Embedder, folder: Path) -> Vectors:
    """Unit vectors of the texts, (n, dimension) float32; embeds what the folder lacks."""
    if not texts:
        return np.zeros((0, embedder.dimension), dtype=np.float32)
    array, note = folder / f"{NAME}.npy", folder / f"{NAME}.json"
    wanted = {"model": embedder.fingerprint, "texts": _digest(texts), "count": len(texts)}
    done = _done(array, note, wanted)
    if done < len(texts):
        shape = (len(texts), embedder.dimension)
        mode: Any = "r+" if done else "w+"
        vectors = np.lib.format.open_memmap(array, mode, np.float32, shape)
        bar = tqdm(range(done, len(texts), BATCH), "text vectors", disable=None, leave=False)
        for start in bar:
            batch = texts[start : start + BATCH]
            vectors[start : start + BATCH] = embedder.embed_passages([one.text for one in batch])
            vectors.flush()
            note.write_text(json.dumps({**wanted, "done": start + len(batch)}), encoding="utf-8")
        del vectors
    found: Vectors = np.load(array, mmap_mode="r")
    return found


def _done(array: Path, note: Path, wanted: dict[str, Any]) -> int:
    """How many rows are there already."""
    if not (array.exists() and note.exists()):
        return 0
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        return 0
    done = kept.pop("done", 0) if isinstance(kept, dict) else 0
    return int(done) if kept == wanted else 0


def _digest(texts: Sequence[PassageText]) -> str:
    hasher = sha256()
    for one in texts:
        hasher.update(f"{one.rowid}\0{one.text}\0".encode())
    return hasher.hexdigest()
