"""Jobs that follow others: they go on as soon as a table that they read has new rows.

Rounds of jobs go on until one finds nothing to do; then only the ends of the logs of the tables are looked at, until
one has grown. Transient failures wait for a round of their own: else a server that is away would use up all attempts of
its rows within minutes. Jobs over whole tables run when all else has come to rest.
"""

import math
import random
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from deltalake import DeltaTable

from curate.errors import UsageError
from curate.storage.lake import Lake
from curate.storage.trouble import once_more
from jobs.cut import PLAN_READS, pick_reads
from jobs.ending import raise_if_ended, terminable
from jobs.progress import Progress
from jobs.session import Session
from jobs.watermark import input_tables

AGAIN_S = 600.0
"""After which transient failures are tried again."""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the tables are looked at, and for how long nothing may come before the jobs end."""

    poll_s: float = 30.0
    idle_s: float = math.inf


def seconds(span: str, option: str) -> float:
    """The seconds of `30s`, `10m` or `2h`; UsageError where it is none of these, or no time at all."""
    found = _SPAN.fullmatch(span)
    if found is None or not float(found[1]):
        raise UsageError(f"{option} is seconds, minutes or hours, as in 30s, 10m or 2h, not {span!r}")
    return float(found[1]) * _SECONDS[found[2]]


def follow(session: Session, names: Sequence[str], pace: Pace) -> None:
    """Run the named jobs again and again, until nothing comes any more or somebody interrupts.

    What is done is committed in either case, and the session has the last that each job did.
    """
    all_attempts = session.recipe.resources.attempts
    last: dict[str, Progress] = {}
    with session.show, terminable(), suppress(KeyboardInterrupt):
        logs = Logs(session.lake, tables_read(session, names))
        attempts, again_s = all_attempts, time.monotonic() + AGAIN_S
        ends_s = time.monotonic() + pace.idle_s
        while True:
            before = logs.versions()
            worked = _round(session, names, attempts, last)
            attempts = 1
            if worked:
                ends_s = time.monotonic() + pace.idle_s
            elif not logs.grow(before, min(again_s, ends_s), pace.poll_s):
                if time.monotonic() >= ends_s:
                    break
                attempts, again_s = all_attempts, time.monotonic() + AGAIN_S
    session.progress = list(last.values())


def _round(session: Session, names: Sequence[str], attempts: int, last: dict[str, Progress]) -> bool:
    """Run each job once; whether one over rows had anything to do."""
    worked = False
    for done in session.over_rows(names, attempts):
        worked |= done.total > 0
        _keep(last, done)
    if not worked:
        for done in session.over_tables(names):
            _keep(last, done)
    return worked


def _keep(last: dict[str, Progress], done: Progress) -> None:
    """Keep what a job did last; one that has nothing to do tells how it stands all the same."""
    before = last.get(done.job)
    if before is not None and not done.total:
        before.blocked, before.standing = done.blocked, done.standing
    else:
        last[done.job] = done


def tables_read(session: Session, names: Sequence[str]) -> frozenset[str]:
    """The tables whose new rows are work for the named jobs."""
    mine = frozenset[str]().union(*(input_tables(job) for job in session.road if job.name in names))
    cut = pick_reads(session.snapshot, session.recipe) if "pick" in names else ()
    return mine.union(cut, PLAN_READS if "plan" in names else ())


@dataclass
class Logs:
    """The ends of the logs of some tables: what is asked of storage does not grow with a table."""

    lake: Lake
    tables: frozenset[str]
    _opened: dict[str, DeltaTable] = field(default_factory=dict)

    def versions(self) -> dict[str, int]:
        return {name: self._version(name) for name in sorted(self.tables)}

    def grow(self, before: Mapping[str, int], until_s: float, poll_s: float) -> bool:
        """Whether one comes to another version than `before`, on the monotonic clock."""
        while (left_s := until_s - time.monotonic()) > 0:
            pause_s = poll_s * random.uniform(0.5, 1.0)  # noqa: S311  so that many who follow do not ask at once
            time.sleep(min(left_s, pause_s))
            raise_if_ended()
            if self.versions() != before:
                return True
        return False

    def _version(self, name: str) -> int:
        with self.lake.reached():
            if name not in self._opened:
                self._opened[name] = self.lake.delta(name)
            else:
                once_more(self._opened[name].update_incremental)
            return self._opened[name].version()
