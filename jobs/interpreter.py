"""The Python that runs a job's workers: this one, or that of an environment of its own (infra/envs)."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from curate.errors import UsageError

PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"models": ("diffusers", "torch", "transformers"), "speech": ("torch", "whisperx"), "vllm": ("vllm",)}
)
"""What workers of a kind import beyond the core."""

_ASK = """
import importlib.metadata, importlib.util, json, sys
print(json.dumps({
    "python": sys.version_info[:2],
    "ray": importlib.metadata.version("ray"),
    "missing": [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None],
}))
"""


def missing(kind: str | None) -> tuple[str, ...]:
    """The packages of a kind that this Python does not have; none for workers of the core."""
    return tuple(name for name in PACKAGES[kind] if find_spec(name) is None) if kind else ()


def environment(kind: str, folders: Mapping[str, str]) -> Path:
    """The folder of a kind's environment: as the recipe says, or beside that of this Python."""
    return Path(folders[kind]) if kind in folders else Path(sys.prefix).parent / f".venv-{kind}"


def interpreter(kind: str, folders: Mapping[str, str]) -> str:
    """The Python of a kind's environment; UsageError where it is not there, or not one that Ray can work with."""
    folder = environment(kind, folders)
    python = folder.absolute() / "bin" / "python"
    cure = f"`make {kind}` makes .venv-{kind}; resources.environments.{kind} of the recipe names another"
    if not python.is_file():
        raise UsageError(
            f"there is no environment for workers that need {' and '.join(PACKAGES[kind])}: {folder}; {cure}"
        )
    asked = subprocess.run([python, "-c", _ASK, *PACKAGES[kind]], capture_output=True, text=True, check=False)  # noqa: S603  named by whoever runs this
    if asked.returncode:
        raise UsageError(
            f"the environment {folder} does not work: {(asked.stderr.strip() or 'no word').splitlines()[-1]}; {cure}"
        )
    found = json.loads(asked.stdout)
    here = {"python": list(sys.version_info[:2]), "ray": importlib.metadata.version("ray"), "missing": []}
    if found != here:
        raise UsageError(f"the environment {folder} does not fit this one: it has {found}, wanted is {here}; {cure}")
    return str(python)
