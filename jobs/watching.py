"""How the jobs of a lake stand, again and again: what `retold status --watch` shows."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deltalake import DeltaTable
from rich.console import Console
from rich.live import Live

from jobs.ending import raise_if_ended, terminable
from jobs.job import Job, Snapshot
from jobs.recipe import Recipe
from jobs.road import road
from jobs.status import Standing, set_standings, standing, table


@dataclass
class Standings:
    """One look after the other; only jobs whose tables have a new version are counted again."""

    snapshot: Snapshot
    recipe: Recipe
    counted: list[str] = field(default_factory=list)  # the jobs that the last look counted again
    _tables: dict[str, DeltaTable] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _known: dict[str, Standing] = field(default_factory=dict)

    def look(self) -> list[Standing]:
        before, self._versions = self._versions, self._now()
        new = {name for name, version in self._versions.items() if before.get(name) != version}
        self.counted = []
        for job in road(self.recipe):
            if new & _tables_of(job):
                self._count(standing(self.snapshot, self.recipe, job))
        if new:
            for one in set_standings(self.snapshot, self.recipe):
                self._count(one)
        return list(self._known.values())

    def _count(self, one: Standing) -> None:
        self._known[one.job] = one
        self.counted.append(one.job)

    def _now(self) -> dict[str, int]:
        """The version of each table; of those that were opened before, only the log after it is read."""
        names = {name for job in road(self.recipe) for name in _tables_of(job)} | {"reviews", "picks", "plans", "runs"}
        for name in names:
            if name in self._tables:
                self._tables[name].update_incremental()
            else:
                self._tables[name] = self.snapshot.lake.delta(name)
        return {name: self._tables[name].version() for name in names}


def _tables_of(job: Job) -> set[str]:
    return {job.over, job.output, *job.needs, *job.needs_of, *job.among}


@dataclass
class Rates:
    """Inputs a second that each job has settled since the last look before it settled any."""

    began: dict[str, tuple[float, int]] = field(default_factory=dict)  # when that was, and what was settled then

    def of(self, rows: list[Standing]) -> dict[str, float]:
        now_s, rates_hz = time.monotonic(), {}
        for row in rows:
            settled = row.done + row.failed
            began_s, before = self.began.setdefault(row.job, (now_s, settled))
            if settled == before:
                self.began[row.job] = now_s, settled
            else:
                rates_hz[row.job] = (settled - before) / (now_s - began_s)
        return rates_hz


def watch(snapshot: Snapshot, recipe: Recipe, every_s: float, console: Console, as_json: bool) -> None:
    """Show how the jobs stand until somebody interrupts: a table that changes in its place, or a JSON line a look."""
    rates = Rates()
    live = None if as_json or not console.is_terminal else Live(console=console, auto_refresh=False)
    with terminable(), suppress(KeyboardInterrupt), live or nullcontext():
        for rows in _looks(Standings(snapshot, recipe), every_s):
            if as_json:
                line = {
                    "time": datetime.now(UTC).isoformat(timespec="seconds"),
                    "jobs": [one.as_dict() for one in rows],
                }
                sys.stdout.write(json.dumps(line) + "\n")
                sys.stdout.flush()
            elif live:
                live.update(table(rows, rates.of(rows)), refresh=True)
            else:
                console.print(table(rows, rates.of(rows)))


def _looks(standings: Standings, every_s: float) -> Iterator[list[Standing]]:
    while True:
        yield standings.look()
        time.sleep(every_s)
        raise_if_ended()
