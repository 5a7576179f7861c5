"""The identity of weights: what is read of a model's folder, hashed."""

import hashlib
from pathlib import Path

from curate.errors import RecipeError

READ = (".json", ".jinja", ".model", ".safetensors", ".txt")


def sha256(path: Path, *, every_file: bool = False) -> str:
    """Of a file; of a folder that of the names and hashes of the files in it that a model is made of, in order.

    every_file: of a folder whose files are named otherwise, of all that is in it, at any depth.
    """
    if path.is_file():
        with path.open("rb") as body:
            return hashlib.file_digest(body, "sha256").hexdigest()
    there = path.rglob("*") if every_file else (one for one in path.iterdir() if one.suffix in READ)
    names = sorted(one.relative_to(path).as_posix() for one in there if one.is_file())
    listed = "".join(f"{name} {sha256(path / name)}\n" for name in names)
    return hashlib.sha256(listed.encode()).hexdigest()


def checked(path: str, expected: str | None, key: str, *, every_file: bool = False) -> Path:
    """The path, if its hash is `expected`; RecipeError names the key of the recipe and the hash that it has."""
    found = Path(path)
    if not found.exists():
        raise RecipeError(f"{key}: {path} is not here; no weights are downloaded, put them there")
    actual = sha256(found, every_file=every_file)
    if actual != expected:
        raise RecipeError(f"{key}: the sha256 of {path} is {actual}, not {expected!r}")
    return found
