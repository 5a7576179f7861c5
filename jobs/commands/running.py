"""Commands that run jobs: all of a recipe, one of them, or what failed once more."""

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.markup import escape

from curate.errors import RecipeError, UsageError
from curate.fetch.add import Adding
from curate.fetch.columns import NAMES, field_of
from jobs.adding import Added
from jobs.commands.options import (
    EngineOption,
    FollowOption,
    IdleOption,
    JsonOption,
    LakeOption,
    LogOption,
    LookedByOption,
    PollOption,
    RecipeOption,
    SetOption,
    StrictOption,
    apart,
    asked_by,
    finish,
    known_kind,
    looked_by,
    recipe_of,
    show,
    work,
)
from jobs.last_recipe import remember
from jobs.mutations import detection_table, detections_of
from jobs.pilot import Pilot
from jobs.session import Session, job_names, open_session
from jobs.terminal import out

WANTED = {"rate": "rate.raters is empty", "see": "it has no table [see]", "hear": "it has no table [hear]",
          "quiz": "it has no table [quiz]", "witness": "it has no table [witness]",
          "repair": "it has no table [repair]", "embed": "it has no table [embed]"}  # fmt: skip
"""What a recipe without a job lacks."""


def run(  # noqa: PLR0913, PLR0917  one option a field
    inputs: Annotated[
        list[str] | None, typer.Argument(help="files, folders, manifests, URLs, and a recipe.toml")
    ] = None,
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    begin: Annotated[str | None, typer.Option("--from", help="the first job to run, as in scan")] = None,
    until: Annotated[str | None, typer.Option(help="the last job to run, as in score")] = None,
    pilot: Annotated[
        int | None, typer.Option(min=1, help="only so many sources, a uniform sample; then `retold estimate`")
    ] = None,
    log: LogOption = None,
    as_json: JsonOption = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit code 1 if any row failed; no run with a manifest that has wrong rows")
    ] = False,
    follow: FollowOption = False,
    poll: PollOption = "30s",
    idle: IdleOption = None,
) -> None:
    paths, recipe = apart(inputs, recipe)
    chosen = recipe_of(recipe, settings)
    names = between(begin, until, job_names(chosen))
    session = open_session(lake, chosen, engine, show(as_json, log), pilot=Pilot(pilot) if pilot else None)
    paths += chosen.sources
    said = dataclasses.replace(session.adding(), strict=strict)
    if paths:
        _add(session, paths, said, as_json)
    for judged in chosen.evaluation:
        _add(session, judged.sources, dataclasses.replace(said, evaluation=judged.name), as_json)
    if not follow and not session.has_sources():
        raise UsageError(f"there is nothing to run on in {session.lake.uri}: name files, folders, lists or URLs")
    work(session, names, follow, poll, idle)
    finish(session, strict, as_json, asked_by(recipe, settings))


def up_to(last: str | None, names: Sequence[str]) -> Sequence[str]:
    if last is None:
        return names
    return names[: _place(last, names) + 1]


def between(first: str | None, last: str | None, names: Sequence[str]) -> Sequence[str]:
    left = up_to(last, names)
    begins = 0 if first is None else _place(first, names)
    if begins >= len(left):
        raise UsageError(f"no job is left: {first} comes after {last}")
    return left[begins:]


def _place(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise UsageError(f"no job is called {name!r}; the jobs of this recipe are {', '.join(names)}")
    return names.index(name)


def add(  # noqa: PLR0913, PLR0917  one option a field
    inputs: Annotated[list[str], typer.Argument(help="files, folders, manifests, URLs")],
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    licence: Annotated[str | None, typer.Option(help="of all that a manifest names none for")] = None,
    provenance: Annotated[str | None, typer.Option(help="where they come from, in your words")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, as in en or pt-BR")] = None,
    evaluation: Annotated[str | None, typer.Option(help="the evaluation set they are of: never trained on")] = None,
    manifest: Annotated[str | None, typer.Option(help="read them as manifests of this kind, as in csv")] = None,
    column: Annotated[list[str] | None, typer.Option(help="FIELD=COLUMN of a manifest, as in url=link")] = None,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="a manifest's row that cannot be used is an error")] = False,
) -> None:
    session = open_session(lake, recipe_of(recipe, settings), "inline", show(True))
    said = dataclasses.replace(
        session.adding(), licence=licence, provenance=provenance, language=language, evaluation=evaluation,
        manifest=manifest, columns=_columns(column or ()), strict=strict,
    )  # fmt: skip
    _add(session, inputs, said, as_json)


