"""The identity of weights: what is read of a model's folder, hashed."""

import hashlib
from pathlib import Path

from curate.errors import RecipeError

READ = (".json", ".jinja", ".model", ".safetensors", ".txt")


def sha256(path: Path) -> str:
    """Of a file; of a folder that of the names and hashes of the files in it that a model is made of, in order."""
    if path.is_file():
        with path.open("rb") as body:
            return hashlib.file_digest(body, "sha256").hexdigest()
    files = sorted(one for one in path.iterdir() if one.is_file() and one.suffix in READ)
    listed = "".join(f"{one.name} {sha256(one)}\n" for one in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def checked(path: str, expected: str | None, key: str) -> Path:
    """The path, if its hash is `expected`; RecipeError names the key of the recipe and the hash that it has."""
    found = Path(path)
    if not found.exists():
        raise RecipeError(f"{key}: {path} is not here; no weights are downloaded, put them there")
    actual = sha256(found)
    if actual != expected:
        raise RecipeError(f"{key}: the sha256 of {path} is {actual}, not {expected!r}")
    return found
