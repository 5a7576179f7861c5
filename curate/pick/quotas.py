"""No more than enough of one thing, and the rare read more often: by source, by host, by what captions tell.

What a clip has of a trait may be several values (tags), or none: then no quota drops it, and no balance weighs it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.chance import draw, stable_hash
from curate.pick.ids import hashed, matched
from curate.pick.policy import Balance, Quota
from curate.pick.reasons import REASONS

Traits = Mapping[str, pl.DataFrame]
"""Trait -> row, value: the number of a clip and one of its values, each pair once. A quota asks for values of an Enum
in their order."""


def chances(clip_ids: pl.Series, seed: int) -> NDArray[np.uint32]:
    """The order in which clips of one value are taken: it depends on the seed and the clip alone."""
    keys = stable_hash(clip_ids)
    return np.asarray(draw(seed, keys, 1, np.zeros(len(keys), np.uint32))[0])


def over_quota(
    stays: NDArray[np.bool_], chance: NDArray[np.uint32], quotas: Sequence[Quota], traits: Traits
) -> pl.DataFrame:
    """row, over: the first quota that is full without the clip. stays: [clips], those that nothing else drops.

    A larger quota keeps what a smaller one did. A clip counts for each of its values, also where another quota drops
    it.
    """
    left = stays.copy()
    found = [pl.DataFrame(schema={"row": pl.UInt32, "over": REASONS})]
    for quota in quotas:
        trait = traits[quota.by].sort("row")
        trait = trait.filter(pl.Series(stays[trait["row"].to_numpy()]))
        values = trait["value"].to_physical().to_numpy().astype(np.uint64)
        order = np.argsort(values << np.uint64(32) | chance[trait["row"].to_numpy()], kind="stable")
        counts = np.unique(values, return_counts=True)[1]
        rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        over = trait[order[rank >= _cap(quota, counts)]].unique("row", keep="first", maintain_order=True)
        over = over.filter(pl.Series(left[over["row"].to_numpy()]))
        left[over["row"].to_numpy()] = False
        text = pl.format(f"quota: enough of {quota.by} {{}}", "value").cast(REASONS)
        texts = over.select(pl.col("value").unique()).with_columns(over=text)
        found.append(over.join(texts, on="value").select("row", "over"))
    return pl.concat(found).sort("row")


def _cap(quota: Quota, counts: NDArray[np.int64]) -> int:
    """How many clips of one value are enough. counts: [V] clips of each value."""
    return most_of_each(counts, quota.share or 1.0) if quota.clips is None else quota.clips


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
    clips: pl.DataFrame, by_media: Traits, tags: pl.DataFrame, wanted: Sequence[str], kind: pl.Categorical
) -> dict[str, pl.DataFrame]:
    """The traits that are asked for. clips: row, media_id, bucket. by_media: of, check, value of hashed media."""
    media = hashed(clips.lazy().select("row", "media_id"), "media_id")
    of_clip = {"media": pl.col("media_id"), "bucket": pl.col("bucket")}
    found: dict[str, pl.DataFrame] = {}
    for name in wanted:
        if name in of_clip:
            rows = clips.lazy().select("row", value=of_clip[name])
        elif name in by_media:
            rows = matched(media, by_media[name].lazy())
        else:
            rows = tags.lazy().join(clips.lazy().select("row"), on="row", how="semi")
        found[name] = rows.drop_nulls("value").select("row", pl.col("value").cast(kind)).unique().collect()
    return found


def whole(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The parts of a trait as one, its values as an Enum in their order."""
    rows = pl.concat(parts)
    return rows.cast({"value": pl.Enum(rows["value"].unique().cast(pl.String).sort())})
