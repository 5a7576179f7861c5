"""What became of what was asked for, and what a minute that the cut keeps has cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.ledger import RunRecord

Unit = Literal["us", "bytes", "number"]


@dataclass(frozen=True, slots=True)
class Step:
    """What is left after one part of the road."""

    name: str
    rows: int
    duration_us: int | None  # None: nobody knows how long it lasts
    share: float | None  # of the step before, by time where both have one, else by rows


@dataclass(frozen=True, slots=True)
class Cost:
    """What was used of one thing."""

    name: str
    total: float
    unit: Unit
    a_minute: float | None  # that the cut keeps; None: it keeps none


@dataclass(frozen=True, slots=True)
class Spending:
    """Of the runs that made the rows which a report shows."""

    steps: tuple[Step, ...]
    costs: tuple[Cost, ...]


def steps(found: Sequence[tuple[str, int, int | None]]) -> tuple[Step, ...]:
    """found: name, rows and microseconds of each part, in the order of the road."""
    before = [None, *found]
    return tuple(Step(*one, _share(one, last)) for one, last in zip(found, before, strict=False))


def _share(now: tuple[str, int, int | None], last: tuple[str, int, int | None] | None) -> float | None:
    if last is None:
        return None
    part, whole = (now[2], last[2]) if now[2] is not None and last[2] else (now[1], last[1])
    return part / whole if part is not None and whole else None


def costs(runs: Iterable[RunRecord], stored: Sequence[tuple[str, int]], kept_us: int) -> tuple[Cost, ...]:
    """What runs used, and what of it is stored; nothing is said of what was not used.

    stored: name and bytes. kept_us: how long the clips are that a cut keeps.
    """
    listed = list(runs)
    idle = [run.gpu_idle_s for run in listed if run.gpu_idle_s is not None]
    used: list[tuple[str, float, Unit]] = [
        ("CPU time", 1e6 * sum(run.cpu_s for run in listed), "us"),
        ("workers held", 1e6 * sum(run.worker_s for run in listed), "us"),
        ("GPUs held", 1e6 * sum(run.gpu_s for run in listed), "us"),
        ("GPUs without a row", 1e6 * sum(idle), "us"),
        ("tokens in", sum(run.tokens_in for run in listed), "number"),
        ("tokens out", sum(run.tokens_out for run in listed), "number"),
        *((name, size, "bytes") for name, size in stored),
    ]
    minutes = kept_us / 6e7
    return tuple(Cost(*one, one[1] / minutes if minutes else None) for one in used if one[1])
