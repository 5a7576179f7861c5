"""Fill a report from the lake."""

import itertools
import time
from collections.abc import Iterator, Sequence

import polars as pl

from curate.media.sandbox import isolated
from curate.report.overview import overview
from curate.report.report import ClipPage, FailedRow, FailureGroup, Limit, MediaPage, Report
from curate.report.sheet_stage import Sheets
from jobs import gather
from jobs.cut import latest_hash, pick_fingerprint
from jobs.explain import Known, know
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.status import failures
from schemas.caption import Verdict
from schemas.clip import Clip, Score
from schemas.latent import Pick
from schemas.ledger import RunRecord
from schemas.media import Media
from schemas.row import from_table
from schemas.strip import Strip

EXAMPLES = 5


def report(snapshot: Snapshot, recipe: Recipe, title: str, most_clips: int) -> Report:
    """The whole corpus in figures, and up to `most_clips` of its clips in full."""
    clips = _all(snapshot, "clips", Clip)
    cut = latest_hash(snapshot, "picks", "cut_hash", pick_fingerprint(snapshot, recipe))
    picks = list(snapshot.lake.rows("picks", Pick, pl.col("cut_hash") == cut)) if cut else []
    limits = tuple(Limit(bound.metric, bound.at_least, bound.at_most) for bound in recipe.pick.bounds)
    totals = overview(
        _all(snapshot, "media", Media), clips, _all(snapshot, "scores", Score), picks,
        _all(snapshot, "verdicts", Verdict), limits,
    )  # fmt: skip
    runs = sorted(from_table(RunRecord, snapshot.lake.scan("runs").collect().to_arrow()), key=lambda run: run.start_us)
    shown = sorted(clips, key=lambda clip: clip.clip_id)[:most_clips]
    return Report(
        title=title,
        lake=snapshot.lake.uri,
        cut=f"{recipe.pick.cut} {cut[:12]}" if cut else None,
        made_us=time.time_ns() // 1000,
        runs=tuple(runs),
        overview=totals,
        limits=limits,
        failures=tuple(_failures(snapshot, recipe)),
        media=tuple(_media_pages(snapshot, clips, shown, {pick.clip_id: pick for pick in picks})),
    )


def _all(snapshot: Snapshot, name: str, row: type) -> list:  # type: ignore[type-arg]
    return list(snapshot.lake.rows(name, row, pl.col("fingerprint") == snapshot.fingerprints[name]))


def _failures(snapshot: Snapshot, recipe: Recipe) -> Iterator[FailureGroup]:
    found = sorted(failures(snapshot, recipe), key=lambda f: (f.job, f.kind, f.what))
    for (job, kind), group in itertools.groupby(found, key=lambda f: (f.job, f.kind)):
        rows = list(group)
        yield FailureGroup(job, kind, len(rows), tuple(FailedRow(f.what, f.detail) for f in rows[:EXAMPLES]))


def _media_pages(
    snapshot: Snapshot, clips: Sequence[Clip], shown: Sequence[Clip], picks: dict[str, Pick]
) -> Iterator[MediaPage]:
    sheets = _sheets(snapshot, [clip.clip_id for clip in shown])
    for media_id, group in itertools.groupby(shown, key=lambda clip: clip.media_id):
        known = [know(snapshot, clip.clip_id) for clip in group]
        strip = next(iter(snapshot.rows("strips", Strip, "media_id", [media_id])), None)
        spans = sorted((clip for clip in clips if clip.media_id == media_id), key=lambda clip: clip.start_us)
        pages = tuple(_page(one, sheets.get(one.clip.clip_id), picks.get(one.clip.clip_id)) for one in known)
        yield MediaPage(known[0].media, next(iter(known[0].sources), None), strip, tuple(spans), pages)


def _page(known: Known, sheet: bytes | None, pick: Pick | None) -> ClipPage:
    return ClipPage(
        known.clip, sheet, known.scores, known.sounds, known.texts, known.captions, known.verdicts, known.latents, pick
    )


def _sheets(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, bytes]:
    """Contact sheets by clip; a clip whose frames cannot be read has none."""
    stage = Sheets()
    run = isolated(stage, stage.limits)
    made = {sheet.clip_id: sheet.jpeg for outcome in run(gather.clip_files(snapshot, ids)) for sheet in outcome.rows}
    run.close()
    return made
