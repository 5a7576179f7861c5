"""Two cuts beside each other: which clips came and went, why, and how what is kept is spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

_S = pl.col("seconds")
_LENGTH = (
    pl.when(_S < 2).then(pl.lit("< 2 s")).when(_S < 5).then(pl.lit("2 to 5 s")).when(_S < 10).then(pl.lit("5 to 10 s"))
    .when(_S < 30).then(pl.lit("10 to 30 s")).otherwise(pl.lit("30 s and more"))
)  # fmt: skip
_KIND = pl.when(pl.col("still")).then(pl.lit("still")).otherwise(pl.lit("video"))
SPREADS: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "kind": _KIND,
        "side": pl.col("side"),
        "bucket": pl.col("bucket").fill_null("none"),
        "length": _LENGTH,
        "licence": pl.col("licence").fill_null("none"),
    }
)
"""By what kept clips are counted."""


@dataclass(frozen=True, slots=True)
class Amount:
    """So many clips, and how long they are together; stills take no time."""

    clips: int
    hours: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How much each cut keeps of one value."""

    by: str
    value: str
    first: Amount
    second: Amount


@dataclass(frozen=True, slots=True)
class Moved:
    """Clips that one cut keeps and the other does not: the first reason of the other for each."""

    amount: Amount
    reasons: Mapping[str, int]  # most first; "not in it": the other cut has no row of the clip


@dataclass(frozen=True, slots=True)
class Difference:
    """B against A."""

    both: Amount
    left: Moved  # kept by A alone
    came: Moved  # kept by B alone
    spreads: tuple[Spread, ...]

    @property
    def same(self) -> bool:
        return not (self.left.amount.clips or self.came.amount.clips)


def difference(first: pl.LazyFrame, second: pl.LazyFrame, clips: pl.LazyFrame, licences: pl.LazyFrame) -> Difference:
    """first, second: `Pick` rows of one cut each. clips: clip_id, media_id, seconds, still; licences: of media_id."""
    about = clips.join(licences, on="media_id", how="left")
    a, b = (
        picks.select("clip_id", "kept", "reason", "side", "bucket").join(about, on="clip_id", how="left").collect()
        for picks in (first, second)
    )
    kept_a, kept_b = a.filter("kept"), b.filter("kept")
    return Difference(
        _amount(kept_a.join(kept_b, on="clip_id", how="semi")),
        _moved(kept_a.join(kept_b, on="clip_id", how="anti"), b),
        _moved(kept_b.join(kept_a, on="clip_id", how="anti"), a),
        tuple(spread for by, value in SPREADS.items() for spread in _spreads(by, value, kept_a, kept_b)),
    )


def _amount(rows: pl.DataFrame) -> Amount:
    return Amount(rows.height, float(rows["seconds"].sum()) / 3600)


def _moved(rows: pl.DataFrame, other: pl.DataFrame) -> Moved:
    said = rows.select("clip_id").join(other.select("clip_id", "reason"), on="clip_id", how="left")
    counted = said["reason"].fill_null("not in it").value_counts(sort=True)
    ordered = counted.sort(["count", "reason"], descending=[True, False])
    return Moved(_amount(rows), MappingProxyType(dict(ordered.iter_rows())))


def _spreads(by: str, value: pl.Expr, first: pl.DataFrame, second: pl.DataFrame) -> list[Spread]:
    counts = [
        rows.group_by(value.cast(pl.String).alias("value")).agg(clips=pl.len(), hours=pl.col("seconds").sum() / 3600)
        for rows in (first, second)
    ]
    both = counts[0].join(counts[1], on="value", how="full", coalesce=True, suffix="_b").fill_null(0).sort("value")
    return [
        Spread(by, name, Amount(clips_a, hours_a), Amount(clips_b, hours_b))
        for name, clips_a, hours_a, clips_b, hours_b in both.iter_rows()
    ]
