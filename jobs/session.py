"""One run over one lake: the recipe, the engine, and what is shown."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from curate.errors import BudgetReached, UsageError
from curate.fetch.add import Adding
from curate.storage.lake import Lake, open_lake
from jobs.adding import Added, add_sources
from jobs.cut import has_cut, pick, plan, plan_rests
from jobs.drive import Policy, run_job
from jobs.ending import raise_if_ended, terminable
from jobs.engines import Engine, Inline
from jobs.environment import model_key, no_telemetry, one_thread_each, ray_address, storage_options
from jobs.job import Job, Snapshot
from jobs.meter import Meter
from jobs.metrics import Metering
from jobs.pilot import Pilot
from jobs.progress import Progress
from jobs.recall import recall
from jobs.recipe import Recipe
from jobs.road import road, snapshot_of
from jobs.show import Several, Show
from schemas.uri import shown_uri

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
    pilot: Pilot | None = None
    added: Added = field(default_factory=Added)
    progress: list[Progress] = field(default_factory=list)

    @property
    def road(self) -> tuple[Job, ...]:
        return road(self.recipe, self.lake.options, model_key())

    @property
    def snapshot(self) -> Snapshot:
        return snapshot_of(self.lake, self.road)

    def add(
        self, inputs: Iterable[str], adding: Adding | None = None, watch: Callable[[Added], None] = lambda _: None
    ) -> int:
        """Add the sources that the lake does not have yet; the number of them."""
        before = self.added.added
        add_sources(self.lake, inputs, adding or self.adding(), self.added, watch)
        return self.added.added - before

    def adding(self) -> Adding:
        """What holds for sources that are added now, where nobody says more of them."""
        return Adding(time.time_ns() // 1000, roots=self.recipe.fetch.roots, storage_options=self.lake.options)

    def has_sources(self) -> bool:
        return bool(self.lake.scan("sources").select(pl.len()).collect().item())

    def run(self, names: Sequence[str]) -> list[Progress]:
        """The named jobs, in the order of the road; SIGTERM ends them as Ctrl-C does."""
        with self.show, terminable():
            for done in itertools.chain(self.over_rows(names), self.over_tables(names)):
                self.progress.append(done)
        return self.progress

    def over_rows(self, names: Sequence[str], attempts: int | None = None) -> Iterator[Progress]:
        """Run the named jobs over rows; what failed for a while is tried `attempts` times; None: as the recipe says."""
        for job, engine in self._chosen(names):
            yield self._run(job, engine, attempts)

    def over_tables(self, names: Sequence[str]) -> Iterator[Progress]:
        """Run the named jobs over whole tables."""
        for name, build in SET_JOBS.items():
            if "plan" in names:  # what the last cut needs, then what the new one does
                yield from self._recall(names)
            if name in names:
                raise_if_ended()
                yield build(self.snapshot, self.recipe, self.show.watch)

    def _chosen(self, names: Sequence[str]) -> list[tuple[Job, Engine]]:
        environments = self.recipe.resources.environments
        return [(job, self.engine.at(job.environment, environments)) for job in self.road if job.name in names]

    def _run(self, job: Job, engine: Engine, attempts: int | None = None) -> Progress:
        """BudgetReached where the job has left something undone."""
        raise_if_ended()
        resources = self.recipe.resources
        meter = self.meter
        policy = Policy(
            resources.workers, attempts or resources.attempts, self.retry, self.pilot, meter.reached if meter else None
        )
        done = run_job(job, self.snapshot, engine, policy, self.show.watch)
        if meter:
            meter.ended.append(done)
        if done.reached is not None:
            self.progress.append(done)
            raise BudgetReached(done.reached)
        return done

    @cached_property
    def meter(self) -> Meter | None:
        """What all jobs of this session use, held against the budget of the recipe; None: it has none."""
        return Meter.on(self.lake, self.recipe.budget) if self.recipe.budget else None

    def _recall(self, names: Sequence[str]) -> Iterator[Progress]:
        """Make again what was evicted and the plan will read, by the jobs of this run."""
        if not has_cut(self.snapshot, self.recipe) or plan_rests(self.snapshot, self.recipe):
            return
        for job, engine in self._chosen(names):
            wanted = job.output == "latents" or (job.output == "embeddings" and self.recipe.plan.text_encoder)
            if wanted and recall(self.snapshot, self.recipe, job):
                yield self._run(job, engine)


def job_names(recipe: Recipe) -> tuple[str, ...]:
    """Each name once: `retold check` runs all jobs of that name."""
    return (*dict.fromkeys(job.name for job in road(recipe)), *SET_JOBS)


def open_session(
    uri: str, recipe: Recipe, engine: str, show: Show, retry: Iterable[str] = (), pilot: Pilot | None = None
) -> Session:
    """A session on a lake, which is made where it is missing."""
    no_telemetry()
    one_thread_each()
    lake = open_lake(uri, storage_options())
    lake.create()
    show = _counted(lake, engine, show)
    return Session(lake, recipe, open_engine(engine, recipe.resources.nodes_within_s), show, frozenset(retry), pilot)


def _counted(lake: Lake, engine: str, show: Show) -> Show:
    """What shows a run, and beside it what counts it where Ray exports what is counted."""
    if engine != "ray":
        return show
    from jobs.ray_metrics import RayMeters  # noqa: PLC0415  as below: Ray is imported only when it is used

    return Several(show, Metering(shown_uri(lake.uri), RayMeters()))


def open_engine(name: str, nodes_within_s: float = 0.0) -> Engine:
    """`ray` or `inline`; Ray is imported only when it is used."""
    if name == "inline":
        return Inline()
    if name != "ray":
        raise UsageError(f"an engine is ray or inline, not {name!r}")
    from jobs.ray_engine import RayEngine  # noqa: PLC0415  half a second, and not every command needs it

    return RayEngine(ray_address(), nodes_within_s=nodes_within_s)
