"""No more than enough of one thing, and the rare read more often: by source, by host, by what captions tell.

What a clip has of a trait may be several values (tags), or none: then no quota drops it, and no balance weighs it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.chance import draw, stable_hash, uniform
from curate.pick.policy import Balance, Quota

Traits = Mapping[str, pl.DataFrame]
"""Trait -> row, value: the number of a clip and one of its values, each pair once."""


def over_quota(kept: pl.DataFrame, quotas: Sequence[Quota], traits: Traits, seed: int) -> pl.DataFrame:
    """row, over: the first quota that is full without the clip. kept: row, clip_id of clips that nothing else drops.

    Clips of one value are taken in an order by chance that depends on the seed and the clip alone, so a larger quota
    keeps what a smaller one did. A clip counts for each of its values, also where another quota drops it.
    """
    if not quotas:
        return pl.DataFrame(schema={"row": pl.UInt32, "over": pl.String})
    keys = stable_hash(kept["clip_id"])
    order = uniform(draw(seed, keys, 1, np.zeros(len(keys), np.uint32))[0])
    clips = kept.select("row", order=pl.Series(order))
    found: list[pl.DataFrame] = []
    for at, quota in enumerate(quotas):
        rows = traits[quota.by].join(clips, on="row").sort("order", "row")
        rank = rows.with_columns(rank=pl.int_range(pl.len()).over("value"))
        over = rank.filter(pl.col("rank") >= _cap(quota, rows))
        text = pl.format(f"quota: enough of {quota.by} {{}}", pl.col("value"))
        found.append(over.select("row", at=pl.lit(at), over=text))
    first = pl.concat(found).sort("at", "over").unique("row", keep="first", maintain_order=True)
    return first.select("row", "over")


def _cap(quota: Quota, rows: pl.DataFrame) -> int:
    """How many clips of one value are enough."""
    if quota.clips is not None:
        return quota.clips
    counts = rows.group_by("value").len()["len"].to_numpy().astype(np.int64)
    return most_of_each(counts, quota.share or 1.0)


def most_of_each(counts: NDArray[np.int64], share: float) -> int:
    """The largest cap c for which no value has more than `share` of what is left. counts: [V] clips of each value.

    Where there are too few values for the share to hold, as many as the rarest ones allow: at least 1.
    """
    low, high = 1, int(counts.max(initial=1))
    while low < high:
        middle = (low + high + 1) // 2
        left = np.minimum(counts, middle).sum()
        low, high = (middle, high) if min(middle, counts.max()) <= share * left else (low, middle - 1)
    return low


def balanced(kept: pl.DataFrame, balances: Sequence[Balance], traits: Traits) -> pl.DataFrame:
    """row, factor: of weights, 1 on the mean of those that have the trait. kept: row of clips that nothing drops.

    A clip goes by the rarest of its values: what has n clips is read n ** -power times as often as what has one.
    """
    clips = kept.select("row", factor=pl.lit(1.0))
    for balance in balances:
        rows = traits[balance.by].join(clips.select("row"), on="row")
        counted = rows.with_columns(clips=pl.len().over("value"))
        rarest = counted.group_by("row").agg(pl.col("clips").min())
        factor = rarest.select("row", one=pl.col("clips").cast(pl.Float64) ** -balance.power)
        mean = _mean(rarest["clips"], balance.power)
        clips = clips.join(factor, on="row", how="left", maintain_order="left").select(
            "row", factor=pl.col("factor") * (pl.col("one") / mean).fill_null(1.0)
        )
    return clips


def _mean(clips: pl.Series, power: float) -> float:
    """Of n ** -power, added up by n: the same to the last digit in whatever order the clips come."""
    of_each = clips.value_counts().sort("clips")
    counts = of_each["count"].to_numpy().astype(np.float64)
    return float((of_each["clips"].to_numpy().astype(np.float64) ** -power * counts).sum() / max(1, counts.sum()))


def traits_of(
    clips: pl.DataFrame, owners: pl.LazyFrame, captions: pl.LazyFrame | None, wanted: Sequence[str]
) -> Traits:
    """The traits that are asked for. clips: row, clip_id, media_id, bucket. owners: media_id and its sources."""
    host = pl.col("uri").str.extract(r"^[a-z][a-z0-9+.-]*://([^/?#]+)").fill_null("local")
    of_source = {
        "source": pl.col("source_id"),
        "host": host,
        "licence": pl.col("licence"),
        "language": pl.col("language"),
    }
    of_clip = {"media": pl.col("media_id"), "bucket": pl.col("bucket")}
    found: dict[str, pl.DataFrame] = {}
    for name in wanted:
        if name in of_clip:
            rows = clips.lazy().select("row", value=of_clip[name])
        elif name in of_source:
            owned = owners.select("media_id", value=of_source[name])
            rows = clips.lazy().select("row", "media_id").join(owned, on="media_id").select("row", "value")
        elif captions is None:
            rows = pl.LazyFrame(schema={"row": pl.UInt32, "value": pl.String})
        else:
            tags = captions.select("clip_id", value=pl.col("tags")).explode("value")
            rows = tags.join(clips.lazy().select("clip_id", "row"), on="clip_id").select("row", "value")
        found[name] = rows.drop_nulls("value").unique().collect()
    return MappingProxyType(found)
