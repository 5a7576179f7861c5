"""The amounts of a whole, added up job by job along the road of a recipe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from curate.bootstrap import Figures
from curate.extrapolation import Amount, Sample
from jobs.foreseen import foreseen
from jobs.job import Job
from jobs.pilot import alive
from jobs.recipe import Recipe
from jobs.sampled import CHUNK, Sampled, Worked

Basis = Literal["pilot", "ledger", "arithmetic", "prices"]
Unit = Literal["rows", "bytes", "requests", "hours", "tokens", "money"]
COUNTED = ("media", "clips", "captions")
"""Tables whose rows are told."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What is estimated for: so many sources, or sources of so many bytes; neither: all that the lake lists."""

    sources: int | None = None
    size_bytes: float | None = None


@dataclass
class Tally:
    """The amounts of a whole, added up job by job along the road."""

    sampled: Sampled
    asked: Whole
    amounts: dict[tuple[str, Unit, Basis], Amount] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # jobs that have not run
    idle: dict[str, float] = field(default_factory=dict)  # job -> share of its GPU seconds

    def __post_init__(self) -> None:
        self.sample = Sample.of(len(self.sampled.sources))
        self.reached: dict[tuple[str, str | None], Amount] = {("sources", None): self._sources()}
        self.whole = self.reached["sources", None].value

    def _sources(self) -> Amount:
        """How many sources the whole has."""
        if self.asked.size_bytes is not None:
            fetched = self.sampled.column(self.sampled.fetched, pl.col("size_bytes"))
            of_a_byte = self.sample.ratio(np.ones_like(fetched), fetched)
            return Amount(self.asked.size_bytes * of_a_byte, self.sample.sources)
        listed = self.asked.sources or alive(self.sampled.lake).select(pl.len()).collect().item()
        return Amount(np.full(len(self.sample.weights), float(listed)), self.sample.sources, known=True)

    @property
    def inside(self) -> bool:
        """Whether the sample is part of the whole."""
        return self.asked == Whole()

    def add(self, job: Job, done: Worked | None) -> None:
        """The next job of the road."""
        given = self.reached.get((job.over, job.reads.get(job.over)))
        if given is None or done is None:
            self.missing.append(job.label)
            return

        def of(column: Figures) -> Amount:
            return self._amount(given, column, done.inputs)

        self.reached[job.output, job.fingerprint] = of(done.outputs)
        if job.over == "sources":
            lasts = self.sampled.column(self.sampled.media, pl.col("duration_us").fill_null(0) / 3.6e9)
            self._put("video", "hours", "pilot", of(lasts))
            self._put("fetched", "bytes", "pilot", of(self.sampled.column(self.sampled.fetched, pl.col("size_bytes"))))
        if job.output in COUNTED:
            self._put(job.output, "rows", "pilot", of(done.outputs))
        if done.failed.any():
            self._put(f"failed in {job.label}", "rows", "pilot", of(done.failed))
        self._store(job, done, of)
        for name, column in done.spent.items():
            if column.any():
                self._spend(job, name, of(column))
        if done.gets.any():
            self._put("GET", "requests", "arithmetic", of(done.gets))
        if done.idle_share is not None:
            self.idle[job.label] = done.idle_share

    def _store(self, job: Job, done: Worked, of: Callable[[Figures], Amount]) -> None:
        """What is stored, and the requests for it: a file of rows a unit, and a shard, of which each chunk is one."""
        self._put("stored: tables", "bytes", "pilot", of(done.table_bytes))
        puts = of(done.inputs) * (1 / job.rows_per_unit)
        if done.stored_bytes.any():
            self._put(f"stored: {job.output}", "bytes", "pilot", of(done.stored_bytes))
            puts = puts * 2 + of(done.stored_bytes) * (1 / CHUNK)
        self._put("PUT", "requests", "arithmetic", puts)

    def _spend(self, job: Job, column: str, amount: Amount) -> None:
        if column == "bytes_read":
            self._put("read from the lake", "bytes", "ledger", amount)
        elif column.startswith("tokens"):
            self._put(column.replace("_", " "), "tokens", "ledger", amount)
        else:
            self._put(f"{column[:3].upper()}: {job.label}", "hours", "ledger", amount * (1 / 3600))

    def foresee(self, jobs: Sequence[Job], recipe: Recipe) -> None:
        """Latents that nobody has encoded, where there are clips."""
        split = next(job for job in jobs if job.output == "clips")
        clips = self.reached.get(("clips", split.fingerprint))
        if clips is None:
            return
        rows = foreseen(self.sampled.lake, split.fingerprint, split.reads["media"], recipe.encode)
        mine = rows.join(self.sampled.media, on="media_id")
        weighed = self._amount(clips, self.sampled.column(mine, pl.col("latent_bytes")), self.sampled.column(mine))
        self._put("stored: latents", "bytes", "arithmetic", weighed)

    def _amount(self, given: Amount, column: Figures, inputs: Figures) -> Amount:
        """given: how many inputs the whole has; column: what those came to that were met, `inputs`."""
        sources, share = self.sample.sources, inputs.sum() / given.value
        tell = round(sources * min(1.0, share * self.whole / sources))
        return given * Amount(self.sample.ratio(column, inputs), tell).settled(share, self.inside)

    def _put(self, name: str, unit: Unit, basis: Basis, amount: Amount) -> None:
        key = (name, unit, basis)
        self.amounts[key] = self.amounts[key] + amount if key in self.amounts else amount

    def sum(self, *starts: str) -> Amount:
        """All amounts whose name begins like this."""
        none = Amount(np.zeros(len(self.sample.weights)), self.sample.sources, known=True)
        return sum((a for (name, *_), a in self.amounts.items() if name.startswith(starts)), none)
