"""What every rank knows of a plan: the bucket and the size of each step."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.errors import LakeError
from curate.reader.tables import Tables
from curate.reader.tensors import delivered


@dataclass(frozen=True)
class Outline:
    """Columns [steps]: ten bytes a step, so that a plan of any length fits in memory."""

    names: tuple[str, ...]
    codes: NDArray[np.int16]  # of the bucket of a step: its index in names
    sizes: NDArray[np.int64]  # samples of a step, of all ranks
    shapes: Mapping[str, tuple[int, ...]]  # of a picture latent, by bucket
    dtypes: Mapping[str, str]
    largest_bytes: int  # of a sample

    @property
    def steps(self) -> int:
        return len(self.sizes)

    def bucket(self, step: int) -> str:
        return self.names[int(self.codes[step])]

    def counts(self, rank: int, world: int) -> NDArray[np.int64]:
        """How many samples a rank has at each step: [steps]."""
        return np.maximum(0, -(-(self.sizes - rank) // world))

    def alike(self, step: int) -> int | None:
        """The step of the same bucket that is nearest before, else after; None: there is no other."""
        same = np.flatnonzero(self.codes == self.codes[step])
        at = int(np.searchsorted(same, step))
        others = [*same[max(0, at - 1) : at], *same[at + 1 : at + 2]]
        return int(others[0]) if others else None


def outline(tables: Tables, plan_hash: str, steps: int) -> Outline:
    """Read the outline of a plan. steps: how many there should be."""
    slots = tables["plans"].filter(pl.col("plan_hash") == plan_hash)
    by_step = (
        slots.group_by("step")
        .agg(size=pl.col("slot").max() + 1, bucket=pl.col("bucket").first(), bytes=pl.col("bytes").max())
        .sort("step")
    )
    some = slots.group_by("bucket").agg(pl.col("content_key").first())
    frame, keys = pl.collect_all([by_step, some])
    if not np.array_equal(frame["step"].to_numpy(), np.arange(steps)):
        raise LakeError(
            f"plan {plan_hash[:12]} is not stored whole: {frame.height} of {steps} steps; run `retold plan`"
        )
    names = sorted(keys["bucket"])
    latents = tables["latents"].filter(pl.col("content_key").is_in(keys["content_key"].implode()))
    told = latents.select("content_key", "shape", "dtype").collect()
    known = keys.join(told.unique("content_key"), on="content_key")
    codes = frame["bucket"].replace_strict(names, range(len(names)), return_dtype=pl.Int16).cast(pl.Int16)
    return Outline(
        tuple(names), codes.to_numpy(), frame["size"].to_numpy(),
        {bucket: tuple(shape) for bucket, shape in known.select("bucket", "shape").iter_rows()},
        {bucket: delivered(dtype).str for bucket, dtype in known.select("bucket", "dtype").iter_rows()},
        int(frame["bytes"].to_numpy().max(initial=0)),
    )  # fmt: skip
