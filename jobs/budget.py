"""A bound on what a run may use, or what all runs of a lake may; a job that reaches it begins nothing new."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from curate.errors import RecipeError
from curate.prices import Prices
from jobs.prices import load_prices

Above0 = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Budget:
    """None: no bound. What is under way when one is reached is finished, and counts beyond it."""

    cpu_hours: Above0 | None = None  # of the processes of workers
    gpu_hours: Above0 | None = None  # of GPUs held, whether they had work or not
    stored_gib: Above0 | None = None  # that was written: rows and shards, what was removed since as well
    money: Above0 | None = None  # for CPU, GPU, reading and tokens; not requests, nor the rent of what is stored
    prices: Prices | str | None = None  # a sheet, or the TOML file of one
    per: Literal["run", "lake"] = "run"  # of a lake: all that its ledger tells of

    def __post_init__(self) -> None:
        if self.money is not None and self.prices is None:
            raise RecipeError("budget.money: give budget.prices, a sheet or the file of one, to count it by")

    @property
    def sheet(self) -> Prices:
        """RecipeError where the file is no sheet of prices."""
        return load_prices(Path(self.prices)) if isinstance(self.prices, str) else self.prices or Prices()
