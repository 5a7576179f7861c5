"""Sources into a lake: as many as there are, each once, a commit at a time."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import UsageError
from curate.fetch.add import Adding, sources_from
from curate.fetch.scheme import SCHEMES
from curate.fetch.uri import scheme
from curate.storage.known import Known
from curate.storage.lake import Lake
from jobs.recipe import Recipe
from schemas.media import Source
from schemas.row import to_table

_ROWS = 50_000  # of one commit
_BYTES = 64 << 20  # in it
_SLICE = 5_000
_EXAMPLES = 5


@dataclass
class Added:
    """What an `add` has done so far. `seen` counts what was named, also again; `skipped` counts reasons, and `examples`
    names the first few of each."""

    seen: int = 0
    added: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    started_s: float = field(default_factory=time.monotonic)

    @property
    def rate_hz(self) -> float:
        """Sources a second."""
        return self.seen / max(1e-3, time.monotonic() - self.started_s)

    def counted(self, sources: Iterable[Source]) -> Iterator[Source]:
        for source in sources:
            self.seen += 1
            yield source

    def skip(self, name: str, reason: str) -> None:
        self.skipped[reason] += 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(name)


def add_sources(lake: Lake, inputs: Iterable[str], adding: Adding, done: Added, watch: Callable[[Added], None]) -> None:
    """Add the sources that the lake does not have yet, and count them; killed and run again, it adds the rest.

    A source that is there keeps its row, whatever else is said of it now; but for one thing: named as of an evaluation
    set it becomes so, by another row with the facts of the first.
    """
    known = Known(lake, "sources", "source_id")
    marked = Known(lake, "sources", "source_id", pl.col("evaluation").is_not_null()) if adding.evaluation else None
    found = itertools.chain.from_iterable(sources_from(where, adding, done.skip) for where in inputs)
    for batch in _batches(done.counted(found)):
        ids = batch["source_id"].to_pylist()
        there = known.among(ids)
        new = batch.filter(pc.invert(pc.is_in(batch["source_id"], pa.array(sorted(there), pa.string()))))
        known_now = new["source_id"].to_pylist()
        if marked is not None:
            again = _evaluated(lake, there - marked.among(ids), adding)
            new = pa.concat_tables([new, again])
        lake.append_table("sources", new.sort_by("source_id"))
        known.learn(known_now)
        done.added += new.num_rows
        watch(done)


def not_there(recipe: Recipe) -> Iterator[str]:
    """A line for each source of a recipe that `fetch` cannot bring: no such path or scheme, or a list of nothing.

    What lies on S3 or on the web is not asked.
    """
    adding = Adding(0, roots=recipe.fetch.roots)
    for where in (*recipe.sources, *(one for judged in recipe.evaluation for one in judged.sources)):
        kind = scheme(where)
        try:
            if kind in {None, "file"}:
                next(sources_from(where, adding), None)
            elif kind not in SCHEMES:
                yield f"sources: the scheme {kind!r} is none of {', '.join(sorted(SCHEMES))}"
        except UsageError as error:
            yield f"sources: {error}"


def _evaluated(lake: Lake, ids: frozenset[str], adding: Adding) -> pa.Table:
    """The last row of each of these sources, now of the evaluation set."""
    rows = lake.rows("sources", Source, pl.col("source_id").is_in(sorted(ids))) if ids else iter(())
    last = {row.source_id: row for row in sorted(rows, key=lambda row: row.added_us)}
    marked = (  # after the first, also where a clock was wrong: the last row counts
        replace(row, evaluation=adding.evaluation, added_us=max(adding.added_us, row.added_us + 1))
        for row in last.values()
    )
    return to_table(Source, marked)


def _batches(sources: Iterable[Source]) -> Iterator[pa.Table]:
    """As many sources as one commit takes, each once in its batch; the first of two stays."""
    parts: list[pa.Table] = []
    seen: set[str] = set()
    for rows in _slices(sources):
        fresh = {row.source_id: row for row in reversed(rows) if row.source_id not in seen}
        seen.update(fresh)
        parts.append(to_table(Source, reversed(fresh.values())))
        if len(seen) >= _ROWS or sum(part.nbytes for part in parts) >= _BYTES:
            yield pa.concat_tables(parts)
            parts, seen = [], set()
    if seen:
        yield pa.concat_tables(parts)


def _slices(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """A few thousand at a time: as Arrow they take a fraction of the memory that they take as objects."""
    rows: list[Source] = []
    size = 0
    for source in sources:
        rows.append(source)
        size += len(source.hints or "") + len(source.description or "")
        if len(rows) >= _SLICE or size >= _BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows
