"""The command line."""

import dataclasses
import json
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from curate.errors import ROW_ERRORS, EngineError, RecipeError, UsageError
from curate.film import FilmSpec, load_truth, make_film, make_stills, truth_path
from curate.media.sandbox import BrokenStage
from curate.report.page import render_report
from curate.storage.lake import open_lake
from jobs import explain as explaining
from jobs import status as standing
from jobs.environment import one_thread_each, storage_options
from jobs.found import found
from jobs.job import Snapshot
from jobs.mutations import detection_table, detections_of
from jobs.recipe import Recipe, build, load, render, schema
from jobs.report import report as fill
from jobs.road import fingerprints, road
from jobs.session import Session, job_names, open_session
from jobs.show import JsonLines, LiveTable, Show

app = typer.Typer(
    help="Turns raw video and images into paired text-video training data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
recipes = typer.Typer(help="Check, complete and describe recipes.", no_args_is_help=True)
app.add_typer(recipes, name="recipe")

out, err = Console(), Console(stderr=True)

LakeOption = Annotated[str, typer.Option("--lake", help="a folder, or s3://bucket/prefix", envvar="RETOLD_LAKE")]
RecipeOption = Annotated[Path | None, typer.Option("--recipe", help="a TOML file; without one, the embedded defaults")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE over the recipe, as in split.min_s=2")]
EngineOption = Annotated[str, typer.Option("--engine", help="ray, or inline: in this process, for debugging")]
JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable lines")]
StrictOption = Annotated[bool, typer.Option("--strict", help="exit code 1 if any row failed")]


def _recipe(path: Path | None, settings: Sequence[str] | None) -> Recipe:
    return load(path, settings or ()) if path else build({}, settings or ())


def _look(lake: str, path: Path | None, settings: Sequence[str] | None) -> tuple[Snapshot, Recipe]:
    """A lake as it is, for commands that only read."""
    recipe = _recipe(path, settings)
    return Snapshot(open_lake(lake, storage_options()), fingerprints(road(recipe))), recipe


def _show(as_json: bool) -> Show:
    return JsonLines() if as_json else LiveTable(out)


def _finish(session: Session, strict: bool, as_json: bool) -> None:
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


@app.command()
def run(
    inputs: Annotated[list[str] | None, typer.Argument(help="files, folders, lists, URLs, or one recipe.toml")] = None,
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Every job in order, from sources to a training plan. Run it again to go on where it stopped."""
    paths = list(inputs or [])
    if len(paths) == 1 and paths[0].endswith(".toml"):
        if recipe is not None:
            raise RecipeError(f"two recipes: {paths[0]} and {recipe}")
        recipe, paths = Path(paths[0]), []
    chosen = _recipe(recipe, settings)
    session = open_session(lake, chosen, engine, _show(as_json))
    paths += chosen.sources
    if paths:
        _add(session, paths, as_json)
    if not session.has_sources():
        raise UsageError(f"there is nothing to run on in {session.lake.uri}: name files, folders, lists or URLs")
    session.run(job_names(chosen))
    _finish(session, strict, as_json)


@app.command()
def add(
    inputs: Annotated[list[str], typer.Argument(help="files, folders, lists, URLs")], lake: LakeOption = "lake"
) -> None:
    """Add sources to a lake; those that it has already are left alone."""
    session = open_session(lake, Recipe(), "inline", _show(True))
    _add(session, inputs, False)


def _add(session: Session, inputs: Sequence[str], as_json: bool) -> None:
    added = session.add(inputs)
    if as_json:
        sys.stdout.write(json.dumps({"added": added, "skipped": dict(session.skipped)}) + "\n")
        return
    out.print(f"{added} new source(s)")
    for reason, files in session.skipped.most_common():
        out.print(f"  left out: {files} ({escape(reason)})")


def _one_job(name: str, text: str) -> None:
    def command(
        lake: LakeOption = "lake",
        recipe: RecipeOption = None,
        settings: SetOption = None,
        engine: EngineOption = "ray",
        as_json: JsonOption = False,
        strict: StrictOption = False,
    ) -> None:
        session = open_session(lake, _recipe(recipe, settings), engine, _show(as_json))
        session.run([name])
        _finish(session, strict, as_json)

    app.command(name, help=text)(command)


for _name, _text in {
    "fetch": "Bring the sources into shards, byte for byte.",
    "scan": "Decode each media once, and keep what later decisions need.",
    "split": "Find the shots.",
    "score": "Measure the clips.",
    "listen": "Find words, sounds and music, in time.",
    "read": "Find the text on screen, in time.",
    "caption": "Retell the clips.",
    "encode": "Encode the clips.",
    "pick": "Choose the clips of a cut, with a reason for each drop.",
    "plan": "Lay down the order of training.",
}.items():
    _one_job(_name, _text)


@app.command()
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
    session = open_session(lake, _recipe(recipe, settings), engine, _show(as_json))
    session.run(["check"])
    if mutations:
        detections = detections_of(session.snapshot, session.recipe)
        if as_json:
            sys.stdout.write(json.dumps(dataclasses.asdict(detections)) + "\n")
        else:
            out.print(detection_table(detections))
    _finish(session, strict, as_json)


@app.command()
def status(
    lake: LakeOption = "lake", recipe: RecipeOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> None:
    """What is there, what is still to do, what failed."""
    snapshot, chosen = _look(lake, recipe, settings)
    rows = standing.status(snapshot, chosen)
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(row.as_dict()) + "\n")
    else:
        out.print(standing.table(rows))


@app.command()
def failures(
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    kind: Annotated[str | None, typer.Option(help="only of this kind")] = None,
    as_json: JsonOption = False,
) -> None:
    """What failed, and why."""
    if kind is not None:
        _known_kind(kind)
    snapshot, chosen = _look(lake, recipe, settings)
    for failure in standing.failures(snapshot, chosen, kind):
        if as_json:
            sys.stdout.write(json.dumps(failure.as_dict()) + "\n")
        else:
            out.print(f"[bold]{failure.job}[/] {escape(failure.what)}")
            out.print(f"    [red]{failure.kind}[/]: {escape(failure.detail)}")


def _known_kind(kind: str) -> None:
    if kind not in ROW_ERRORS:
        raise UsageError(f"no failure is of kind {kind!r}; the kinds are {', '.join(sorted(ROW_ERRORS))}")


@app.command()
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
        _known_kind(one)
    chosen = _recipe(recipe, settings)
    session = open_session(lake, chosen, engine, _show(as_json), retry=kind)
    session.run(job_names(chosen))
    _finish(session, strict, as_json)


@app.command()
def explain(
    clip: Annotated[str, typer.Argument(help="a clip id, or the beginning of one; also a media id, a path or a URL")],
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
) -> None:
    """All that is known of a clip, and why it is in the cut or not."""
    explaining.show(_look(lake, recipe, settings)[0], clip, out)


@app.command()
def report(
    to: Annotated[Path, typer.Option("--to", help="the HTML file to write")] = Path("report.html"),
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    clips: Annotated[int, typer.Option(help="how many clips are shown in full")] = 200,
    title: str = "Retold",
) -> None:
    """One HTML file that shows the corpus: figures, reasons, and clips with all that is known of them."""
    snapshot, chosen = _look(lake, recipe, settings)
    one_thread_each()
    to.write_text(render_report(fill(snapshot, chosen, title, clips)), "utf-8")
    out.print(f"wrote {to} ({to.stat().st_size / 1e6:.1f} MB)", highlight=False)


@app.command()
def film(  # noqa: PLR0913, PLR0917  one option a field
    to: Annotated[Path, typer.Argument(help="the film to write, .mp4; its truth goes beside it")],
    seed: int = 0,
    seconds: float = 60.0,
    width: int = 640,
    height: int = 360,
    fps: float = 25.0,
    vfr: Annotated[bool, typer.Option(help="frames of unequal length")] = False,
    rotation: Annotated[int, typer.Option(help="0, 90, 180 or 270 degrees, clockwise")] = 0,
    flashes: Annotated[bool, typer.Option(help="white frames that are no cut")] = False,
    stills: Annotated[int, typer.Option(help="make so many pictures in the folder TO instead of a film")] = 0,
) -> None:
    """Make a film of which everything is known: the yardstick of splitters, listeners, captioners and checks."""
    if rotation not in (0, 90, 180, 270):
        raise UsageError(f"--rotation is 0, 90, 180 or 270, not {rotation}")
    spec = FilmSpec(seed, seconds, width, height, fps, vfr, rotation, flashes)  # type: ignore[arg-type]
    if stills:
        made = make_stills(to, spec, stills)
        out.print(f"wrote {len(made)} stills and their truth to {to}", highlight=False)
        return
    made_film = make_film(to, spec)
    out.print(
        f"wrote {to} ({seconds:g} s, {len(made_film.shots)} shots) and its truth, {truth_path(to)}", highlight=False
    )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where everything goes")] = Path("demo"),
    seed: int = 0,
    seconds: float = 40.0,
    engine: EngineOption = "ray",
) -> None:
    """Make a film with known truth, run every job on it, say what was found, and write a report with pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    film(folder / "film.mp4", seed=seed, seconds=seconds)
    lake = str(folder / "lake")
    run([str(folder / "film.mp4")], lake=lake, engine=engine)
    snapshot, recipe = _look(lake, None, None)
    out.print()
    out.print(found(snapshot, recipe, load_truth(truth_path(folder / "film.mp4"))))
    report(folder / "report.html", lake=lake, title="Retold: a film with known truth")


@recipes.command("check")
def recipe_check(path: Path, settings: SetOption = None) -> None:
    """Say whether a recipe is right, and if not, what is wrong with it."""
    load(path, settings or ())
    out.print(f"{path} is right")


@recipes.command("render")
def recipe_render(path: Annotated[Path | None, typer.Argument()] = None, settings: SetOption = None) -> None:
    """Print the whole recipe, with every default filled in, as JSON."""
    sys.stdout.write(json.dumps(render(_recipe(path, settings)), indent=2) + "\n")


@recipes.command("schema")
def recipe_schema() -> None:
    """Print the JSON schema of recipes, for editors."""
    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; a usage error is a sentence, an interrupt says how to go on."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        app(args=arguments, prog_name="retold")
    except UsageError as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        sys.exit(2)
    except (EngineError, BrokenStage) as error:
        err.print(f"[red]error:[/] {escape(str(error))}\nwhat was done is committed; run again to go on")
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except SystemExit as done:
        if done.code == 128 + signal.SIGINT:
            again = escape(shlex.join(["retold", *arguments]))
            err.print(f"\ninterrupted; what was done is committed. Go on with: [bold]{again}[/]")
        raise
