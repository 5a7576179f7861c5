"""A training plan: the slots of every step, their hash, and what they add up to."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from curate.chance import stable_hash, uniform
from curate.digest import digest
from curate.errors import LakeError, RecipeError
from curate.plan.order import Carried, Readings, arrange
from curate.plan.settings import PlanSettings
from curate.stage import config
from schemas.latent import PlanSlot
from schemas.row import arrow_schema


@dataclass(frozen=True, slots=True)
class BucketSummary:
    """One bucket in a plan. `left_out` readings were due and are read at no step."""

    bucket: str
    clips: int
    samples_per_step: int
    steps: int
    samples: int
    left_out: int


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a plan adds up to. `carried`: readings that an epoch left for the next, per epoch."""

    plan_hash: str
    steps: int
    samples: int
    bytes: int
    buckets: tuple[BucketSummary, ...]
    carried: tuple[int, ...]
    left_out: int
    variants: tuple[tuple[str, int], ...]
    without_caption: int  # readings of a clip that has none: they count under "none"
    without_sound: int


@dataclass(frozen=True)
class Plan:
    """`slots` are `PlanSlot` rows by step and slot; a step is a global batch.

    Rank r of w reads the slots r, r + w, ... of each step: where w does not divide them, the first ranks have one more.
    """

    plan_hash: str
    slots: pa.Table
    totals: PlanSummary

    def summary(self) -> PlanSummary:
        return self.totals


