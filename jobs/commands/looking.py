"""Commands that only look at a lake."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from curate.errors import ROW_ERRORS
from curate.report.page import render_report
from curate.storage.lake import open_lake
from jobs import comparison as comparing
from jobs import difference as differing
from jobs import explain as explaining
from jobs import status as standing
from jobs import verdicts as standing_of
from jobs import watching
from jobs.commands.options import JsonOption, LakeOption, LookedByOption, SetOption, known_kind, look, recipe_of
from jobs.environment import one_thread_each, storage_options
from jobs.evict import evicted
from jobs.report import report as fill
from jobs.terminal import out
from jobs.truncation import truncations

EXAMPLES = 3


def status(
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="look again and again, until Ctrl-C")] = False,
    every: Annotated[float, typer.Option(min=0.2, help="seconds between looks of --watch")] = 5.0,
    as_json: JsonOption = False,
) -> None:
    snapshot, chosen = look(lake, recipe, settings)
    if watch:
        watching.watch(snapshot, chosen, every, out, as_json)
        return
    rows = standing.status(snapshot, chosen)
    cut = list(truncations(snapshot))
    if as_json:
        lines = [*(row.as_dict() for row in rows), *(one.as_dict() for one in cut)]
        for line in (*lines, *({"table": table, "evicted": count} for table, count in evicted(snapshot))):
            sys.stdout.write(json.dumps(line) + "\n")
    else:
        out.print(standing.table(rows))
        for one in cut:
            out.print(escape(str(one)), highlight=False)
        for table, count in evicted(snapshot):
            out.print(f"evicted: {count} of {table}; `retold run` makes what its plan needs")


def compare(
    first: Annotated[Path, typer.Argument(help="the recipe of A")],
    second: Annotated[Path, typer.Argument(help="the recipe of B: the same but for its captioner")],
    lake: LakeOption = "lake",
    as_json: JsonOption = False,
) -> None:
    found = comparing.comparison(open_lake(lake, storage_options()), recipe_of(first, None), recipe_of(second, None))
    if as_json:
        for one in found.differences:
            sys.stdout.write(json.dumps({**dataclasses.asdict(one), "better": one.better}) + "\n")
    else:
        out.print(comparing.table(found, str(first), str(second)))


def diff(
    first: Annotated[str, typer.Argument(help="a cut: its name, NAME@HASH, or the first digits of its hash")],
    second: Annotated[str, typer.Argument(help="the cut that is held against it")],
    lake: LakeOption = "lake",
    as_json: JsonOption = False,
) -> None:
    opened = open_lake(lake, storage_options())
    a, b = differing.named(opened, first), differing.named(opened, second)
    found = differing.cuts_apart(opened, a, b)
    if as_json:
        sys.stdout.write(json.dumps(differing.as_dict(found, a, b)) + "\n")
        return
    for grid in differing.difference_tables(found, a, b):
        out.print(grid)


def verdicts(
    lake: LakeOption = "lake", recipe: LookedByOption = None, settings: SetOption = None, as_json: JsonOption = False
) -> None:
    found = standing_of.stand(look(lake, recipe, settings)[0])
    if as_json:
        for line in standing_of.lines(found):
            sys.stdout.write(json.dumps(line) + "\n")
    else:
        for part in standing_of.tables(found):
            out.print(part)


def failures(
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    kind: Annotated[str | None, typer.Option(help="every failure of this kind")] = None,
    as_json: JsonOption = False,
) -> None:
    if kind is not None:
        known_kind(kind)
    snapshot, chosen = look(lake, recipe, settings)
    if as_json:
        for failure in standing.failures(snapshot, chosen, kind):
            sys.stdout.write(json.dumps(failure.as_dict()) + "\n")
    elif kind is not None:
        _print_each(list(standing.failures(snapshot, chosen, kind)), kind)
    else:
        _print_groups(list(standing.failure_groups(snapshot, chosen, EXAMPLES)))


def _print_each(failures: Sequence[standing.Failed], kind: str) -> None:
    for failure in failures:
        _print_failed(failure)
    if not failures:
        out.print(f"nothing failed as {kind}")


def _print_groups(groups: Sequence[standing.FailedGroup]) -> None:
    for group in groups:
        out.print(f"[bold]{group.job}[/]: {group.rows:,} [red]{group.kind}[/] ({escape(ROW_ERRORS[group.kind].cure)})")
        for failure in group.examples:
            _print_failed(failure)
        if group.rows > len(group.examples):
            out.print(f"    and {group.rows - len(group.examples):,} more: --kind {group.kind}")
    if not groups:
        out.print("nothing failed")


def _print_failed(failure: standing.Failed) -> None:
    out.print(f"    {escape(failure.what)}")
    out.print(f"        {escape(failure.detail)}", style="dim")


def explain(
    clip: Annotated[str, typer.Argument(help="a clip id, or the beginning of one; also a media id, a path or a URL")],
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
) -> None:
    explaining.show(look(lake, recipe, settings)[0], clip, out)


def report(
    to: Annotated[Path, typer.Option("--to", help="the HTML file to write")] = Path("report.html"),
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    clips: Annotated[int, typer.Option(help="how many clips are shown in full")] = 200,
    title: Annotated[
        str | None, typer.Option(help="its headline; without one, the last part of the lake's name")
    ] = None,
) -> None:
    snapshot, chosen = look(lake, recipe, settings)
    one_thread_each()
    to.write_text(
        render_report(fill(snapshot, chosen, title or snapshot.lake.uri.rstrip("/").rsplit("/", 1)[-1], clips)), "utf-8"
    )
    out.print(f"wrote {to} ({to.stat().st_size / 1e6:.1f} MB)", highlight=False)
