"""Fill a report from the lake: totals of everything, and a sample of the clips in full."""

import inspect
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import polars as pl

from curate.chance import stable_hash
from curate.errors import ROW_ERRORS
from curate.media.machine import unheld
from curate.media.sandbox import isolated
from curate.rate.raters import RATERS
from curate.report.overview import Tables, overview
from curate.report.report import (
    ClipPage,
    Copy,
    FailedRow,
    FailureGroup,
    Group,
    Groups,
    Limit,
    MediaPage,
    Overview,
    Report,
)
from curate.report.sheet import ContactSheet
from curate.report.sheet_stage import Sheets
from curate.report.spending import Spending, costs, steps
from curate.score.metrics import METRICS
from jobs import gather
from jobs.counting import that_count
from jobs.cut import latest_hash, pick_fingerprint, plan_fingerprint
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.status import failure_groups
from schemas.caption import Caption, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.latent import Latent, Pick
from schemas.ledger import RunRecord
from schemas.row import arrow_schema, from_table
from schemas.strip import Strip

EXAMPLES = 5
GROUPS = 12
COPIES = 5  # of a group, beside the clip that is kept

R = TypeVar("R")


def report(snapshot: Snapshot, recipe: Recipe, title: str, most_clips: int) -> Report:
    """The whole corpus in figures, and up to `most_clips` of its clips in full."""
    if recipe.media.isolated:
        unheld(required=True)
    cut = latest_hash(snapshot, "picks", "cut_hash", pick_fingerprint(snapshot, recipe))
    picks = snapshot.lake.scan("picks").filter(pl.col("cut_hash") == (cut or "")).unique("clip_id")
    scores = pl.concat([snapshot.payload(name) for name in _measured(snapshot)])
    named = {name: snapshot.payload(name) for name in ("media", "clips")}
    tables = Tables(**named, verdicts=that_count(snapshot, "verdicts"), scores=scores, picks=picks)
    limits = tuple(Limit(bound.metric, bound.at_least, bound.at_most) for bound in recipe.pick.bounds)
    runs = sorted(from_table(RunRecord, snapshot.lake.scan("runs").collect().to_arrow()), key=lambda run: run.start_us)
    total, groups = overview(tables, limits), duplicate_groups(picks, most_clips)
    shown = sample(tables.clips, picks, _members(groups), most_clips)
    return Report(
        title=title,
        lake=snapshot.lake.uri,
        cut=f"{recipe.pick.cut} {cut[:12]}" if cut else None,
        made_us=time.time_ns() // 1000,
        runs=tuple(runs),
        overview=total,
        spending=spending(snapshot, recipe, runs, total),
        limits=limits,
        meanings=meanings(recipe),
        failures=tuple(_failures(snapshot, recipe)),
        groups=groups,
        media=tuple(_media_pages(snapshot, shown, picks)),
    )


def spending(snapshot: Snapshot, recipe: Recipe, runs: Iterable[RunRecord], total: Overview) -> Spending:
    """What became of the sources, and what the runs took that made the rows of this recipe."""
    sources = snapshot.lake.scan("sources").select(pl.len()).collect().item()
    kept = next(((one.clips, one.duration_us) for one in total.outcomes if one.name == "kept"), (0, 0))
    road = [("sources", sources, None), ("media", total.media, total.media_us), ("clips", total.clips, total.clips_us)]
    ours = {*snapshot.asked.values(), pick_fingerprint(snapshot, recipe), plan_fingerprint(snapshot, recipe)}
    media = snapshot.payload("media").unique("media_id").select(pl.col("size_bytes").sum()).collect().item()
    latents = snapshot.payload("latents").select(pl.col("blob").struct.field("length").sum()).collect().item()
    return Spending(
        steps([*road, *([("kept", *kept)] if total.outcomes else [])]),
        costs(
            [run for run in runs if run.fingerprint in ours],
            [("media stored", media), ("latents stored", latents)],
            kept[1],
        ),
    )


