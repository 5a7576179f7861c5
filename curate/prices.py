"""What machines, a store and servers of models ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Generic, TypeVar

from curate.bootstrap import Figures
from curate.errors import RecipeError

GIB = 1 << 30
A = TypeVar("A", float, Figures)


@dataclass(frozen=True)
class Prices:
    """A sheet of prices in one currency. There are no prices but those that are given: what has none costs nothing."""

    currency: str = ""  # its name, as it is told
    cpu_hour: float = 0.0  # of one core
    gpu_hour: dict[str, float] = field(default_factory=dict)  # by kind, as the sheet calls them
    gpu: str | None = None  # the kind that the workers have; None: there is no more than one
    storage_gib_month: float = 0.0  # of what is stored
    put_1000: float = 0.0  # requests that write
    get_1000: float = 0.0  # requests that read
    egress_gib: float = 0.0  # that leaves the store; nothing where the workers are beside it
    tokens_in_million: float = 0.0  # of servers of models
    tokens_out_million: float = 0.0  # the same, that they write

    def __post_init__(self) -> None:
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.type is float}
        for name, price in {**plain, **self.gpu_hour}.items():
            if price < 0:
                raise RecipeError(f"prices: {name} is {price:g}; a price is 0 or more")
        if self.gpu is not None and self.gpu not in self.gpu_hour:
            raise RecipeError(f"prices.gpu: gpu_hour has no {self.gpu!r}; it has {_listed(self.gpu_hour)}")
        if self.gpu is None and len(self.gpu_hour) > 1:
            raise RecipeError(f"prices.gpu: say which of {_listed(self.gpu_hour)} the workers have")

    def of(self, used: "Used[A]") -> A:
        """What all this costs once: without a rent."""
        gpu_hour = self.gpu_hour[self.gpu] if self.gpu else next(iter(self.gpu_hour.values()), 0.0)
        return (
            used.cpu_s * (self.cpu_hour / 3600)
            + used.gpu_s * (gpu_hour / 3600)
            + used.gets * (self.get_1000 / 1000)
            + used.puts * (self.put_1000 / 1000)
            + used.read_bytes * (self.egress_gib / GIB)
            + used.tokens_in * (self.tokens_in_million / 1e6)
            + used.tokens_out * (self.tokens_out_million / 1e6)
        )


@dataclass(frozen=True)
class Used(Generic[A]):
    """What was used, or would be: plain numbers, or one for each draw."""

    cpu_s: A
    gpu_s: A
    gets: A
    puts: A
    read_bytes: A
    tokens_in: A
    tokens_out: A


def _listed(kinds: Mapping[str, float]) -> str:
    return ", ".join(kinds) or "none"
