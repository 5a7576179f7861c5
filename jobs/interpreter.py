"""The Python that runs a job's workers: this one, or that of an environment of its own (infra/envs)."""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from curate.errors import UsageError
from jobs import build

PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"models": ("diffusers", "torch", "transformers"), "speech": ("torch", "whisperx"), "vllm": ("vllm",)}
)
"""What workers of a kind import beyond the core."""

CORE = "core"
"""The kind of all other workers."""

KIND_LABEL = "retold-kind"
"""The label of a cluster's nodes that says which kind of worker they are for."""


def missing(kind: str | None) -> tuple[str, ...]:
    """The packages of a kind that this Python does not have; none for workers of the core."""
    return tuple(name for name in PACKAGES[kind] if find_spec(name) is None) if kind else ()


def environment(kind: str, folders: Mapping[str, str]) -> Path:
    """The folder of a kind's environment: as the recipe says, or beside that of this Python."""
    return Path(folders[kind]) if kind in folders else Path(sys.prefix).parent / f".venv-{kind}"


def python_of(kind: str, folders: Mapping[str, str]) -> str:
    """The Python of a kind's environment, whether it is there or not."""
    return str(environment(kind, folders).absolute() / "bin" / "python")


def interpreter(kind: str, folders: Mapping[str, str]) -> str:
    """The Python of a kind's environment; UsageError where it is not there, or not one that Ray can work with."""
    folder, python = environment(kind, folders), python_of(kind, folders)
    cure = f"`make {kind}` makes .venv-{kind}; resources.environments.{kind} of the recipe names another"
    if not Path(python).is_file():
        raise UsageError(
            f"there is no environment for workers that need {' and '.join(PACKAGES[kind])}: {folder}; {cure}"
        )
    command = [python, "-c", source(), *PACKAGES[kind]]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  named by whoever runs this
    if asked.returncode:
        raise UsageError(
            f"the environment {folder} does not work: {(asked.stderr.strip() or 'no word').splitlines()[-1]}; {cure}"
        )
    if other := differences(json.loads(asked.stdout), build.build(())):
        raise UsageError(f"the environment {folder} does not fit this one: {other}; {cure}")
    return python


def source() -> str:
    """The program that tells of which build a Python is; its arguments are packages."""
    return Path(build.__file__).read_text("utf-8")


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """What the Python of workers has otherwise than that of the driver, or lacks; empty where they can run in it.

    They are sent objects of the driver's code: another code would fail to read them, or worse, would read them.
    """
    return ", ".join(
        f"{name}: {there.get(name)} there, {here[name]} here" for name in here if there.get(name) != here[name]
    )
