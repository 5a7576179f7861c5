"""The command that gives the space of caches back."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from curate.storage.lake import open_lake
from jobs.commands.options import JsonOption, LakeOption
from jobs.environment import storage_options
from jobs.evict import Choice, preview
from jobs.evict import evict as remove
from jobs.terminal import out
from jobs.vacuum import hours


def evict(
    lake: LakeOption = "lake",
    table: Annotated[str, typer.Option(help="latents, embeddings or proxies")] = "latents",
    encoder: Annotated[str | None, typer.Option(help="only of this encoder, as in wan-2.1")] = None,
    unused_by_plans: Annotated[bool, typer.Option("--unused-by-plans", help="only what no stored plan reads")] = False,
    older_than: Annotated[str | None, typer.Option(help="24h, 7d: only what was made before that")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be removed, and remove nothing")] = False,
    as_json: JsonOption = False,
) -> None:
    opened = open_lake(lake, storage_options())
    age_h = None if older_than is None else hours(older_than, force=True)
    choice = Choice(table, encoder, unused_by_plans, age_h)
    gone = preview(opened, choice) if dry_run else remove(opened, choice)
    if as_json:
        sys.stdout.write(json.dumps({"removed": not dry_run, **dataclasses.asdict(gone)}) + "\n")
        return
    what = "would evict" if dry_run else "evicted"
    out.print(f"{what}: {gone.rows} of {gone.table}, {gone.bytes / 1e6:.2f} MB, in {gone.shards} shard(s)")
