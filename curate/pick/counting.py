"""Which caption of a clip counts, where a model has repaired one or people have decided on one: one rule for all."""

import polars as pl

from schemas.caption import PERSON


def counting(captions: pl.LazyFrame, verdicts: pl.LazyFrame, reviews: pl.LazyFrame) -> pl.LazyFrame:
    """`clip_id, caption_id` of the captions that count.

    That of a person stands for all others of its clip, the last decision for those before. A repaired one stands for
    its parent once it has passed, and for nothing until then. `captions` carry their traces; a person's is one of the
    review that it was made by, and no more where that was taken back.
    """
    told = captions.select("clip_id", "caption_id", "captioner", "parent", "input_id")
    by_person = pl.col("captioner") == PERSON
    decided = told.filter(by_person).join(standing(reviews), left_on="input_id", right_on="review_id")
    people = decided.sort("submitted_us", "input_id").group_by("clip_id").agg(pl.col("caption_id").last())
    passed = verdicts.filter(pl.col("status") == "repaired").select("caption_id").unique()
    repaired = told.filter(~by_person, pl.col("parent").is_not_null()).join(passed, on="caption_id", how="semi")
    first = told.filter(~by_person, pl.col("parent").is_null())
    left = first.join(repaired.select(caption_id="parent"), on="caption_id", how="anti")
    machine = pl.concat([one.select("clip_id", "caption_id") for one in (left, repaired)])
    return pl.concat([machine.join(people, on="clip_id", how="anti"), people]).unique()


def standing(reviews: pl.LazyFrame) -> pl.LazyFrame:
    """Reviews that nobody took back, each once: `review_id, clip_id, mode, decision, reason, submitted_us`."""
    rows = reviews.sort("submitted_us").group_by("review_id").agg(
        pl.col("tombstone").any(), pl.col("clip_id", "mode", "decision", "reason", "submitted_us").last()
    )  # fmt: skip
    return rows.filter(~pl.col("tombstone")).drop("tombstone")


def rejections(reviews: pl.LazyFrame) -> pl.LazyFrame:
    """`clip_id, rejected` of clips whose last decision is to keep them out of any cut: why, "" if nobody said.

    A blind reading decides nothing.
    """
    decided = standing(reviews).filter(pl.col("mode") != "blind").sort("submitted_us", "review_id")
    last = decided.group_by("clip_id").agg(pl.col("decision", "reason").last())
    return last.filter(pl.col("decision") == "reject").select("clip_id", rejected=pl.col("reason").fill_null(""))
