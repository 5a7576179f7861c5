"""Space that nothing uses is given back, once it is older than any job may still need."""

import re
import time
from dataclasses import dataclass

from curate.care.finding import Orphan
from curate.care.orphans import begun, listing, orphans, remove
from curate.errors import UsageError
from curate.storage.lake import Lake
from schemas.tables import TABLES

_AGE = re.compile(r"(\d+)([hd])")
_HOURS = {"h": 1, "d": 24}

CLOCKS_S = 300.0
"""By which the clock here may differ from that of storage."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a vacuum removed, or would remove; and what it left, because it is too young."""

    removed: tuple[Orphan, ...]
    young: tuple[Orphan, ...]


def hours(age: str, force: bool) -> int:
    """The hours of `24h` or `7d`; UsageError below one hour unless forced."""
    found = _AGE.fullmatch(age)
    if found is None:
        raise UsageError(f"--older-than is hours or days, as in 24h or 7d, not {age!r}")
    count = int(found[1]) * _HOURS[found[2]]
    if count < 1 and not force:
        raise UsageError(
            f"--older-than {age} would remove what a running job has not committed yet; be sure that none is running, "
            "and say --force"
        )
    return count


def vacuum(lake: Lake, older_than_h: int, dry_run: bool) -> Swept:
    """Remove orphans that were last changed so many hours ago, and files that no version so young has.

    UsageError where the clocks here and of storage differ: what is being written would look old.
    """
    deadline_s = _now_s(lake) - older_than_h * 3600
    found: list[Orphan] = []
    for table in TABLES:
        found += orphans(lake, listing(lake, table), older_than_h)
    found += begun(lake)
    ripe = tuple(one for one in found if one.modified_s <= deadline_s)
    if not dry_run:
        remove(lake, list(ripe))
    return Swept(ripe, tuple(one for one in found if one.modified_s > deadline_s))


def _now_s(lake: Lake) -> float:
    now_s, there_s = time.time(), lake.blobs.clock_s()
    if abs(now_s - there_s) > CLOCKS_S:
        raise UsageError(
            f"the clock of this machine is {now_s - there_s:+.0f} s off that of the storage of {lake.uri}, "
            "so nothing here can say how old a file is: set it, and run again"
        )
    return now_s
