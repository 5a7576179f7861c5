"""Why clips are dropped. Few combinations of reasons are different, so each is a category."""

from collections.abc import Sequence

import polars as pl

from curate.slices import by_slices

REASONS = pl.Categorical()
"""The texts of all reasons of a clip, joined; null where nothing drops it."""

_BETWEEN = "\x1e"


def told(clips: pl.DataFrame, texts: Sequence[pl.Expr]) -> pl.Series:
    """Each clip's reasons, of texts that are null where a rule does not drop it. [clips] of `REASONS`."""
    joined = pl.concat_str(texts, separator=_BETWEEN, ignore_nulls=True)
    reasons = pl.when(joined != "").then(joined).cast(REASONS).alias("reasons")
    parts = by_slices(clips, lambda part: part.select(reasons).to_series())  # a text for each clip takes much
    return pl.concat([pl.Series("reasons", [], REASONS), *parts])


def listed(reasons: pl.Series) -> pl.DataFrame:
    """`reason`, the first of each clip, and `reasons`, all of them: [clips]."""
    few = reasons.unique().to_frame("joined")
    texts = pl.col("joined").cast(pl.String).str.split(_BETWEEN)
    lists = few.with_columns(reason=texts.list.first(), reasons=texts.fill_null([]))
    return (
        reasons.to_frame("joined")
        .join(lists, on="joined", how="left", nulls_equal=True, maintain_order="left")
        .drop("joined")
    )
