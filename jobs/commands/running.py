"""Commands that run jobs: all of a recipe, one of them, or what failed once more."""

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from curate.errors import RecipeError, UsageError
from jobs.commands.options import (
    EngineOption,
    JsonOption,
    LakeOption,
    RecipeOption,
    SetOption,
    StrictOption,
    finish,
    known_kind,
    out,
    recipe_of,
    show,
)  # fmt: skip
from jobs.mutations import detection_table, detections_of
from jobs.recipe import Recipe
from jobs.session import Session, job_names, open_session

JOBS = {
    "fetch": "Bring the sources into shards, byte for byte.",
    "scan": "Decode each media once, and keep what later decisions need.",
    "subtitle": "Read the subtitles that came with the media.",
    "split": "Find the shots.",
    "score": "Measure the clips.",
    "listen": "Find words, sounds and music, in time.",
    "read": "Find the text on screen, in time.",
    "caption": "Retell the clips.",
    "encode": "Encode the clips.",
    "pick": "Choose the clips of a cut, with a reason for each drop.",
    "plan": "Lay down the order of training.",
}
"""Jobs whose command has nothing of its own, and what it says of itself."""


def run(
    inputs: Annotated[list[str] | None, typer.Argument(help="files, folders, lists, URLs, or one recipe.toml")] = None,
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    until: Annotated[str | None, typer.Option(help="the last job to run, as in score")] = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Every job in order, from sources to a training plan. Run it again to go on where it stopped."""
    paths = list(inputs or [])
    if len(paths) == 1 and paths[0].endswith(".toml"):
        if recipe is not None:
            raise RecipeError(f"two recipes: {paths[0]} and {recipe}")
        recipe, paths = Path(paths[0]), []
    chosen = recipe_of(recipe, settings)
    names = _up_to(until, job_names(chosen))
    session = open_session(lake, chosen, engine, show(as_json))
    paths += chosen.sources
    if paths:
        _add(session, paths, as_json)
    if not session.has_sources():
        raise UsageError(f"there is nothing to run on in {session.lake.uri}: name files, folders, lists or URLs")
    session.run(names)
    finish(session, strict, as_json)


def _up_to(last: str | None, names: Sequence[str]) -> Sequence[str]:
    if last is None:
        return names
    if last not in names:
        raise UsageError(f"no job is called {last!r}; the jobs of this recipe are {', '.join(names)}")
    return names[: names.index(last) + 1]


def add(
    inputs: Annotated[list[str], typer.Argument(help="files, folders, lists, URLs")], lake: LakeOption = "lake"
) -> None:
    """Add sources to a lake; those that it has already are left alone."""
    session = open_session(lake, Recipe(), "inline", show(True))
    _add(session, inputs, False)


def _add(session: Session, inputs: Sequence[str], as_json: bool) -> None:
    added = session.add(inputs)
    if as_json:
        sys.stdout.write(json.dumps({"added": added, "skipped": dict(session.skipped)}) + "\n")
        return
    out.print(f"{added} new source(s)")
    for reason, files in session.skipped.most_common():
        out.print(f"  left out: {files} ({escape(reason)})")


def one_job(name: str) -> Callable[..., None]:
    """The command that runs one job."""

    def command(
        lake: LakeOption = "lake",
        recipe: RecipeOption = None,
        settings: SetOption = None,
        engine: EngineOption = "ray",
        as_json: JsonOption = False,
        strict: StrictOption = False,
    ) -> None:
        session = open_session(lake, recipe_of(recipe, settings), engine, show(as_json))
        session.run([name])
        finish(session, strict, as_json)

    return command


def check(
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
    strict: StrictOption = False,
    mutations: Annotated[
        bool, typer.Option("--mutations", help="also break captions, and say what is noticed")
    ] = False,
) -> None:
    """Test the captions: what can be answered from the text alone."""
    session = open_session(lake, recipe_of(recipe, settings), engine, show(as_json))
    session.run(["check"])
    if mutations:
        detections = detections_of(session.snapshot, session.recipe)
        if as_json:
            sys.stdout.write(json.dumps(dataclasses.asdict(detections)) + "\n")
        else:
            out.print(detection_table(detections))
    finish(session, strict, as_json)


def retry(
    kind: Annotated[list[str], typer.Option(help="failure kinds to work on again")],
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Work again on what failed for these kinds of reasons, and on all that waited for it."""
    for one in kind:
        known_kind(one)
    chosen = recipe_of(recipe, settings)
    session = open_session(lake, chosen, engine, show(as_json), retry=kind)
    session.run(job_names(chosen))
    finish(session, strict, as_json)
