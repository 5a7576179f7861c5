"""What a recipe would cost on all sources of a lake, from what it has done on some of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from curate.bootstrap import FEWEST
from curate.errors import UsageError
from curate.extrapolation import FEW, Amount
from curate.prices import GIB, Prices, Used
from jobs.evict import evicted
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.road import road
from jobs.sampled import Sampled, worked
from jobs.tally import Basis, Tally, Unit, Whole


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount with its interval of 95 %, and what it is based on.

    pilot: rows and bytes of the sampled sources; ledger: what their jobs used; arithmetic: known from other figures.
    low, high: None where too few sources tell, or all are alike.
    """

    name: str
    unit: Unit
    value: float
    low: float | None
    high: float | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Estimate:
    """All figures, and what has to be known beside them."""

    sources: int  # that were sampled
    whole: float  # sources that the figures are for
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]


def estimate(snapshot: Snapshot, recipe: Recipe, whole: Whole, prices: Prices | None = None) -> Estimate:
    """UsageError where the lake has nothing of the recipe that could tell.

    What people decide is not foreseen, nor are the jobs over whole tables, which take seconds. Requests are those for
    media and for what is written; those for rows of tables are few beside them, and are not counted.
    """
    jobs = [job for job in road(recipe) if job.over != "reviews" and job.of != "reviews"]
    sampled = Sampled.of(snapshot.lake, jobs[0])
    if sampled.sources.is_empty():
        raise UsageError("nothing of this recipe is there that could tell: `retold run --pilot 300` makes a sample")
    tally = Tally(sampled, whole)
    for job in jobs:
        tally.add(job, worked(sampled, job))
    if "encode" in tally.missing:
        tally.foresee(jobs, recipe)
    figures = [*_figures(tally), *(_money(tally, prices) if prices else ())]
    return Estimate(tally.sample.sources, tally.whole, tuple(figures), tuple(_notes(tally, snapshot)))


def _figure(name: str, unit: Unit, basis: Basis, amount: Amount) -> Figure:
    low, high = amount.interval() or (None, None)
    return Figure(name, unit, amount.value, low, high, basis)


def _figures(tally: Tally) -> Iterator[Figure]:
    """By what they are of, each kind with its sum where it has several parts."""
    order: tuple[Unit, ...] = ("rows", "bytes", "requests", "hours", "tokens")
    for unit in order:
        for (name, of, basis), amount in sorted(tally.amounts.items(), key=lambda item: ":" in item[0][0]):
            if of == unit:
                yield _figure(name, unit, basis, amount)
        if unit == "bytes":
            yield _figure("stored", unit, "pilot", tally.sum("stored: "))
        if unit == "hours":
            for kind in ("CPU", "GPU"):
                if any(name.startswith(f"{kind}: ") for name, *_ in tally.amounts):
                    yield _figure(kind, unit, "ledger", tally.sum(f"{kind}: "))


def _money(tally: Tally, prices: Prices) -> Iterator[Figure]:
    """What is paid once, and each month."""
    used = Used(
        cpu_s=tally.sum("CPU: ").draws * 3600,
        gpu_s=tally.sum("GPU: ").draws * 3600,
        gets=tally.sum("GET").draws,
        puts=tally.sum("PUT").draws,
        read_bytes=tally.sum("read from the lake").draws,
        tokens_in=tally.sum("tokens in").draws,
        tokens_out=tally.sum("tokens out").draws,
    )
    parts = tally.amounts.values()
    told, known = min(part.sources for part in parts), all(part.known for part in parts)
    yield _figure("once", "money", "prices", Amount(prices.of(used), told, known))
    yield _figure("each month", "money", "prices", tally.sum("stored: ") * (prices.storage_gib_month / GIB))


def _notes(tally: Tally, snapshot: Snapshot) -> Iterator[str]:
    sources = tally.sample.sources
    if sources < FEWEST:
        yield f"of {sources} source(s) no interval can be made; it takes {FEWEST}, better {FEW}"
    elif sources < FEW:
        yield f"{sources} sources are few: take the intervals with care, or make a larger pilot"
    if tally.missing:
        yield f"not run on the sample, so what it would use is not in these figures: {', '.join(tally.missing)}"
    for table, rows in evicted(snapshot):
        yield f"{rows} of {table} were evicted: their bytes are not in these figures"
    for job, share in tally.idle.items():
        if share > 0.1:
            yield f"{job} held GPUs without a row to work on {share:.0%} of the time; a longer run has less of that"
