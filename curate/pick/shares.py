"""What a bound may ask of texts and sounds: the share of a clip that shows writing, or in which music is heard.

They are made when a cut asks, of rows that `read` and `listen` have left: nothing is stored, nothing can be stale. A
clip that was looked at without a failure and in which nothing was found has 0; one that was not looked at has no row.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import polars as pl

from curate.pick.agreement import dropped_words, word_agreement, word_time_agreement


def text_share(clips: pl.LazyFrame, texts: pl.LazyFrame) -> pl.LazyFrame:
    """Share of the picture that is covered by text, the mean over the clip's time, 0..1.

    Boxes that overlap count twice. What the reader takes for letters counts, writing that it cannot read does not.
    """
    here = _inside(clips, texts).with_columns(area=pl.col("width") * pl.col("height"))
    shown = pl.when(pl.col("still")).then(1.0).otherwise((pl.col("end_us") - pl.col("start_us")) / _LENGTH)
    return _sums(clips, texts, here, pl.col("area") * shown)


def music_share(clips: pl.LazyFrame, sounds: pl.LazyFrame) -> pl.LazyFrame:
    """Share of the clip's time with music, whatever else is heard, 0..1; 0 of a clip without sound."""
    music = _inside(clips, sounds.filter(pl.col("kind") == "music")).sort("clip_id", "start_us")
    heard_us = pl.col("end_us").cum_max().shift().over("clip_id").fill_null(0)
    new_us = (pl.col("end_us") - pl.max_horizontal("start_us", heard_us)).clip(0)
    return _sums(clips, sounds, music.with_columns(new=new_us / _LENGTH), pl.col("new"))


SHARES: Mapping[str, tuple[str, Callable[[pl.LazyFrame, pl.LazyFrame], pl.LazyFrame]]] = MappingProxyType(
    {
        "text_share": ("texts", text_share),
        "music_share": ("sounds", music_share),
        "word_agreement": ("sounds", word_agreement),
        "word_time_agreement": ("sounds", word_time_agreement),
        "dropped_words": ("sounds", dropped_words),
    }
)
"""Metric -> the table that it is made of (with `input_id`, rows of failures left out), and how."""


COLUMNS = ("input_id", "clip_id", "start_us", "end_us", "kind", "label", "score", "text", "width", "height")
"""What is read of these tables; none has all."""


def tables_of(metrics: Iterable[str]) -> tuple[str, ...]:
    """The tables that these metrics are made of when a cut asks for them."""
    return tuple(dict.fromkeys(SHARES[metric][0] for metric in metrics if metric in SHARES))


_LENGTH = pl.col("clip_end_us") - pl.col("clip_start_us")


def _inside(clips: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The parts of rows that lie inside their clip's span."""
    spans = clips.select("clip_id", "still", clip_start_us="start_us", clip_end_us="end_us")
    found = rows.filter(pl.col("clip_id").is_not_null()).join(spans, on="clip_id")
    return found.with_columns(
        start_us=pl.max_horizontal("start_us", "clip_start_us"), end_us=pl.min_horizontal("end_us", "clip_end_us")
    ).filter(pl.col("still") | (pl.col("end_us") > pl.col("start_us")))


def _sums(clips: pl.LazyFrame, rows: pl.LazyFrame, inside: pl.LazyFrame, part: pl.Expr) -> pl.LazyFrame:
    """`clip_id, value`: the parts of each clip together, 1 at the most; 0 of those that were looked at in vain."""
    seen = clips.select("clip_id").join(rows.select(clip_id="input_id").unique(), on="clip_id", how="semi")
    summed = inside.group_by("clip_id").agg(value=part.sum())
    return seen.join(summed, on="clip_id", how="left").select(
        "clip_id", value=pl.col("value").fill_null(0.0).clip(upper_bound=1.0)
    )
