"""The road of a recipe: its row jobs, in order, each with the fingerprints of what it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import polars as pl

from curate.encode.shards import store_latents
from curate.fetch.shards import store_tar
from curate.stage import Heavy
from curate.storage.lake import Lake
from jobs import gather
from jobs.job import Job, Sink, Snapshot
from jobs.recipe import Recipe
from schemas.media import Blob, Media


def road(recipe: Recipe, storage_options: Mapping[str, str] = MappingProxyType({})) -> tuple[Job, ...]:
    """The row jobs of a recipe, from sources to latents; the options are for sources on S3."""
    fetch = Job(
        replace(recipe.fetch, storage_options=tuple(storage_options.items())),
        "sources", "source_id", "media", gather.sources,
        open_sink=partial(_media_sink, target_bytes=recipe.resources.shard_bytes),
        rows_per_unit=64, workers=1,
    )  # fmt: skip
    media = {"media": fetch.fingerprint}
    scan = Job(recipe.scan, "media", "media_id", "strips", gather.media_files, media, rows_per_unit=4)
    strips = {**media, "strips": scan.fingerprint}
    split = Job(recipe.split, "strips", "media_id", "clips", gather.media_strips, strips, rows_per_unit=256)
    clips = {**media, "clips": split.fingerprint}
    scored = {**strips, **clips}
    score = Job(recipe.score, "clips", "clip_id", "scores", gather.clip_strips, scored, rows_per_unit=128)
    listen = Job(recipe.listen, "clips", "clip_id", "sounds", gather.clip_files, clips, rows_per_unit=8)
    read = Job(recipe.read, "clips", "clip_id", "texts", gather.clip_files, clips, rows_per_unit=8)
    known = {**clips, "scores": score.fingerprint, "sounds": listen.fingerprint, "texts": read.fingerprint}
    evidence = ("scores", "sounds", "texts")
    caption = Job(
        recipe.caption, "clips", "clip_id", "captions", gather.evidence, known, needs=evidence, rows_per_unit=128
    )
    told = {**known, "captions": caption.fingerprint}
    check = Job(recipe.check, "captions", "caption_id", "verdicts", gather.captioned, told, rows_per_unit=128)
    encode = Job(
        recipe.encode, "clips", "clip_id", "latents", gather.clip_files, clips,
        open_sink=_latent_sink, rows_per_unit=16,
    )  # fmt: skip
    return (fetch, scan, split, score, listen, read, caption, check, encode)


def fingerprints(jobs: Sequence[Job]) -> dict[str, str]:
    """Table -> the fingerprint that the recipe asks of it."""
    return {job.output: job.fingerprint for job in jobs}


def _media_sink(snapshot: Snapshot, target_bytes: int) -> Sink:
    """Tar shards; bytes that the lake has, or that this worker has stored, are not stored again."""
    known = stored_blobs(snapshot)

    def sink(lake: Lake, unit: str, heavies: Sequence[Heavy[Media]]) -> list[Any]:
        rows = store_tar(lake.blobs, unit, heavies, known, target_bytes)
        known.update({row.media_id: row.blob for row in rows if row.blob is not None})
        return rows

    return sink


def stored_blobs(snapshot: Snapshot) -> dict[str, Blob]:
    """Where the bytes of each media lie."""
    columns = (
        snapshot.lake.scan("media")
        .filter(pl.col("outputs") > 0)
        .select("media_id", "blob")
        .unique("media_id")
        .collect()
    )
    return {media_id: Blob(**blob) for media_id, blob in columns.iter_rows()}


def _latent_sink(snapshot: Snapshot) -> Sink:
    def sink(lake: Lake, unit: str, heavies: Sequence[Heavy[Any]]) -> list[Any]:
        return store_latents(lake.blobs, unit, heavies)

    return sink
