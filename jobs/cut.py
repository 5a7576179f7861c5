"""Jobs over whole tables: the cut, and the plan made of it; each is made anew where what it reads has changed."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import polars as pl
import pyarrow as pa

from curate.errors import LakeError
from curate.pick.corpus import Corpus
from curate.pick.cut import Cut
from curate.pick.cut import pick as make_cut
from curate.pick.rules import accepted_captions
from curate.pick.shares import tables_of
from curate.plan.plan import Plan
from curate.plan.plan import plan as make_plan
from curate.stage import config
from curate.storage.lake import Lake
from jobs.counting import that_count
from jobs.drive import describe
from jobs.job import Snapshot
from jobs.progress import Progress, Watch
from jobs.recipe import Recipe
from jobs.watermark import at, rest_at
from schemas.ledger import RunRecord
from schemas.plan import PlanRecord

VERSION = 3
PLAN_READS = ("picks", "latents", "embeddings", "captions", "verdicts", "reviews")


@dataclass(frozen=True, slots=True)
class Made:
    """What a set job gives: rows without their stamp, in parts, and the hash of their content."""

    parts: Callable[[], Iterator[pa.Table]]
    hash: str
    records: tuple[PlanRecord, ...] = ()


def pick(snapshot: Snapshot, recipe: Recipe, watch: Watch) -> Progress:
    """Apply the recipe's policy to the corpus as it is now."""

    def make() -> Made:
        cut = cut_of(snapshot, recipe, Path(spool))
        return Made(cut.parts, cut.hash)

    reads = pick_reads(snapshot, recipe)
    with TemporaryDirectory(prefix="retold-pick-") as spool:
        return _set_job("pick", "picks", "cut_hash", config(recipe.pick), reads, make, snapshot, watch)


def pick_reads(snapshot: Snapshot, recipe: Recipe) -> tuple[str, ...]:
    """The tables that a cut is made of."""
    rated = ("ratings",) if "ratings" in snapshot.fingerprints else ()
    told = _told(recipe)
    return ("sources", "media", "clips", "scores", *rated, *told, "captions", "verdicts", "reviews", "latents")


def pick_rests(snapshot: Snapshot, recipe: Recipe) -> bool:
    """Whether nothing has changed of what the recipe's cut was last made of."""
    mark = json.dumps(at(snapshot.lake, pick_reads(snapshot, recipe)), sort_keys=True)
    return rest_at(snapshot.lake, "pick", pick_fingerprint(snapshot, recipe), mark) is not None


def plan(snapshot: Snapshot, recipe: Recipe, watch: Watch) -> Progress:
    """Lay down the order of training over the recipe's latest cut; without a kept clip, wait."""
    if not has_cut(snapshot, recipe):
        return _ended(Progress("plan", blocked=1), watch)

    def make() -> Made:
        made = plan_of(snapshot, recipe, Path(spool))
        return Made(made.parts, made.plan_hash, (made.record,))

    settings = _plan_settings(snapshot, recipe)
    with TemporaryDirectory(prefix="retold-plan-") as spool:
        return _set_job("plan", "plans", "plan_hash", settings, PLAN_READS, make, snapshot, watch)


def plan_rests(snapshot: Snapshot, recipe: Recipe) -> bool:
    """Whether nothing has changed of what the recipe's plan was last made of."""
    mark = json.dumps(at(snapshot.lake, PLAN_READS), sort_keys=True)
    return rest_at(snapshot.lake, "plan", plan_fingerprint(snapshot, recipe), mark) is not None


def _plan_settings(snapshot: Snapshot, recipe: Recipe) -> str:
    return json.dumps([config(recipe.plan), pick_fingerprint(snapshot, recipe)])


def has_cut(snapshot: Snapshot, recipe: Recipe) -> bool:
    """Whether there is a cut of this recipe that keeps a clip."""
    mine = pl.col("fingerprint") == pick_fingerprint(snapshot, recipe)
    return not snapshot.lake.scan("picks").filter(mine & pl.col("kept")).head(1).collect().is_empty()


def cut_of(snapshot: Snapshot, recipe: Recipe, spool: Path) -> Cut:
    """The cut that the recipe's policy makes of the lake as it is."""
    names = ("sources", "media", "clips", "scores", "latents", "reviews")
    tables = {name: snapshot.payload(name) for name in names}
    tables["verdicts"] = that_count(snapshot, "verdicts")
    if "ratings" in snapshot.fingerprints:  # bounds may name what raters measured as well
        tables["scores"] = pl.concat([tables["scores"], snapshot.payload("ratings")])
    told = {name: snapshot.unfailed(name) for name in _told(recipe)}
    captions = that_count(snapshot, "captions") if "tag" in recipe.pick.traits else None
    return make_cut(Corpus(**tables, told=told, captions=captions), recipe.pick, spool)


def _told(recipe: Recipe) -> tuple[str, ...]:
    """Tables that bounds ask about, and no others: they have many rows."""
    return tables_of(bound.metric for bound in recipe.pick.bounds)


