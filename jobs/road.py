"""The road of a recipe: its row jobs, in order, each with the fingerprints of what it reads."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import polars as pl

from captioners.hearing import Hear
from captioners.vlm import See
from curate.encode.shards import store_embeddings, store_latents
from curate.errors import RecipeError
from curate.fetch.shards import store_tar
from curate.proxy.shards import store_proxies
from curate.stage import Heavy
from curate.storage.known import Known
from curate.storage.lake import Lake
from jobs import gather
from jobs.generations import embeddings, generations, keyed
from jobs.job import Job, Sink, Snapshot
from jobs.recipe import Recipe
from schemas.media import Blob, Media

_RECENT = 100_000
"""Media that a sink remembers outright: far more than are stored between two commits, which are seconds apart."""


def road(
    recipe: Recipe, storage_options: Mapping[str, str] = MappingProxyType({}), model_key: str | None = None
) -> tuple[Job, ...]:
    """The row jobs of a recipe, from sources to latents; the options are for sources on S3, the key for models."""
    fetchers = recipe.resources.fetchers
    fetch = Job(
        replace(
            recipe.fetch, storage_options=tuple(storage_options.items()), web=recipe.fetch.web.shared_by(fetchers)
        ),
        "sources", "source_id", "media", gather.sources,
        open_sink=partial(_media_sink, target_bytes=recipe.resources.shard_bytes),
        sorted_by="media_id", rows_per_unit=256, workers=fetchers,
    )  # fmt: skip
    media = {"media": fetch.fingerprint}
    scan = Job(recipe.scan, "media", "media_id", "strips", gather.media_files, media, rows_per_unit=16)
    subtitle = Job(
        recipe.subtitle, "media", "media_id", "subtitles", gather.subtitled, media,
        sorted_by="media_id", rows_per_unit=256,
    )  # fmt: skip
    strips = {**media, "strips": scan.fingerprint}
    split = Job(
        recipe.split, "strips", "media_id", "clips", gather.media_strips, strips,
        sorted_by="clip_id", rows_per_unit=1024,
    )  # fmt: skip
    clips = {**media, "clips": split.fingerprint}
    scored = {**strips, **clips}
    by_clip = partial(Job, over="clips", key="clip_id", sorted_by="clip_id")
    score = by_clip(recipe.score, output="scores", gather=gather.clip_strips, reads=scored, rows_per_unit=1024)
    rate = by_clip(
        recipe.rate, output="ratings", gather=gather.clip_files, reads=clips, rows_per_unit=64, environment="models"
    )
    listen = by_clip(
        recipe.listen, output="sounds", gather=gather.clip_files, reads=clips, rows_per_unit=32,
        environment=recipe.listen.environment,
    )  # fmt: skip
    read = by_clip(recipe.read, output="texts", gather=gather.clip_files, reads=clips, rows_per_unit=16)
    measured = {**clips, "scores": score.fingerprint, "sounds": listen.fingerprint, "texts": read.fingerprint}
    evidence: tuple[str, ...] = ("scores", "sounds", "texts")
    asked = tuple(
        by_clip(
            stage, output=output, gather=gather.seen_evidence, reads=measured, needs=evidence, rows_per_unit=64,
            environment=stage.model.environment, concurrent_units=2,
        )
        for stage, output in _asking(recipe, model_key)
    )  # fmt: skip
    known = {**measured, **fingerprints(asked)}
    facts, evidence = evidence, (*evidence, *(job.output for job in asked))
    caption = by_clip(
        recipe.caption.keyed(model_key), output="captions", gather=gather.evidence, reads=known, needs=evidence,
        rows_per_unit=256, environment=recipe.caption.environment, concurrent_units=2 if recipe.caption.phrase else 1,
    )  # fmt: skip
    quizzes = tuple(
        by_clip(
            stage, output="questions", gather=gather.measured_evidence, reads=measured, needs=facts,
            rows_per_unit=64, environment=stage.model.environment, concurrent_units=4,
        )
        for stage in keyed(recipe.quiz, model_key)
    )  # fmt: skip
    told = tuple(generations(recipe, model_key, caption, known, facts, quizzes))
    proxies = _proxies(recipe, clips, told)
    embeds = tuple(embeddings(recipe, told, clips, _embedding_sink))
    encode = by_clip(
        recipe.encode, output="latents", gather=gather.clip_files_ahead, reads=clips,
        open_sink=_latent_sink, rows_per_unit=32, environment=recipe.encode.environment,
    )  # fmt: skip
    rated = (rate,) if recipe.rate.raters else ()
    first = (fetch, scan, subtitle, split, score, *rated, listen, read, *asked, *quizzes)
    jobs = _with_gpus((*first, *told, *proxies, encode, *embeds), recipe.resources.gpus)
    return tuple(replace(job, isolation_required=recipe.media.isolated) for job in jobs)


def _asking(recipe: Recipe, key: str | None) -> Iterator[tuple[See | Hear, str]]:
    """The stages that ask models, with the key that their servers want, and their tables."""
    if recipe.see:
        yield replace(recipe.see, model=recipe.see.model.keyed(key)), "views"
    if recipe.hear:
        yield replace(recipe.hear, model=recipe.hear.model.keyed(key)), "hearings"


def _proxies(recipe: Recipe, clips: Mapping[str, str], told: Sequence[Job]) -> tuple[Job, ...]:
    """What annotators are shown, by the first test of each clip: what a repair puts right may be looked at as well."""
    if recipe.proxy is None:
        return ()
    reads = {**clips, "verdicts": fingerprints(told)["verdicts"]}
    job = Job(
        recipe.proxy, "verdicts", "caption_id", "proxies", partial(gather.told_clips, wants=recipe.proxy.wants), reads,
        open_sink=_proxy_sink, sorted_by="clip_id", rows_per_unit=64,
    )  # fmt: skip
    return (job,)


def _with_gpus(jobs: Sequence[Job], gpus: Mapping[str, float]) -> tuple[Job, ...]:
    """The jobs with what the recipe says of GPUs. Without one, a single worker holds an engine of vLLM."""
    for name in gpus:
        if name not in (names := [job.name for job in jobs]):
            raise RecipeError(f"resources.gpus: no job of this recipe is called {name!r}; there are {', '.join(names)}")
    return tuple(
        replace(job, gpus=gpus[job.name])
        if job.name in gpus
        else replace(job, workers=1)
        if job.environment == "vllm"
        else job
        for job in jobs
    )


def snapshot_of(lake: Lake, jobs: Sequence[Job]) -> Snapshot:
    """The rows of a lake that the jobs of a road make."""
    first = fingerprints(jobs)
    later: dict[str, list[str]] = {}
    for job in jobs:
        if job.fingerprint != first[job.output]:
            later.setdefault(job.output, []).append(job.fingerprint)
    return Snapshot(lake, first, {table: tuple(names) for table, names in later.items()})


def fingerprints(jobs: Sequence[Job]) -> dict[str, str]:
    """Table -> the fingerprint that the recipe asks of it: of several jobs that give it, that of the first."""
    return {job.output: job.fingerprint for job in reversed(jobs)}


def _media_sink(snapshot: Snapshot, target_bytes: int) -> Sink:
    """Tar shards; bytes that the lake has, or that this worker has just stored, are not stored again."""
    there = pl.col("outputs") > 0
    known = Known(snapshot.lake, "media", "media_id", there)
    recent: dict[str, Blob] = {}  # what may not be committed yet

    def place(media_id: str) -> Blob | None:
        if media_id in recent or not known.maybe([media_id]):
            return recent.get(media_id)
        rows = snapshot.lake.scan("media").filter(there & (pl.col("media_id") == media_id))
        found = rows.select("blob").head(1).collect()["blob"].to_list()
        return Blob(**found[0]) if found else None

    def sink(lake: Lake, unit: str, heavies: Iterable[Heavy[Media]]) -> list[Any]:
        rows = store_tar(lake.blobs, unit, heavies, place, target_bytes)
        recent.update({row.media_id: row.blob for row in rows if row.blob is not None})
        old = list(itertools.islice(recent, max(0, len(recent) - _RECENT)))
        known.learn(old)
        for media_id in old:
            del recent[media_id]
        return rows

    return sink


def _proxy_sink(snapshot: Snapshot) -> Sink:
    def sink(lake: Lake, unit: str, heavies: Iterable[Heavy[Any]]) -> list[Any]:
        return store_proxies(lake.blobs, unit, heavies)

    return sink


def _latent_sink(snapshot: Snapshot) -> Sink:
    def sink(lake: Lake, unit: str, heavies: Iterable[Heavy[Any]]) -> list[Any]:
        return store_latents(lake.blobs, unit, list(heavies))

    return sink


def _embedding_sink(snapshot: Snapshot) -> Sink:
    def sink(lake: Lake, unit: str, heavies: Iterable[Heavy[Any]]) -> list[Any]:
        return store_embeddings(lake.blobs, unit, list(heavies))

    return sink
