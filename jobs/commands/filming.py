"""Commands that make films of which everything is known."""

from pathlib import Path
from typing import Annotated

import typer

from curate.errors import UsageError
from curate.film import FilmSpec, load_truth, make_film, make_stills, truth_path
from jobs.commands.looking import report
from jobs.commands.options import EngineOption, look
from jobs.commands.running import run
from jobs.found import found
from jobs.terminal import out


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


def demo(
    folder: Annotated[Path, typer.Argument(help="where everything goes")] = Path("demo"),
    seed: int = 0,
    seconds: float = 40.0,
    engine: EngineOption = "ray",
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    film(folder / "film.mp4", seed=seed, seconds=seconds)
    lake = str(folder / "lake")
    run([str(folder / "film.mp4")], lake=lake, engine=engine)
    snapshot, recipe = look(lake, None, None)
    out.print()
    out.print(found(snapshot, recipe, load_truth(truth_path(folder / "film.mp4"))))
    report(folder / "report.html", lake=lake, title="Retold: a film with known truth")
