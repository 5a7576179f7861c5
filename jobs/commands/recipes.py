"""Commands on recipes: check, complete and describe them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.adding import not_there
from jobs.commands.options import SetOption, recipe_of
from jobs.recipe import load, render, schema
from jobs.terminal import out
from jobs.toml import refused


def check(path: Path, settings: SetOption = None) -> None:
    recipe = load(path, settings or ())
    if wrong := list(not_there(recipe)):
        raise refused(str(path), wrong)
    _ = recipe.budget and recipe.budget.sheet  # RecipeError where its file is none
    out.print(f"{path} is right")


def rendered(path: Annotated[Path | None, typer.Argument()] = None, settings: SetOption = None) -> None:
    sys.stdout.write(json.dumps(render(recipe_of(path, settings)), indent=2) + "\n")


def described() -> None:
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
