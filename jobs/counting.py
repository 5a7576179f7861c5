"""The captions of a recipe that count, and their verdicts."""

import polars as pl

from curate.pick.counting import counting as rule
from jobs.job import Snapshot
from schemas.caption import PERSON


def counting(snapshot: Snapshot) -> pl.LazyFrame:
    """`clip_id, caption_id`: of each clip, by what a recipe's jobs and people have made of it."""
    told, tested = snapshot.all_payload("captions"), snapshot.all_payload("verdicts")
    return rule(told, tested, snapshot.lake.scan("reviews"))


def that_count(snapshot: Snapshot, table: str) -> pl.LazyFrame:
    """The rows of `captions` or `verdicts` that are of captions that count, of clips that the recipe has."""
    clips = snapshot.payload("clips").select("clip_id")
    rows = snapshot.all_payload(table).join(counting(snapshot), on="caption_id", how="semi")
    return rows.join(clips, on="clip_id", how="semi")


def verdicts_of_machines(snapshot: Snapshot) -> pl.LazyFrame:
    """The verdicts of what captioners made and repaired: what people did says nothing of them."""
    told, tested = snapshot.all_payload("captions"), snapshot.all_payload("verdicts")
    mine = rule(told.filter(pl.col("captioner") != PERSON), tested, snapshot.lake.scan("reviews"))
    return tested.join(mine, on="caption_id", how="semi")
