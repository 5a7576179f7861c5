"""What several commands share: their options, and how they begin and end."""

import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from curate.errors import ROW_ERRORS, RecipeError, UsageError, meant
from curate.storage.lake import open_lake
from jobs.environment import storage_options
from jobs.follow import Pace, follow, seconds
from jobs.job import Snapshot
from jobs.last_recipe import last_recipe, remember
from jobs.log import Log
from jobs.recipe import Recipe, build, load
from jobs.road import road, snapshot_of
from jobs.session import Session
from jobs.show import JsonLines, LiveTable, Several, Show
from jobs.status import last_fingerprints
from jobs.terminal import err, out

ISOLATION = 'media.isolation = "required" refuses such machines'

LakeOption = Annotated[str, typer.Option("--lake", help="a folder, or s3://bucket/prefix", envvar="RETOLD_LAKE")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", help="a TOML file; without one, the embedded defaults")]
LookedByOption = Annotated[
    Path | None, typer.Option("--recipe", help="a TOML file; without one, the recipe by which jobs ran last")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="KEY=VALUE over the recipe, as in split.min_us=500_000")
]
EngineOption = Annotated[str, typer.Option("--engine", help="ray, or inline: in this process, for debugging")]
JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable lines")]
LogOption = Annotated[
    str | None, typer.Option("--log", help="JSON lines of jobs, units and failed rows, added to a file; -: to stderr")
]
FollowOption = Annotated[
    bool, typer.Option("--follow", help="go on when other jobs have written new rows, until interrupted")
]
PollOption = Annotated[str, typer.Option("--poll", help="with --follow: how often to look for them, as in 30s")]
IdleOption = Annotated[
    str | None, typer.Option("--idle", help="with --follow: end when nothing has come for so long, as in 10m")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="exit code 1 if any row failed")]


def recipe_of(path: Path | None, settings: Sequence[str] | None) -> Recipe:
    """The recipe of a command: a file's, or the defaults, with the settings over it."""
    return load(path, settings or ()) if path else build({}, settings or ())


def looked_by(lake: str, path: Path | None, settings: Sequence[str] | None) -> Recipe:
    """The recipe of a command over what is there: a file's, or that by which jobs ran last, with the settings."""
    return load(path, settings or ()) if path else last_recipe(open_lake(lake, storage_options()), settings or ())


def apart(inputs: Sequence[str] | None, recipe: Path | None) -> tuple[list[str], Path | None]:
    """The sources and the recipe of a command that takes both as arguments; RecipeError where there are two recipes."""
    recipes = [*([recipe] if recipe else ()), *(Path(one) for one in inputs or () if one.endswith(".toml"))]
    if len(recipes) > 1:
        raise RecipeError(f"two recipes: {recipes[0]} and {recipes[1]}")
    return [one for one in inputs or () if not one.endswith(".toml")], next(iter(recipes), None)


def look(lake: str, path: Path | None, settings: Sequence[str] | None) -> tuple[Snapshot, Recipe]:
    """A lake as it is, for commands that only read; says so where the jobs last run were of another recipe."""
    recipe = looked_by(lake, path, settings)
    jobs = road(recipe)
    snapshot = snapshot_of(open_lake(lake, storage_options()), jobs)
    last = last_fingerprints(snapshot.lake)
    others = dict.fromkeys(job.name for job in jobs if last.get(job.label, job.fingerprint) != job.fingerprint)
    if others:
        cure = "add its --set" if path else "name it with --recipe or --set"
        cure += " to see its rows, or `retold run` makes those of this one"
        err.print(f"note: {', '.join(others)} last ran by another recipe or version; {cure}", style="yellow")
    return snapshot, recipe


def show(as_json: bool, log: str | None = None) -> Show:
    """How a run is shown; with a log, also to machines."""
    shown: Show = JsonLines() if as_json else LiveTable(out)
    return Several(shown, Log(log)) if log else shown


def asked_by(path: Path | None, settings: Sequence[str] | None) -> list[str]:
    """The options that name a recipe again: another one asks for other rows, and so knows of other failures."""
    return [*(("--recipe", str(path)) if path else ()), *(part for one in settings or () for part in ("--set", one))]


def work(session: Session, names: Sequence[str], follows: bool, poll: str, idle: str | None) -> None:
    """Run jobs, once, or as those who follow others."""
    remember(session.lake, session.recipe)
    if follows:
        follow(session, names, Pace(seconds(poll, "--poll"), math.inf if idle is None else seconds(idle, "--idle")))
    elif idle is not None:
        raise UsageError("--idle says when a run ends that follows others: say --follow too")
    else:
        session.run(names)


def finish(session: Session, strict: bool, as_json: bool, recipe: Sequence[str]) -> None:
    """Say what a run did; exit 1 under --strict if any input of the recipe stands as failed."""
    failed = sum(progress.standing for progress in session.progress)
    if lacks := sorted(set[str]().union(*(progress.unheld for progress in session.progress))):
        err.print(f"note: media were opened on a machine without {' and '.join(lacks)}; {ISOLATION}", style="yellow")
    if not as_json:
        blocked = sum(progress.blocked for progress in session.progress)
        if not any(progress.total for progress in session.progress):
            rest = f"{blocked} row(s) wait" if blocked else "every row is there" + (", or failed" if failed else "")
            out.print(f"nothing to do: {rest}")
        if failed:
            again = shlex.join(["retold", "failures", "--lake", session.lake.uri, *recipe])
            out.print(f"{failed} row(s) failed: `{escape(again)}` says why")
    if strict and failed:
        raise typer.Exit(1)


def known_kind(kind: str) -> None:
    """UsageError where no failure is of this kind."""
    if kind not in ROW_ERRORS:
        raise UsageError(f"no failure is of kind {kind!r}; {meant(kind, sorted(ROW_ERRORS))}")
