"""Commands on recipes: check, complete and describe them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.options import SetOption, out, recipe_of
from jobs.recipe import load, render, schema


def check(path: Path, settings: SetOption = None) -> None:
    """Say whether a recipe is right, and if not, what is wrong with it."""
    load(path, settings or ())
    out.print(f"{path} is right")


def rendered(path: Annotated[Path | None, typer.Argument()] = None, settings: SetOption = None) -> None:
    """Print the whole recipe, with every default filled in, as JSON."""
    sys.stdout.write(json.dumps(render(recipe_of(path, settings)), indent=2) + "\n")


def described() -> None:
    """Print the JSON schema of recipes, for editors."""
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