def plan_of(snapshot: Snapshot, recipe: Recipe, spool: Path | None = None) -> Plan:
    """The plan of the recipe's latest cut, or of the latest cuts that its mix names."""
    captions = counted_captions(snapshot, recipe)
    once = latest_picks(snapshot, recipe).unique(["cut_hash", "clip_id"])  # a cut may have been stored twice
    texts = snapshot.all_payload("embeddings") if "embeddings" in snapshot.fingerprints else None
    return make_plan(once, snapshot.payload("latents"), captions, recipe.plan, spool, embeddings=texts)


def latest_picks(snapshot: Snapshot, recipe: Recipe) -> pl.LazyFrame:
    """The cuts that the recipe's plan is made of."""
    return snapshot.lake.scan("picks").filter(pl.col("cut_hash").is_in(_cut_hashes(snapshot, recipe)))


def counted_captions(snapshot: Snapshot, recipe: Recipe) -> pl.LazyFrame:
    """`caption_id, clip_id` of the captions that a plan may read."""
    return accepted_captions(that_count(snapshot, "verdicts"), recipe.pick)


def _cut_hashes(snapshot: Snapshot, recipe: Recipe) -> list[str]:
    """The cuts that a plan is made of: each the latest of its name."""
    if recipe.plan.mix:
        stored = snapshot.lake.scan("picks").group_by("cut", "cut_hash").agg(pl.col("made_us").max()).collect()
        named = [
            stored.filter((pl.col("cut") == part.cut) | pl.col("cut_hash").str.starts_with(part.cut))
            for part in recipe.plan.mix
        ]
        return [found.sort("made_us")["cut_hash"][-1] for found in named if found.height]
    latest = latest_hash(snapshot, "picks", "cut_hash", pick_fingerprint(snapshot, recipe))
    if latest is None:
        raise LakeError("a plan is made of a cut, and there is none of this recipe yet: run `retold pick` first")
    return [latest]


def pick_fingerprint(snapshot: Snapshot, recipe: Recipe) -> str:
    return _fingerprint("pick", config(recipe.pick), snapshot.asked)


def plan_fingerprint(snapshot: Snapshot, recipe: Recipe) -> str:
    return _fingerprint("plan", _plan_settings(snapshot, recipe), snapshot.asked)


def latest_hash(snapshot: Snapshot, table: str, column: str, fingerprint: str) -> str | None:
    """The hash of what a set job made last; None before the first time."""
    rows = snapshot.lake.scan(table).filter(pl.col("fingerprint") == fingerprint)
    found = rows.select(pl.col(column).sort_by("made_us").last()).collect()
    return found.item() if found.height else None


def _fingerprint(name: str, settings: str, fingerprints: Mapping[str, str]) -> str:
    body = json.dumps([name, VERSION, settings, sorted(fingerprints.items())])
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _set_job(
    name: str,
    table: str,
    hash_column: str,
    settings: str,
    reads: tuple[str, ...],
    make: Callable[[], Made],
    snapshot: Snapshot,
    watch: Watch,
) -> Progress:
    """Make a whole set of rows where the tables that it reads have changed; store it where its content has."""
    lake, progress = snapshot.lake, Progress(name)
    watch(progress)
    start_us = time.time_ns() // 1000
    fingerprint = _fingerprint(name, settings, snapshot.asked)
    mark = json.dumps(at(lake, reads), sort_keys=True)
    if rest_at(lake, name, fingerprint, mark):
        progress.settled = 1
        return _ended(progress, watch)
    run_id = uuid4().hex[:12]
    progress.total, progress.run_id = 1, run_id
    watch(progress)
    cpu_s, began_s = time.process_time(), time.monotonic()
    made = make()
    if made.hash != latest_hash(snapshot, table, hash_column, fingerprint):
        describe(lake, fingerprint, name, VERSION, settings, snapshot.asked)
        if made.records:
            lake.append("plan_records", made.records)
        stamp: dict[str, str | int] = {"fingerprint": fingerprint, "run_id": run_id, "made_us": _later_us(lake, table)}
        progress.rows_out = lake.append_parts(table, lambda: (_stamped(part, stamp) for part in made.parts()))
    progress.done, progress.cpu_s = 1, time.process_time() - cpu_s
    progress.worker_s = time.monotonic() - began_s
    record = RunRecord(
        run_id, name, fingerprint, 1, progress.rows_out, 0, (), progress.cpu_s, progress.worker_s, 0.0, None, 0, 0,
        0, 0, start_us, time.time_ns() // 1000, "done", 1, 0, 0, mark,
    )  # fmt: skip
    lake.append("runs", [record])
    return _ended(progress, watch)


def _later_us(lake: Lake, table: str) -> int:
    """Now; but after all that the table has, also where a clock was wrong: what was made last counts."""
    newest = lake.scan(table).select(pl.col("made_us").max()).collect().item()
    return max(time.time_ns() // 1000, (newest or 0) + 1)


def _ended(progress: Progress, watch: Watch) -> Progress:
    progress.ended_s = time.monotonic()
    watch(progress)
    return progress


def _stamped(rows: pa.Table, stamp: Mapping[str, str | int]) -> pa.Table:
    for column, value in stamp.items():
        rows = rows.append_column(column, pa.repeat(value, rows.num_rows))
    return rows
