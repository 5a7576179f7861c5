"""Commands that look after a lake: audit it, give space back, take sources down."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from curate.care.finding import CURES, Damage, Orphan
from curate.errors import UsageError
from curate.storage.lake import Lake, open_lake
from jobs.commands.database import DatabaseOption, queue_there
from jobs.commands.options import EngineOption, JsonOption, LakeOption, show
from jobs.environment import storage_options
from jobs.fsck import Findings, Pool
from jobs.fsck import fsck as audit
from jobs.fsck import repair as mend
from jobs.queue import forget
from jobs.session import open_engine
from jobs.takedown import Taken, named, preview
from jobs.takedown import takedown as take
from jobs.terminal import out
from jobs.vacuum import hours
from jobs.vacuum import vacuum as sweep
from schemas.tables import TABLES

DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would be removed, and remove nothing")]

SHOWN = 50
"""Damages that are printed one by one; `--json` prints all."""


def fsck(
    lake: LakeOption = "lake",
    fast: Annotated[bool, typer.Option("--fast", help="see that everything is there, without reading it")] = False,
    table: Annotated[list[str] | None, typer.Option(help="only this table and its shards")] = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="forget rows whose bytes are lost: the next run makes them again"),
    ] = False,
    workers: Annotated[int | None, typer.Option(help="as many as the engine has room for")] = None,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
) -> None:
    if strange := set(table or ()) - set(TABLES):
        raise UsageError(f"no table is called {min(strange)!r}; the tables are {', '.join(TABLES)}")
    opened = open_lake(lake, storage_options())
    watching = show(as_json)
    with watching:
        found = audit(
            opened, table or list(TABLES), None if fast else Pool(open_engine(engine), workers), watching.watch
        )
    _tell(found, as_json, opened)
    if repair and found.damages:
        rows = mend(opened, found.damages)
        _line({"forgotten": dict(rows)}, f"forgotten: {_counts(rows)}; `retold run` makes them again", as_json)
    if found.damages:
        raise typer.Exit(1)


def vacuum(
    lake: LakeOption = "lake",
    older_than: Annotated[str, typer.Option(help="24h, 7d: a running job needs what is younger")] = "24h",
    dry_run: DryRun = False,
    force: Annotated[bool, typer.Option("--force", help="also below an hour: no job may be running")] = False,
    as_json: JsonOption = False,
) -> None:
    swept = sweep(open_lake(lake, storage_options()), hours(older_than, force), dry_run)
    if as_json:
        for one in swept.removed:
            sys.stdout.write(json.dumps({"removed": not dry_run, **dataclasses.asdict(one)}) + "\n")
        return
    out.print(f"{'would remove' if dry_run else 'removed'}: {_sizes(swept.removed)}")
    if swept.young:
        out.print(f"younger than {older_than}, left alone: {_sizes(swept.young)}")


def takedown(
    sources: Annotated[list[str] | None, typer.Argument(help="URIs or paths as they were added, or source ids")] = None,
    listed: Annotated[Path | None, typer.Option("--list", help="a file with one of them a line")] = None,
    lake: LakeOption = "lake",
    database: DatabaseOption = None,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    names = [*(sources or ()), *(line.strip() for line in _lines(listed) if line.strip())]
    if not names:
        raise UsageError("name the sources to take down: URIs or source ids, or --list FILE")
    opened = open_lake(lake, storage_options())
    ids = named(opened, names)
    before = preview(opened, ids)
    if dry_run or not yes:
        _taken(before, "would remove", as_json)
    if dry_run:
        return
    if not yes and not (sys.stdin.isatty() and typer.confirm("Remove all of this for good?")):
        raise UsageError("nothing was removed: say --yes")
    _taken(take(opened, ids), "removed", as_json)
    if (annotators := queue_there(opened, database)) is not None:
        items = forget(opened, annotators)
        _line({"what": "withdrawn", "items": items}, f"  {items} item(s) out of the annotators' queue", as_json)


def _lines(path: Path | None) -> list[str]:
    try:
        return [] if path is None else path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _tell(found: Findings, as_json: bool, lake: Lake) -> None:
    if as_json:
        for damage in found.damages:
            sys.stdout.write(json.dumps(dataclasses.asdict(damage)) + "\n")
        sys.stdout.write(json.dumps(found.as_dict()) + "\n")
        return
    out.print(f"{found.objects} objects, {_bytes(found.bytes)} read; {len(found.damages)} damage(s)")
    if found.damages:
        _damages(found.damages, lake)
    if found.unread:
        out.print(f"shards of {', '.join(found.unread)} were not looked at: repair, and `retold fsck` again")
    if found.orphans:
        out.print(f"belongs to nothing: {_sizes(found.orphans)}; `retold vacuum` removes it once it is a day old")
    if found.unused_members:
        out.print(f"in shards, but in no row: {found.unused_members} member(s), {_bytes(found.unused_bytes)}")
    for table, twice in found.doubles.items():
        if twice.owners:
            out.print(f"stored more than once: {twice.owners} of {table}, {_bytes(twice.bytes)} too much")
    if found.unfinished_takedowns:
        out.print(f"takedowns to finish: `retold takedown {' '.join(found.unfinished_takedowns[:3])}`")


def _damages(damages: Sequence[Damage], lake: Lake) -> None:
    for damage in damages[:SHOWN]:
        what = f" {damage.owner}" if damage.owner else ""
        out.print(f"[red]{damage.kind}[/] {escape(damage.path + what)}: {escape(damage.detail)}", highlight=False)
    for kind, count in Counter(damage.kind for damage in damages).items():
        out.print(f"  {count} {kind}: {CURES[kind]}")
    out.print(f"`retold fsck --repair --lake {lake.uri}` forgets the lost rows; `retold run` then makes them again")


def _taken(taken: Taken, verb: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"what": verb, **taken.as_dict()}) + "\n")
        return
    out.print(
        f"{verb}: {taken.sources} source(s), {taken.media} media of {_bytes(taken.media_bytes)}; "
        f"{taken.shared} media stay, which other sources gave too"
    )
    out.print(f"  rows: {_counts(taken.rows)}")
    if taken.shards:
        out.print(f"  {taken.shards} shard(s) written anew without them")
    if taken.objects:
        out.print(f"  and what no table holds any more, but had some of it: {_counts(taken.objects)}")
    if taken.unfinished:
        out.print(f"  {taken.unfinished} unfinished object(s) may hold parts: `retold vacuum` removes them in time")


def _line(fields: dict[str, object], text: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(fields) + "\n")
    else:
        out.print(text)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _sizes(found: Sequence[Orphan]) -> str:
    sizes, counts = Counter[str](), Counter[str]()
    for one in found:
        sizes[one.kind] += one.size
        counts[one.kind] += 1
    return ", ".join(f"{counts[kind]} {kind}(s) of {_bytes(size)}" for kind, size in sizes.items()) or "nothing"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.2f} MB"