def _columns(options: Sequence[str]) -> dict[str, str]:
    columns = {}
    for option in options:
        name, equals, column = option.partition("=")
        field = field_of(name)
        if not equals or field is None:
            raise UsageError(f"a column is FIELD=COLUMN, FIELD one of {', '.join(('url', *NAMES))}; got {option!r}")
        columns[field] = column
    return columns


def _add(session: Session, inputs: Sequence[str], adding: Adding, as_json: bool) -> None:
    done = session.added = Added()
    if as_json or not out.is_terminal:
        session.add(inputs, adding)
    else:
        with out.status("reading") as status:
            session.add(inputs, adding, lambda now: status.update(f"{now.seen} sources, {now.rate_hz:.0f}/s"))
    if as_json:
        line = {"seen": done.seen, "added": done.added, "skipped": dict(done.skipped), "examples": done.examples}
        sys.stdout.write(json.dumps(line) + "\n")
        return
    of = f" of {escape(adding.evaluation)}, to judge by" if adding.evaluation else ""
    again = f", {done.seen - done.added} named before" if done.seen > done.added else ""
    out.print(f"{done.added} new source(s){of}{again}")
    for reason, rows in done.skipped.most_common():
        out.print(f"  left out: {rows} ({escape(reason)}), as {escape('; '.join(done.examples[reason]))}")


def one_job(name: str) -> Callable[..., None]:
    """The command that runs one job."""

    def command(  # noqa: PLR0913, PLR0917  one option a field
        lake: LakeOption = "lake",
        recipe: RecipeOption = None,
        settings: SetOption = None,
        engine: EngineOption = "ray",
        log: LogOption = None,
        as_json: JsonOption = False,
        strict: StrictOption = False,
        follow: FollowOption = False,
        poll: PollOption = "30s",
        idle: IdleOption = None,
    ) -> None:
        chosen = recipe_of(recipe, settings)
        if name not in job_names(chosen):
            raise RecipeError(f"there is nothing to {name}: the recipe asks for none of it; {WANTED[name]}")
        session = open_session(lake, chosen, engine, show(as_json, log))
        work(session, [name], follow, poll, idle)
        finish(session, strict, as_json, asked_by(recipe, settings))

    return command


def check(  # noqa: PLR0913, PLR0917  one option a field
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    log: LogOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
    mutations: Annotated[
        bool, typer.Option("--mutations", help="also break captions, and say what is noticed")
    ] = False,
    follow: FollowOption = False,
    poll: PollOption = "30s",
    idle: IdleOption = None,
) -> None:
    session = open_session(lake, recipe_of(recipe, settings), engine, show(as_json, log))
    work(session, ["check"], follow, poll, idle)
    if mutations:
        detections = detections_of(session.snapshot, session.recipe)
        if as_json:
            sys.stdout.write(json.dumps(dataclasses.asdict(detections)) + "\n")
        else:
            out.print(detection_table(detections))
    finish(session, strict, as_json, asked_by(recipe, settings))


def retry(
    kind: Annotated[list[str], typer.Option(help="failure kinds to work on again")],
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    log: LogOption = None,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    for one in kind:
        known_kind(one)
    chosen = looked_by(lake, recipe, settings)
    session = open_session(lake, chosen, engine, show(as_json, log), retry=kind)
    remember(session.lake, chosen)
    session.run(job_names(chosen))
    finish(session, strict, as_json, asked_by(recipe, settings))
