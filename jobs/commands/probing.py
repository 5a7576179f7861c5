"""The command that probes captioners."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from curate.errors import UsageError
from curate.film import FilmSpec, load_truth, make_film, truth_path
from curate.film.perturb import PERTURBATIONS
from jobs.commands.options import JsonOption, SetOption, recipe_of
from jobs.probe import Probed, Report, copies
from jobs.probe import probe as run_probe
from jobs.show import LiveTable
from jobs.terminal import err, out

FALSE_SHOWN = 5


def probe(  # noqa: PLR0913, PLR0917  one option a field
    recipe: Annotated[
        list[Path] | None, typer.Option(help="a TOML file; several are compared; none: the embedded captioner")
    ] = None,
    settings: SetOption = None,
    film: Annotated[Path | None, typer.Option(help="a film of `retold film`, with its truth beside it")] = None,
    seconds: Annotated[float, typer.Option(help="length of the film that is made where none is given")] = 16.0,
    seed: Annotated[int, typer.Option(help="of the film, and of what is drawn by lot")] = 2,
    only: Annotated[list[str] | None, typer.Option(help=f"of {', '.join(PERTURBATIONS)}; none: all")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="a folder for the films and the lake, which are thrown away")
    ] = None,
    engine: Annotated[str, typer.Option(help="inline: in this process; ray: models with an environment")] = "inline",
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="exit code 1 if a perturbation was not noticed")] = False,
) -> None:
    recipes = [(str(path), recipe_of(path, settings)) for path in recipe or ()] or [
        ("embedded", recipe_of(None, settings))
    ]
    with _folder(keep) as folder:
        path = film or folder / "film.mp4"
        if film is None:
            make_film(path, FilmSpec(seed=seed, seconds=seconds, width=320, height=180))
        elif not truth_path(film).is_file():
            raise UsageError(f"{film} has no truth beside it, {truth_path(film)}: make one with `retold film {film}`")
        err.print(f"making {len(only or PERTURBATIONS)} copies of {path}", highlight=False, markup=False)
        copied = copies(path, load_truth(truth_path(path)), only or list(PERTURBATIONS), folder, seed)
        lake = str(folder / "lake")
        reports = [
            run_probe(name, one, path, copied, lake=lake, engine=engine, show=LiveTable(err)) for name, one in recipes
        ]
    if as_json:
        for report in reports:
            sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False) + "\n")
    else:
        tell(reports)
    if strict and any(one.missed or one.strayed for report in reports for one in report.probed):
        raise typer.Exit(1)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="retold-probe-") as made:
        yield Path(made)


def tell(reports: list[Report]) -> None:
    out.print(_right(reports))
    out.print()
    out.print(_noticed(reports))
    for report in reports:
        shown = f"; {len(report.false)} are false" if report.false else ", none is false"
        out.print(f"\n[bold]{escape(report.recipe)}[/]: {report.statements} statements about the film{shown}")
        for text in report.false[:FALSE_SHOWN]:
            out.print(f"  {escape(text)}", highlight=False)
        if len(report.false) > FALSE_SHOWN:
            out.print(f"  and {len(report.false) - FALSE_SHOWN} more: --json tells all")
        for one in report.probed:
            _tell(one)


def _tell(one: Probed) -> None:
    if one.missed:
        out.print(f"  [red]{one.name}[/]: not noticed in {', '.join(one.missed)}")
    if one.strayed:
        out.print(f"  [yellow]{one.name}[/]: no longer said, though still true, in {', '.join(one.strayed)}")


def _right(reports: list[Report]) -> Table:
    """A row for each axis: what the captions got right of the film."""
    grid = _grid("the film: questions answered right from the captions alone, of those asked", "axis", reports)
    for axis in dict.fromkeys(one.axis for report in reports for one in report.axes):
        cells = []
        for report in reports:
            found = next((one for one in report.axes if one.axis == axis), None)
            wrong = f", {found.wrong} wrong" if found and found.wrong else ""
            cells.append(f"{found.right}/{found.asked}{wrong}" if found else "")
        grid.add_row(axis, *cells)
    return grid


def _noticed(reports: list[Report]) -> Table:
    """A row for each perturbation: on which axes its captions changed as the truth did."""
    title = "copies: noticed of what is true no more, by axis; kept of what is still true"
    grid = _grid(title, "copy", reports)
    for name in dict.fromkeys(one.name for report in reports for one in report.probed):
        grid.add_row(name, *(_cell(one) for report in reports for one in report.probed if one.name == name))
    return grid


def _cell(one: Probed) -> str:
    parts = [
        f"[red]{each.axis} {each.noticed}/{each.turned}[/]"
        if each.missed
        else f"{each.axis} {each.noticed}/{each.turned}"
        for each in one.changes
        if each.turned
    ]
    kept, stayed = sum(each.kept for each in one.changes), sum(each.stayed for each in one.changes)
    held = f"[yellow]kept {kept}/{stayed}[/]" if one.strayed else f"kept {kept}/{stayed}"
    return f"{', '.join(parts) or 'nothing turned'}; {held}"


def _grid(title: str, first: str, reports: list[Report]) -> Table:
    grid = Table(title=title, box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column(first)
    for report in reports:
        grid.add_column(f"{report.recipe} ({', '.join(report.captioners)})", overflow="fold")
    return grid
