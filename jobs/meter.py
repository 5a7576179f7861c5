"""What jobs have used, held against a budget."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

import polars as pl

from curate.prices import GIB, Prices, Used
from curate.storage.lake import Lake
from jobs.budget import Budget
from jobs.progress import Progress


@dataclass(frozen=True, slots=True)
class Spent:
    """What jobs have used, by the names of the ledger."""

    cpu_s: float = 0.0
    gpu_s: float = 0.0
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    bytes_read: float = 0.0
    bytes_written: float = 0.0

    @classmethod
    def by(cls, jobs: Iterable[Progress]) -> "Spent":
        some = list(jobs)
        return cls(*(sum(getattr(one, f.name) for one in some) for f in fields(cls)))

    @classmethod
    def of(cls, lake: Lake) -> "Spent":
        """By all jobs that have ended."""
        (row,) = lake.scan("runs").select(pl.col(*(f.name for f in fields(cls))).sum()).collect().iter_rows()
        return cls(*row)

    def __add__(self, more: "Spent") -> "Spent":
        return Spent(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Meter:
    """Holds what is used against a budget.

    before: what was used when the run began, of a budget for the lake; ended: the jobs of this run that have.
    """

    budget: Budget
    prices: Prices
    before: Spent = Spent()
    ended: list[Progress] = field(default_factory=list)

    @classmethod
    def on(cls, lake: Lake, budget: Budget) -> "Meter":
        return cls(budget, budget.sheet, Spent.of(lake) if budget.per == "lake" else Spent())

    def reached(self, running: Progress) -> str | None:
        """The bound that is reached, and what was used of it; None: there is room."""
        spent = self.before + Spent.by([*self.ended, running])
        for name, used in self._amounts(spent):
            bound = getattr(self.budget, name)
            if bound is not None and used >= bound:
                return f"budget.{name} = {bound:g} is reached, {used:.4g} used by this {self.budget.per}"
        return None

    def _amounts(self, spent: Spent) -> Iterator[tuple[str, float]]:
        yield "cpu_hours", spent.cpu_s / 3600
        yield "gpu_hours", spent.gpu_s / 3600
        yield "stored_gib", spent.bytes_written / GIB
        used = Used(spent.cpu_s, spent.gpu_s, 0.0, 0.0, spent.bytes_read, spent.tokens_in, spent.tokens_out)
        yield "money", self.prices.of(used)
