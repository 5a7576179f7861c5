"""Totals of a corpus, of any size: everything is summed up by the table engine, no row is looked at here."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from curate.report.report import Histogram, Limit, Outcome, Overview, Share
from schemas.caption import Axis

BINS = 32
TAIL = 0.005  # share of the values at each end that may lie beyond the axis


@dataclass(frozen=True)
class Tables:
    """What is summed up: rows with a payload, each table of one fingerprint; `picks` are those of one cut."""

    media: pl.LazyFrame
    clips: pl.LazyFrame
    scores: pl.LazyFrame
    picks: pl.LazyFrame
    verdicts: pl.LazyFrame


def overview(tables: Tables, limits: Sequence[Limit]) -> Overview:
    """Sum up a corpus; media that two sources share count once, and a still has no length."""
    media = tables.media.unique("media_id").select(
        media=pl.len(),
        stills=pl.col("still").sum(),
        media_us=pl.col("duration_us").filter(~pl.col("still")).sum(),
    )
    lengths = tables.clips.select("clip_id", us=(pl.col("end_us") - pl.col("start_us")) * ~pl.col("still"))
    clips = lengths.select(clips=pl.len(), clips_us=pl.col("us").sum())
    one, other = pl.collect_all([media, clips])
    return Overview(
        **one.row(0, named=True),
        **other.row(0, named=True),
        outcomes=outcomes(tables.picks, lengths),
        verdicts=_verdicts(tables.verdicts, lengths),
        axes=_axes(tables.verdicts),
        histograms=histograms(tables.scores, limits),
    )


def outcomes(picks: pl.LazyFrame, lengths: pl.LazyFrame) -> tuple[Outcome, ...]:
    """Kept clips, then those that each rule dropped, by the first rule that dropped them, most first.

    lengths: `clip_id, us`.
    """
    timed = picks.select("clip_id", "kept", "reason", "reasons").join(lengths, on="clip_id", how="left")
    named = pl.when("kept").then(pl.lit("kept")).otherwise("reason").alias("name")
    first = timed.group_by(named).agg(clips=pl.len(), us=pl.col("us").sum())
    alone = (pl.col("reasons").list.len() == 1).alias("alone")
    every = (
        timed.filter(~pl.col("kept")).select("reasons", alone).explode("reasons")
        .group_by(name="reasons").agg(held=pl.len(), alone=pl.col("alone").sum())
    )  # fmt: skip
    rows = first.join(every, on="name", how="full", coalesce=True).with_columns(
        pl.col("clips", "us", "held", "alone").fill_null(0), later=pl.col("name") != "kept"
    )
    order = rows.sort("later", "clips", "held", "name", descending=[False, True, True, False]).drop("later")
    return tuple(Outcome(*row) for row in order.select("name", "clips", "us", "held", "alone").collect().iter_rows())


def _verdicts(verdicts: pl.LazyFrame, lengths: pl.LazyFrame) -> tuple[Share, ...]:
    """Tested captions by status, most first."""
    timed = verdicts.select("clip_id", name="status").join(lengths, on="clip_id", how="left")
    found = timed.group_by("name").agg(clips=pl.len(), us=pl.col("us").sum())
    return tuple(Share(*row) for row in found.sort("clips", "name", descending=[True, False]).collect().iter_rows())


def _axes(verdicts: pl.LazyFrame) -> tuple[Axis, ...]:
    """One row an axis over all captions, most asked first."""
    each = verdicts.select(pl.col("axes").explode()).drop_nulls().unnest("axes")
    sums = each.group_by("axis").agg(pl.col("asked", "answered", "right", "contradicted").sum())
    return tuple(Axis(*row) for row in sums.sort("asked", "axis", descending=[True, False]).collect().iter_rows())


def histograms(scores: pl.LazyFrame, limits: Sequence[Limit]) -> tuple[Histogram, ...]:
    """One histogram a metric, in the order of their names; values that are not finite are left out.

    The axis goes from the 0.5th to the 99.5th percentile, and over the policy's limits; what lies beyond is counted in
    the bins at its ends.
    """
    values = scores.select("metric", "value").filter(pl.col("value").is_finite())
    tails = {
        name: pl.col("value").quantile(share, "linear")
        for name, share in (("low", TAIL), ("median", 0.5), ("high", 1 - TAIL))
    }
    ends = {"least": pl.col("value").min(), "most": pl.col("value").max()}
    spans = values.group_by("metric").agg(**tails, **ends, values=pl.len()).collect()
    axes = spans.select(
        "metric", *_axis(spans.join(_bounds(limits), on="metric", how="left")), "median", "values", "least", "most"
    ).sort("metric")
    place = (pl.col("value") - pl.col("low")) / (pl.col("high") - pl.col("low")) * BINS
    binned = values.join(axes.lazy(), on="metric").group_by(
        "metric", bin=place.floor().clip(0, BINS - 1).cast(pl.Int32)
    )
    counted = dict.fromkeys(axes["metric"], (0,) * BINS) | _counts(binned.agg(n=pl.len()).collect())
    return tuple(
        Histogram(metric, low, high, counted[metric], median, number, least, most)
        for metric, low, high, median, number, least, most in axes.iter_rows()
    )


def _bounds(limits: Sequence[Limit]) -> pl.DataFrame:
    """`metric, floor, ceiling` of the limits of each metric."""
    named = [(one.metric, bound) for one in limits for bound in (one.low, one.high) if bound is not None]
    frame = pl.DataFrame(named, schema={"metric": pl.String, "bound": pl.Float64}, orient="row")
    return frame.group_by("metric").agg(floor=pl.col("bound").min(), ceiling=pl.col("bound").max())


def _axis(spans: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Both ends of each axis; one of no length is widened around its value."""
    low, high = pl.min_horizontal("low", "floor"), pl.max_horizontal("high", "ceiling")
    size = pl.max_horizontal(low.abs(), high.abs(), pl.lit(1e-9))
    half = pl.max_horizontal(low.abs() * 0.05, pl.lit(0.5))
    flat = high - low < 1e-9 * size
    ends = spans.select(
        low=low - pl.when(flat).then(half).otherwise(0.0), high=high + pl.when(flat).then(half).otherwise(0.0)
    )
    return ends["low"], ends["high"]


def _counts(binned: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    """metric -> [BINS] counts."""
    found: dict[str, list[int]] = {}
    for metric, place, number in binned.iter_rows():
        found.setdefault(metric, [0] * BINS)[place] = number
    return {metric: tuple(counts) for metric, counts in found.items()}
