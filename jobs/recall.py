"""What was evicted and a plan needs is made again: its rows are forgotten, and so they are work that is to be done."""

import polars as pl

from curate.care.removal import Doomed, remove_rows
from jobs.cut import counted_captions, latest_picks
from jobs.job import Job, Snapshot
from jobs.recipe import Recipe
from jobs.takedown import REMAKES, counters


def recall(snapshot: Snapshot, recipe: Recipe, job: Job) -> int:
    """Forget the rows of inputs of a job that lack bytes which the recipe's plan will read; how many inputs."""
    kept = latest_picks(snapshot, recipe).filter("kept", pl.col("side") == recipe.plan.side).select("clip_id").unique()
    bare = snapshot.lake.scan(job.output, job.fingerprint).filter(pl.col("outputs") > 0, pl.col("blob").is_null())
    needed = _latents(bare, recipe) if job.output == "latents" else _embeddings(snapshot, recipe, bare)
    ids = sorted(needed.join(kept, on="clip_id", how="semi").select("input_id").unique().collect()["input_id"])
    if ids:
        where = pl.col("input_id").is_in(ids)
        doomed = Doomed(job.output, where, apps=counters(snapshot.lake), fingerprint=job.fingerprint)
        snapshot.lake.blobs.delete(remove_rows(snapshot.lake, doomed, REMAKES[job.output]).shards)
    return len(ids)


def _latents(bare: pl.LazyFrame, recipe: Recipe) -> pl.LazyFrame:
    return bare.filter(pl.col("encoder").is_in([recipe.plan.picture_encoder, recipe.plan.sound_encoder or ""]))


def _embeddings(snapshot: Snapshot, recipe: Recipe, bare: pl.LazyFrame) -> pl.LazyFrame:
    """Of the variants that may be read; of the empty text, one where none is left."""
    mine = bare.filter(pl.col("encoder").str.starts_with(f"{recipe.plan.text_encoder}@"))
    counted = mine.join(counted_captions(snapshot, recipe).select("caption_id"), on="caption_id", how="semi")
    asked = [share.variant for share in recipe.plan.shares if share.share and share.variant != "none"]
    there = snapshot.all_payload("embeddings").filter(pl.col("blob").is_not_null(), pl.col("variant") == "none")
    left = there.filter(pl.col("encoder").str.starts_with(f"{recipe.plan.text_encoder}@")).head(1).collect().height
    told = counted.filter(pl.col("variant").is_in(asked))
    return told if left else pl.concat([told, counted.filter(pl.col("variant") == "none").sort("input_id").head(1)])