def duplicate_groups(picks: pl.LazyFrame, most_clips: int) -> Groups:
    """All groups of near-duplicates counted; of the largest the first clips, no more than half of `most_clips`."""
    grouped = picks.filter(pl.col("group").is_not_null())
    sizes = grouped.group_by("group").agg(clips=pl.len()).filter(pl.col("clips") > 1)
    ordered = sizes.sort("clips", "group", descending=[True, False]).collect()
    largest = ordered.head(min(GROUPS, most_clips // 2 // (COPIES + 1)))
    ours = grouped.filter(pl.col("group").is_in(largest["group"].implode()))
    first = dict(ours.filter(pl.col("group") == pl.col("clip_id")).select("clip_id", "reason").collect().iter_rows())
    copies = (
        ours.filter(pl.col("group") != pl.col("clip_id"))
        .sort("clip_id").group_by("group", maintain_order=True).head(COPIES)
        .select("group", "clip_id", "reason").collect()
    )  # fmt: skip
    members: dict[str, list[Copy]] = {group: [] for group in largest["group"]}
    for group, clip_id, reason in copies.iter_rows():
        members[group].append(Copy(clip_id, reason or "duplicate"))
    shown = tuple(Group(one, tuple(members[one]), clips, first.get(one)) for one, clips in largest.iter_rows())
    return Groups(len(ordered), int(ordered["clips"].sum()) - len(ordered), shown)


def _measured(snapshot: Snapshot) -> list[str]:
    """The tables of scores: those of models too, where the recipe has raters."""
    return [name for name in ("scores", "ratings") if name in snapshot.fingerprints]


def meanings(recipe: Recipe) -> Mapping[str, str]:
    """Metric -> what its value says, and on which scale: the first paragraph of its docstring."""
    measured = {name: _paragraph(METRICS[name]) for name in recipe.score.metrics}
    rated = {
        name: _paragraph(RATERS[rater.kind])
        for rater in recipe.rate.raters
        for name in ([f"{rater.metric}/{prompt}" for prompt in rater.prompts] or [rater.metric])
    }
    return measured | rated


def _paragraph(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].replace("`", "").split())


def _members(groups: Groups) -> list[str]:
    return [one for group in groups.shown for one in (group.keeper, *(copy.clip_id for copy in group.copies))]


def sample(clips: pl.LazyFrame, picks: pl.LazyFrame, first: Sequence[str], most: int) -> list[str]:
    """Up to `most` clip ids in order: `first`, then as many of each outcome of the cut as there are, by chance.

    The same clips of the same cut give the same sample.
    """
    outcomes = picks.select("clip_id", "reason")
    ids = clips.select("clip_id").join(outcomes, on="clip_id", how="left").collect()
    ranked = ids.with_columns(chance=pl.Series(stable_hash(ids["clip_id"]))).with_columns(
        rank=pl.when(pl.col("clip_id").is_in(list(first)))
        .then(pl.lit(0, pl.UInt32))
        .otherwise(pl.col("chance").rank("ordinal").over("reason").cast(pl.UInt32))
    )
    return sorted(ranked.sort("rank", "chance").head(most)["clip_id"])


def _failures(snapshot: Snapshot, recipe: Recipe) -> Iterator[FailureGroup]:
    for group in failure_groups(snapshot, recipe, EXAMPLES):
        examples = tuple(FailedRow(one.what, one.detail) for one in group.examples)
        yield FailureGroup(group.job, group.kind, ROW_ERRORS[group.kind].cure, group.rows, examples)


def _media_pages(snapshot: Snapshot, shown: Sequence[str], picks: pl.LazyFrame) -> Iterator[MediaPage]:
    clips = gather.clips(snapshot, shown)
    media_ids = sorted({clip.media_id for clip in clips})
    media = gather.media(snapshot, media_ids)
    sources = {one.source_id: one for one in gather.sources(snapshot, sorted({m.source_id for m in media.values()}))}
    spans = _by(snapshot.rows("clips", Clip, "media_id", media_ids), attrgetter("media_id"))
    pages = _pages(snapshot, clips, picks)
    for media_id, group in itertools.groupby(clips, key=attrgetter("media_id")):
        strip = next(iter(snapshot.rows("strips", Strip, "media_id", [media_id])), None)
        yield MediaPage(
            media[media_id],
            sources.get(media[media_id].source_id),
            strip,
            tuple(sorted(spans[media_id], key=attrgetter("start_us"))),
            tuple(pages[clip.clip_id] for clip in group),
        )


def _pages(snapshot: Snapshot, clips: Sequence[Clip], picks: pl.LazyFrame) -> dict[str, ClipPage]:
    """Every row of each clip, each table read once."""
    ids = [clip.clip_id for clip in clips]

    def rows(name: str, row: type[R], order: Callable[[R], Any]) -> dict[str, list[R]]:
        return _by(sorted(snapshot.rows(name, row, "clip_id", ids), key=order), attrgetter("clip_id"))

    scored = itertools.chain.from_iterable(snapshot.rows(name, Score, "clip_id", ids) for name in _measured(snapshot))
    scores = _by(sorted(scored, key=attrgetter("metric")), attrgetter("clip_id"))
    sounds = rows("sounds", Sound, attrgetter("start_us"))
    texts = rows("texts", Text, attrgetter("start_us"))
    captions = _that_count(snapshot, "captions", Caption, ids)
    verdicts = _that_count(snapshot, "verdicts", Verdict, ids)
    latents = rows("latents", Latent, attrgetter("encoder", "modality"))
    chosen = picks.filter(pl.col("clip_id").is_in(ids)).collect().to_arrow()
    picked = {one.clip_id: one for one in from_table(Pick, chosen)}
    sheets = _sheets(snapshot, ids)
    return {
        one: ClipPage(
            clip, sheets.get(one), tuple(scores.get(one, ())), tuple(sounds.get(one, ())), tuple(texts.get(one, ())),
            tuple(captions.get(one, ())), tuple(verdicts.get(one, ())), tuple(latents.get(one, ())), picked.get(one),
        )
        for one, clip in zip(ids, clips, strict=True)
    }  # fmt: skip


def _that_count(snapshot: Snapshot, table: str, row: type[R], clip_ids: Sequence[str]) -> dict[str, list[R]]:
    """Captions, or verdicts, that count, by clip."""
    found = that_count(snapshot, table).filter(pl.col("clip_id").is_in(clip_ids)).sort("caption_id")
    columns = arrow_schema(row).names
    rows: list[R] = list(from_table(row, found.select(columns).collect().to_arrow()))
    return _by(rows, attrgetter("clip_id"))


def _by(rows: Iterable[R], key: Callable[[R], str]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _sheets(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, ContactSheet]:
    """Contact sheets by clip; a clip whose frames cannot be read has none."""
    stage = Sheets()
    run = isolated(stage, stage.limits)
    made = {
        one.clip_id: ContactSheet(one.jpeg, one.across, one.frames, one.width, one.height)
        for outcome in run(gather.clip_files(snapshot, ids))
        for one in outcome.rows
    }
    run.close()
    return made
