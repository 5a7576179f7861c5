"""What a plan adds up to, counted epoch by epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.plan.clips import Clips
from curate.plan.order import Readings
from curate.plan.settings import PlanSettings
from curate.stage import config
from schemas.plan import PlanBucket, PlanCut, PlanRecord, PlanVariant


@dataclass(frozen=True)
class Totals:
    """Counts of one epoch. Of several, they are added."""

    samples: NDArray[np.int64]  # by cut and bucket
    steps: NDArray[np.int64]  # by bucket
    variants: NDArray[np.int64]  # by share; the last: the clip has no caption
    size_bytes: int
    without_sound: int
    left: tuple[int, ...]  # by bucket

    @classmethod
    def of(cls, clips: Clips, readings: Readings, chosen: NDArray[np.int16], shares: int) -> "Totals":
        cuts, buckets = len(clips.cuts), len(clips.shapes)
        bucket = clips.bucket[readings.clip]
        cell = clips.cut[readings.clip].astype(np.int64) * buckets + bucket
        first = readings.slot == 0
        return cls(
            samples=np.bincount(cell, minlength=cuts * buckets).reshape(cuts, buckets),
            steps=np.bincount(bucket[first], minlength=buckets),
            variants=np.bincount(chosen, minlength=shares + 1),
            size_bytes=int(clips.size_bytes[readings.clip].sum()),
            without_sound=int(np.count_nonzero(~clips.sound[readings.clip])),
            left=readings.left,
        )


def record(
    plan_hash: str, clips: Clips, epochs: Sequence[Totals], sizes: Sequence[int], tokens: Sequence[int],
    settings: PlanSettings,
) -> PlanRecord:  # fmt: skip
    """The record of a plan from the counts of its epochs."""
    samples = np.stack([epoch.samples for epoch in epochs]).sum(axis=0)
    steps = np.stack([epoch.steps for epoch in epochs]).sum(axis=0)
    drawn = np.stack([epoch.variants for epoch in epochs]).sum(axis=0)
    held = np.bincount(clips.bucket, minlength=len(sizes))
    of_cut = np.bincount(clips.cut, minlength=len(clips.cuts))
    per_token = np.array(tokens, np.int64)
    buckets = tuple(
        PlanBucket(name, int(held[i]), tokens[i], sizes[i], int(steps[i]), int(samples[:, i].sum()), epochs[-1].left[i])
        for i, name in enumerate(clips.shapes)
    )
    cuts = tuple(
        PlanCut(cut.name, cut.hash, cut.share, int(of_cut[i]), int(samples[i].sum()), int(samples[i] @ per_token))
        for i, cut in enumerate(clips.cuts)
    )
    return PlanRecord(
        plan_hash=plan_hash,
        cuts=cuts,
        picture_encoder=settings.picture_encoder,
        picture_spec=clips.specs[0],
        sound_encoder=settings.sound_encoder,
        sound_spec=clips.specs[1],
        text_encoder=None,
        settings=config(settings),
        epochs=settings.epochs,
        steps=int(steps.sum()),
        samples=int(samples.sum()),
        bytes=sum(epoch.size_bytes for epoch in epochs),
        buckets=buckets,
        carried=tuple(sum(epoch.left) for epoch in epochs[:-1]),
        variants=_variants(drawn, settings),
        without_caption=int(drawn[-1]),
        without_sound=sum(epoch.without_sound for epoch in epochs),
    )


def _variants(drawn: NDArray[np.int64], settings: PlanSettings) -> tuple[PlanVariant, ...]:
    counts: dict[str, int] = {}
    for name, samples in zip([*(share.variant for share in settings.shares), "none"], drawn.tolist(), strict=True):
        counts[name] = counts.get(name, 0) + samples
    return tuple(PlanVariant(name, samples) for name, samples in sorted(counts.items()) if samples)
