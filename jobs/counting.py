"""The captions of a recipe that count, and their verdicts."""

import polars as pl

from curate.pick.counting import counting as rule
from jobs.job import Snapshot
from schemas.caption import PERSON

_BY_PERSON = pl.col("captioner") == PERSON


def counting(snapshot: Snapshot) -> pl.LazyFrame:
    """`clip_id, caption_id`: of each clip, by what a recipe's jobs and people have made of it.

    What people decided may be of clips that the recipe does not have.
    """
    told, clips = snapshot.all_payload("captions"), snapshot.payload("clips").select("clip_id")
    mine = pl.concat([told.filter(~_BY_PERSON), told.filter(_BY_PERSON).join(clips, on="clip_id", how="semi")])
    return _counting(snapshot, mine)


def that_count(snapshot: Snapshot, table: str) -> pl.LazyFrame:
    """The rows of `captions` or `verdicts` that are of captions that count."""
    return snapshot.all_payload(table).join(counting(snapshot), on="caption_id", how="semi")


def verdicts_of_machines(snapshot: Snapshot) -> pl.LazyFrame:
    """The verdicts of what captioners made and repaired: what people did says nothing of them."""
    mine = _counting(snapshot, snapshot.all_payload("captions").filter(~_BY_PERSON))
    return snapshot.all_payload("verdicts").join(mine, on="caption_id", how="semi")


def _counting(snapshot: Snapshot, captions: pl.LazyFrame) -> pl.LazyFrame:
    return rule(captions, snapshot.all_payload("verdicts"), snapshot.lake.scan("reviews"))
