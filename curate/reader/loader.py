"""The loader: batches of one rank, in the order of a stored plan, resumable at any step."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl
from obstore.exceptions import BaseError

from curate.errors import LakeError, UsageError
from curate.reader.batch import Batch, batch, torch
from curate.reader.batch import as_torch as to_torch
from curate.reader.lake import Lake
from curate.reader.prefetch import Late, Prefetch, Read
from curate.reader.samples import NONE, Sample, Samples, Tensor, Texts, samples
from curate.reader.tensors import Array, read_tensor
from schemas.latent import Pick, PlanSlot
from schemas.row import from_table

Arrays = tuple[Array, Array | None]
VARIANTS = ("dense", "medium", "short", "tags")
"""What a plan may choose of a caption."""


@dataclass(frozen=True, slots=True)
class Why:
    """Where a clip is in a plan, and what each cut in the lake says of it."""

    clip_id: str
    slots: tuple[PlanSlot, ...]
    ranks: tuple[int, ...]  # which rank reads each slot
    picks: tuple[Pick, ...]


class Loader:
    """Iterate over the steps of a plan from where the last iteration, or `load_state`, left off.

    Everything that a rank reads follows from the plan: ranks need not talk, and any number of them read the same
    samples at a step. Errors name rank, step and shard.
    """

    def __init__(  # noqa: PLR0913  a trainer's settings, all by name
        self, lake: Lake, plan: str | None = None, *, rank: int = 0, world: int = 1, prefetch_bytes: int = 256 << 20,
        threads: int = 4, timeout_s: float = 300.0, as_torch: bool = False, sounds: str | None = None,
        texts: Texts | None = None,
    ) -> None:  # fmt: skip
        """plan: first digits of its hash; sounds: the fingerprint whose events are given, where there are several.

        texts: what the samples of a variant get in the place of its stored rendering, made from the record of their
        caption: `{"dense": stored(renderer("ltx2"))}` of `captioners.render`.
        """
        unknown = set(texts or ()) - set(VARIANTS)
        if unknown:
            raise UsageError(f"no variant of a caption is called {min(unknown)!r}; there are {', '.join(VARIANTS)}")
        if not 0 <= rank < world:
            raise UsageError(f"rank is from 0 to world - 1: {rank=} {world=}")
        if as_torch:
            torch()
        self.lake, self.rank, self.world = lake, rank, world
        self.plan_hash = lake.plan_named(plan)
        self._as_torch, self._sounds, self._texts = as_torch, sounds, texts or NONE
        self._prefetch_bytes, self._threads, self._timeout_s = prefetch_bytes, threads, timeout_s
        self._blobs = lake.blobs
        self._step = 0
        self._check_budget()

    @cached_property
    def _samples(self) -> Samples:
        return samples(self.lake, self.plan_hash, self.rank, self.world, self._sounds, self._texts)

    @property
    def steps(self) -> int:
        """Steps of the whole plan; the same on every rank."""
        return len(self._samples.buckets)

    def __len__(self) -> int:
        return self.steps

    def state(self) -> dict[str, str | int]:
        """Where to go on: a few bytes for a checkpoint, the same on every rank and for any number of them."""
        return {"plan": self.plan_hash, "step": self._step}

    def load_state(self, state: Mapping[str, str | int]) -> None:
        """Go on from a checkpoint; UsageError where it is of another plan."""
        plan, step = state["plan"], state["step"]
        if plan != self.plan_hash:
            raise UsageError(
                f"the checkpoint was made with plan {plan}, this loader reads plan {self.plan_hash}: "
                "other data, captions or latents; open the loader with the checkpoint's plan"
            )
        if not isinstance(step, int) or not 0 <= step <= self.steps:
            raise UsageError(f"the checkpoint is at step {step} of a plan of {self.steps} steps")
        self._step = step

    def __iter__(self) -> Iterator[Batch]:
        """Ends after the last step; `load_state` to step 0 begins anew."""
        first = self._step
        counts = self._samples.counts()
        upcoming = self._samples.from_step(first)
        reads = (Read(s.bytes, self._origin(s, s.picture), partial(self._arrays, s)) for s in upcoming)
        taken = self._samples.from_step(first)
        with Prefetch(reads, self._prefetch_bytes, self._threads, self._timeout_s) as ahead:
            for step in range(first, self.steps):
                here = [next(taken) for _ in range(counts[step])]
                made = self._batch(step, here, [self._in_time(ahead.take) for _ in here])
                self._step = step + 1
                yield made

    def replay(self, step: int) -> Batch:
        """The batch of one step again, whatever the loader is doing."""
        if not 0 <= step < self.steps:
            raise UsageError(f"the plan has the steps 0 to {self.steps - 1}, not {step}")
        found = self._samples.of_step(step)
        return self._batch(step, found, [self._arrays(sample) for sample in found])

    def why(self, clip_id: str) -> Why:
        """Why a clip is read, and when; or why not."""
        planned = self.lake.table("plans").filter(pl.col("plan_hash") == self.plan_hash, pl.col("clip_id") == clip_id)
        picked = self.lake.table("picks").filter(pl.col("clip_id") == clip_id)
        slots = tuple(from_table(PlanSlot, planned.unique(["step", "slot"]).sort("step", "slot").collect().to_arrow()))
        picks = tuple(from_table(Pick, picked.unique(["cut", "cut_hash"]).sort("cut", "cut_hash").collect().to_arrow()))
        return Why(clip_id, slots, tuple(slot.slot % self.world for slot in slots), picks)

    def _check_budget(self) -> None:
        sizes = self._samples.rows["bytes"]
        if len(sizes) and sizes.max() > self._prefetch_bytes:  # type: ignore[operator]  # a column of integers
            row = self._samples.rows.row(int(sizes.arg_max() or 0), named=True)
            raise UsageError(
                f"prefetch_bytes {self._prefetch_bytes} is less than one sample: {row['clip_id']} has {row['bytes']} "
                "bytes; give at least that, better those of some batches"
            )

    def _origin(self, sample: Sample, tensor: Tensor) -> str:
        return f"rank {self.rank}, step {sample.step}, {tensor.shard}, {sample.clip_id}"

    def _arrays(self, sample: Sample) -> Arrays:
        sound = None if sample.sound is None else self._read(sample, sample.sound)
        return self._read(sample, sample.picture), sound

    def _read(self, sample: Sample, tensor: Tensor) -> Array:
        try:
            return read_tensor(self._blobs, tensor)
        except (LakeError, BaseError) as error:
            raise LakeError(f"{self._origin(sample, tensor)}: {error}") from error

    def _in_time(self, take: Callable[[], Arrays]) -> Arrays:
        try:
            return take()
        except Late as error:
            raise LakeError(str(error)) from error

    def _batch(self, step: int, here: list[Sample], arrays: list[Arrays]) -> Batch:
        bucket = self._samples.buckets[step]
        made = batch(step, bucket, self._samples.shapes[bucket], here, arrays)
        return to_torch(made) if self._as_torch else made
