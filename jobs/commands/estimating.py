"""`retold estimate`: what a recipe would cost."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from curate.errors import UsageError
from jobs.commands.options import JsonOption, LakeOption, LookedByOption, SetOption, look
from jobs.estimate import Estimate, Figure
from jobs.estimate import estimate as foretell
from jobs.prices import load_prices
from jobs.show import hours
from jobs.tally import Whole
from jobs.terminal import out

_SIZES = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def estimate(
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    sources: Annotated[
        int | None, typer.Option("--for", min=1, help="so many sources of this kind; without, all that the lake lists")
    ] = None,
    size_bytes: Annotated[
        float | None, typer.Option("--for-bytes", min=1, help="sources of so many bytes, as in 2e12")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="a sheet of prices, as infra/prices/example.toml")] = None,
    as_json: JsonOption = False,
) -> None:
    if sources is not None and size_bytes is not None:
        raise UsageError("--for and --for-bytes: one of the two")
    sheet = load_prices(prices) if prices else None
    snapshot, chosen = look(lake, recipe, settings)
    found = foretell(snapshot, chosen, Whole(sources, size_bytes), sheet)
    if as_json:
        for figure in found.figures:
            sys.stdout.write(json.dumps({"figure": figure.name, **_plain(figure)}) + "\n")
        for note in found.notes:
            sys.stdout.write(json.dumps({"note": note}) + "\n")
        return
    out.print(_table(found, sheet.currency if sheet else ""))
    for note in found.notes:
        out.print(escape(note), highlight=False)


def _plain(figure: Figure) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(figure).items() if name != "name"}


def _table(found: Estimate, currency: str) -> Table:
    title = f"{found.whole:,.0f} sources, by {found.sources:,} of them, with intervals of 95 %"
    grid = Table(title=title, box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column("")
    for name in ("value", "low", "high"):
        grid.add_column(name, justify="right")
    grid.add_column("by", style="dim")
    before = None
    for figure in found.figures:
        if before not in {None, figure.unit}:
            grid.add_row()
        before = figure.unit
        shown = ("" if value is None else _amount(figure, value) for value in (figure.value, figure.low, figure.high))
        name = f"{figure.name} ({currency})" if figure.unit == "money" and currency else figure.name
        grid.add_row(name, *shown, figure.basis)
    return grid


def _amount(figure: Figure, value: float) -> str:
    if figure.unit == "bytes":
        for unit, size in _SIZES:
            if value >= size:
                return f"{value / size:,.1f} {unit}"
    if figure.unit == "hours":
        return hours(value)
    return f"{value:,.2f}" if figure.unit == "money" else f"{value:,.0f}"
