"""What a bound may ask of two engines that heard the same: how far they agree, and how much one of them made up.

They are made when a cut asks, of what `listen` has told: "agreement" rows (0..1, of a span) and "dropped" words.
"""

import polars as pl


def word_agreement(clips: pl.LazyFrame, sounds: pl.LazyFrame) -> pl.LazyFrame:
    """1 less the word error rate between the engines, the mean over the time of speech, 0..1.

    Clips in which the embedded engine wrote nothing, or another language, have no row.
    """
    return _mean(sounds, "word_agreement")


def word_time_agreement(clips: pl.LazyFrame, sounds: pl.LazyFrame) -> pl.LazyFrame:
    """Share of the words that both engines wrote whose starts lie within 80 ms of each other, the mean over the time of
    speech, 0..1; clips without such words have no row."""
    return _mean(sounds, "word_time_agreement")


def dropped_words(clips: pl.LazyFrame, sounds: pl.LazyFrame) -> pl.LazyFrame:
    """How many words were written that cannot have been said; 0 of clips that were listened to in vain."""
    seen = clips.select("clip_id").join(sounds.select(clip_id="input_id").unique(), on="clip_id", how="semi")
    dropped = sounds.filter(pl.col("kind") == "dropped")
    counted = dropped.group_by("clip_id").agg(value=pl.col("text").str.split(" ").list.len().sum().cast(pl.Float64))
    return seen.join(counted, on="clip_id", how="left").with_columns(pl.col("value").fill_null(0.0))


def _mean(sounds: pl.LazyFrame, label: str) -> pl.LazyFrame:
    """`clip_id, value` of the agreement rows with a label."""
    length = (pl.col("end_us") - pl.col("start_us")).clip(1)
    rows = sounds.filter((pl.col("kind") == "agreement") & (pl.col("label") == label))
    return rows.group_by("clip_id").agg(value=(pl.col("score") * length).sum() / length.sum())
