"""One run over one lake: the recipe, the engine, and what is shown."""

import itertools
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.errors import UsageError
from curate.fetch.add import Adding, sources_from
from curate.storage.lake import Lake, open_lake
from jobs.cut import pick, plan
from jobs.drive import Policy, Progress, run_job
from jobs.engines import Engine, Inline
from jobs.environment import one_thread_each, ray_address, storage_options
from jobs.job import Job, Snapshot
from jobs.recipe import Recipe
from jobs.road import fingerprints, road
from jobs.show import Show

SET_JOBS = {"pick": pick, "plan": plan}
"""Jobs over whole tables, after the row jobs."""


@dataclass
class Session:
    """Runs jobs of one recipe on one lake."""

    lake: Lake
    recipe: Recipe
    engine: Engine
    show: Show
    retry: frozenset[str] = frozenset()
    skipped: Counter[str] = field(default_factory=Counter)  # why files of a folder or bucket were left out
    progress: list[Progress] = field(default_factory=list)

    @property
    def road(self) -> tuple[Job, ...]:
        return road(self.recipe, self.lake.options)

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.lake, fingerprints(self.road))

    def add(self, inputs: Iterable[str]) -> int:
        """Add the sources that the lake does not have yet; the number of them."""
        known = self.lake.scan("sources").select("source_id").collect()["source_id"]
        adding = Adding(time.time_ns() // 1000, storage_options=self.lake.options)
        found = itertools.chain.from_iterable(sources_from(one, adding, self._skip) for one in inputs)
        added = 0
        for batch in _batches(found, 10_000):
            by_id = {source.source_id: source for source in batch}
            ids = pl.Series("source_id", list(by_id), pl.String)
            new = ids.filter(~ids.is_in(known.implode()))
            self.lake.append("sources", [by_id[one] for one in new])
            known.append(new)
            added += len(new)
        return added

    def _skip(self, _name: str, reason: str) -> None:
        self.skipped[reason] += 1

    def has_sources(self) -> bool:
        return bool(self.lake.scan("sources").select(pl.len()).collect().item())

    def run(self, names: Sequence[str]) -> list[Progress]:
        """The named jobs, in the order of the road."""
        resources = self.recipe.resources
        policy = Policy(resources.workers, resources.attempts, self.retry)
        chosen = [
            (job, self.engine.at(job.environment, resources.environments)) for job in self.road if job.name in names
        ]
        with self.show:
            for job, engine in chosen:
                self.progress.append(run_job(job, self.snapshot, engine, policy, self.show.watch))
            for name, build in SET_JOBS.items():
                if name in names:
                    self.progress.append(build(self.snapshot, self.recipe, self.show.watch))
        return self.progress


def job_names(recipe: Recipe) -> tuple[str, ...]:
    return (*(job.name for job in road(recipe)), *SET_JOBS)


def open_session(uri: str, recipe: Recipe, engine: str, show: Show, retry: Iterable[str] = ()) -> Session:
    """A session on a lake, which is made where it is missing."""
    one_thread_each()
    lake = open_lake(uri, storage_options())
    lake.create()
    return Session(lake, recipe, open_engine(engine), show, frozenset(retry))


def open_engine(name: str) -> Engine:
    """`ray` or `inline`; Ray is imported only when it is used."""
    if name == "inline":
        return Inline()
    if name != "ray":
        raise UsageError(f"an engine is ray or inline, not {name!r}")
    from jobs.ray_engine import RayEngine  # noqa: PLC0415  half a second, and not every command needs it

    return RayEngine(ray_address())


def _batches(rows: Iterable[Any], size: int) -> Iterable[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
