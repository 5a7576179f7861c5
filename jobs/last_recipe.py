"""The recipe by which jobs of a lake ran last: what is meant where somebody looks at it and names none."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from curate.storage.lake import Lake
from jobs.recipe import Recipe, build, render
from schemas.ledger import RecipeRecord
from schemas.uri import shown_text


def remember(lake: Lake, recipe: Recipe) -> None:
    """Note by which recipe jobs run from now on."""
    told = shown_text(json.dumps(render(replace(recipe, sources=(), evaluation=())), sort_keys=True))
    if told != _last(lake):
        lake.append("recipes", [RecipeRecord(time.time_ns() // 1000, told)])


def last_recipe(lake: Lake, settings: Sequence[str] = ()) -> Recipe:
    """The one that was noted last, with settings over it; the defaults where no job ran yet."""
    return build(json.loads(_last(lake) or "{}"), settings, f"the recipe that {lake.uri} last ran by (or name one)")


def _last(lake: Lake) -> str | None:
    told: str | None = lake.scan("recipes").select(pl.col("recipe").sort_by("began_us").last()).collect().item()
    return told