def plan(picks: pl.LazyFrame, latents: pl.LazyFrame, captions: pl.LazyFrame, settings: PlanSettings) -> Plan:
    """Order the kept clips of one cut.

    picks: `Pick` rows of one cut. captions: `caption_id, clip_id` of those that may be read. The same content and
    settings give the same plan, in whatever order the rows come.
    """
    clips, cut_hash = _clips(picks, latents, settings)
    sizes = _sizes(clips, settings)
    names = list(sizes)
    buckets = clips["bucket"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    readings, carried = arrange(
        buckets, clips["weight"].to_numpy(), stable_hash(clips["clip_id"]), list(sizes.values()),
        seed=settings.seed, epochs=settings.epochs, short_last=settings.last == "short",
    )  # fmt: skip
    texts = _Texts.of(clips["clip_id"], captions)
    frame = _frame(clips, readings, texts, settings)
    plan_hash = digest(f"plan {cut_hash} {config(settings)}", frame)
    schema = arrow_schema(PlanSlot)
    slots = frame.with_columns(plan_hash=pl.lit(plan_hash)).select(schema.names).to_arrow().cast(schema)
    without = int(np.count_nonzero(texts.counts[readings.clip] == 0))
    return Plan(plan_hash, slots, _summary(plan_hash, clips, frame, sizes, carried, without))


def _clips(picks: pl.LazyFrame, latents: pl.LazyFrame, settings: PlanSettings) -> tuple[pl.DataFrame, str]:
    """The kept clips of one side by id, with their latents; and the hash of their cut."""
    hashes = picks.select(pl.col("cut_hash").unique()).collect().to_series()
    if hashes.is_empty():
        raise LakeError("a plan is made of a cut, and there are no picks: run `retold pick` first")
    if len(hashes) > 1:
        raise LakeError(f"a plan is made of one cut, and these picks are of {len(hashes)}: choose one by its cut_hash")
    kept = picks.filter("kept", pl.col("side") == settings.side).select("clip_id", "weight")
    stored = latents.filter(pl.col("blob").is_not_null()).with_columns(bytes=pl.col("blob").struct.field("length"))
    picture = stored.filter(pl.col("modality") != "audio", pl.col("encoder") == settings.picture_encoder)
    sound = stored.filter(pl.col("modality") == "audio", pl.col("encoder") == settings.sound_encoder)
    frame = (
        kept.join(picture.select("clip_id", "bucket", "shape", "content_key", "bytes"), on="clip_id", how="left")
        .join(sound.select("clip_id", audio_content_key="content_key", audio_bytes="bytes"), on="clip_id", how="left")
        .sort("clip_id")
        .collect()
    )
    if frame["clip_id"].n_unique() != frame.height:
        raise LakeError("a clip has two latents of one encoder: give the latents at one fingerprint")
    missing = frame.filter(pl.col("content_key").is_null())
    if missing.height:
        raise LakeError(
            f"{missing.height} kept clips have no latent of {settings.picture_encoder}, "
            f"such as {missing['clip_id'][0]}; run `retold encode`, or `retold pick` again"
        )
    return frame, str(hashes[0])


def _sizes(clips: pl.DataFrame, settings: PlanSettings) -> dict[str, int]:
    """Samples of a step of each bucket, by name."""
    sizes = {}
    for bucket, shape in clips.select("bucket", "shape").unique("bucket", keep="any").sort("bucket").iter_rows():
        by_tokens = settings.tokens_per_step
        samples = settings.samples_per_step if by_tokens is None else _fitting(bucket, shape, by_tokens, settings)
        sizes[bucket] = samples // settings.multiple_of * settings.multiple_of
    return sizes


def _fitting(bucket: str, shape: list[int], allowed: int, settings: PlanSettings) -> int:
    """How many samples of a bucket have no more than the allowed tokens."""
    tokens = int(np.prod([-(-n // cell) for n, cell in zip(shape[1:], settings.token_cells, strict=True)]))
    if tokens * settings.multiple_of > allowed:
        raise RecipeError(
            f"tokens_per_step {allowed} is less than {settings.multiple_of} samples of bucket {bucket}, "
            f"which have {tokens} tokens each"
        )
    return allowed // tokens


@dataclass(frozen=True)
class _Texts:
    """Caption ids grouped by clip: those of clip i are `ids[starts[i] : starts[i] + counts[i]]`."""

    ids: pl.Series
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, clip_ids: pl.Series, captions: pl.LazyFrame) -> "_Texts":
        index = pl.LazyFrame({"clip_id": clip_ids}).with_row_index("clip")
        known = captions.filter(pl.col("caption_id").is_not_null()).select("clip_id", "caption_id").unique()
        rows = index.join(known, on="clip_id").sort("clip", "caption_id").collect()
        counts = np.bincount(rows["clip"].to_numpy(), minlength=len(clip_ids)).astype(np.int64)
        return cls(rows["caption_id"], np.cumsum(counts) - counts, counts)

    def chosen(self, readings: Readings) -> pl.Series:
        """The caption of each reading, drawn from those of its clip; any caption where the clip has none."""
        counts = self.counts[readings.clip]
        index = np.where(counts > 0, self.starts[readings.clip] + readings.words[1] % np.maximum(counts, 1), 0)
        if self.ids.is_empty():
            return pl.repeat(None, len(index), dtype=pl.String, eager=True)
        return self.ids.gather(index)


def _frame(clips: pl.DataFrame, readings: Readings, texts: _Texts, settings: PlanSettings) -> pl.DataFrame:
    """All columns of `PlanSlot` but the hash."""
    counts = texts.counts[readings.clip]
    edges = np.cumsum([share.share for share in settings.shares])[:-1]
    chosen = np.searchsorted(edges, uniform(readings.words[0]), side="right")
    names = np.array([share.variant for share in settings.shares])
    variant = pl.Series("variant", np.where(counts > 0, names[chosen], "none"), dtype=pl.String)
    rows = clips.select("clip_id", "bucket", "content_key", "audio_content_key", "bytes", "audio_bytes")[readings.clip]
    return rows.with_columns(
        step=pl.Series(readings.step),
        slot=pl.Series(readings.slot),
        epoch=pl.Series(readings.epoch),
        variant=variant,
        caption_id=pl.when(variant != "none").then(texts.chosen(readings)),
        bytes=pl.col("bytes") + pl.col("audio_bytes").fill_null(0),
    ).drop("audio_bytes")


def _summary(
    plan_hash: str, clips: pl.DataFrame, frame: pl.DataFrame, sizes: dict[str, int], carried: Carried, without: int
) -> PlanSummary:
    by_bucket = frame.group_by("bucket").agg(steps=pl.col("step").n_unique(), samples=pl.len())
    used = {bucket: (steps, samples) for bucket, steps, samples in by_bucket.iter_rows()}
    held = dict(clips.group_by("bucket").len().iter_rows())
    buckets = tuple(
        BucketSummary(name, held[name], size, *used.get(name, (0, 0)), left)
        for (name, size), left in zip(sizes.items(), carried.left_out, strict=True)
    )
    return PlanSummary(
        plan_hash=plan_hash,
        steps=frame["step"].n_unique(),
        samples=frame.height,
        bytes=int(frame["bytes"].sum()),
        buckets=buckets,
        carried=tuple(sum(left) for left in carried.after_epoch[:-1]),
        left_out=sum(carried.left_out),
        variants=tuple(sorted(frame["variant"].value_counts().iter_rows())),
        without_caption=without,
        without_sound=frame["audio_content_key"].null_count(),
    )
