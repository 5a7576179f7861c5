"""What several commands share: their options, and how they begin and end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from curate.errors import ROW_ERRORS, UsageError
from curate.storage.lake import open_lake
from jobs.environment import storage_options
from jobs.job import Snapshot
from jobs.recipe import Recipe, build, load
from jobs.road import fingerprints, road
from jobs.session import Session
from jobs.show import JsonLines, LiveTable, Show
from jobs.terminal import Terminal

out, err = Terminal(), Terminal(stderr=True)

LakeOption = Annotated[str, typer.Option("--lake", help="a folder, or s3://bucket/prefix", envvar="RETOLD_LAKE")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", help="a TOML file; without one, the embedded defaults")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE over the recipe, as in split.min_s=2")]
EngineOption = Annotated[str, typer.Option("--engine", help="ray, or inline: in this process, for debugging")]
JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable lines")]
StrictOption = Annotated[bool, typer.Option("--strict", help="exit code 1 if any row failed")]


def recipe_of(path: Path | None, settings: Sequence[str] | None) -> Recipe:
    """The recipe of a command: a file's, or the defaults, with the settings over it."""
    return load(path, settings or ()) if path else build({}, settings or ())


def look(lake: str, path: Path | None, settings: Sequence[str] | None) -> tuple[Snapshot, Recipe]:
    """A lake as it is, for commands that only read."""
    recipe = recipe_of(path, settings)
    return Snapshot(open_lake(lake, storage_options()), fingerprints(road(recipe))), recipe


def show(as_json: bool) -> Show:
    return JsonLines() if as_json else LiveTable(out)


def finish(session: Session, strict: bool, as_json: bool) -> None:
    """Say what a run did; exit 1 under --strict if any input of the recipe stands as failed."""
    failed = sum(progress.standing for progress in session.progress)
    if not as_json:
        blocked = sum(progress.blocked for progress in session.progress)
        if not any(progress.total for progress in session.progress):
            out.print("nothing to do: every row is there" if not blocked else f"nothing to do: {blocked} row(s) wait")
        if failed:
            out.print(f"{failed} row(s) failed: `retold failures --lake {session.lake.uri}` says why")
    if strict and failed:
        raise typer.Exit(1)


def known_kind(kind: str) -> None:
    """UsageError where no failure is of this kind."""
    if kind not in ROW_ERRORS:
        raise UsageError(f"no failure is of kind {kind!r}; the kinds are {', '.join(sorted(ROW_ERRORS))}")
