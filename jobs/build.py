"""Which build a Python is of: its versions, its code, what it lacks.

Asked of Pythons whose code may be another, so it is run there as text and imports nothing of ours.
"""

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("schemas", "curate", "captioners", "jobs")


def build(packages: Sequence[str]) -> dict[str, str]:
    """The build of this Python; packages that cannot be found are `missing`."""
    missing = [name for name in (*ROOMS, *packages) if find_spec(name) is None]
    return {
        "python": ".".join(map(str, sys.version_info[:2])),
        "ray": _version("ray"),
        "retold": f"{_version('retold')} (code {_code()})",
        "missing": ", ".join(missing) or "nothing",
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _code() -> str:
    """A hash of every module of the house, wherever it lies."""
    code = hashlib.sha256()
    for room in ROOMS:
        found = find_spec(room)
        for folder in map(Path, (found and found.submodule_search_locations) or ()):
            for file in sorted(folder.rglob("*.py")):
                code.update(f"{room}/{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return code.hexdigest()[:12]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build(sys.argv[1:])))
