"""What is installed in the Python that runs this; also as a worker of Ray."""

import importlib
import importlib.metadata
import json
import sys
from collections.abc import Callable


def versions() -> dict[str, str]:
    """The version of each package; the build of torch (+cpu, +cu130) left out."""
    return {one.name.lower(): one.version.split("+")[0] for one in importlib.metadata.distributions()}


def worker() -> Callable[[list[str]], tuple[str, dict[str, str]]]:
    """Imports the modules of a unit, and answers with its Python and what is installed there."""

    def answer(modules: list[str]) -> tuple[str, dict[str, str]]:
        for module in modules:
            importlib.import_module(module)
        return sys.prefix, versions()

    return answer


if __name__ == "__main__":
    print(json.dumps(versions()))  # noqa: T201
