"""Two cuts of a lake beside each other."""

import re
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.table import Table

from curate.errors import UsageError
from curate.pick.difference import Amount, Difference, difference
from curate.storage.lake import Lake
from jobs.show import hours

SHORT = 12
"""Digits of a hash that are shown."""


@dataclass(frozen=True, slots=True)
class Named:
    """One version of a cut."""

    cut: str
    cut_hash: str
    made_us: int

    def __str__(self) -> str:
        return f"{self.cut}@{self.cut_hash[:SHORT]}"


def versions(lake: Lake) -> list[Named]:
    """Every version of every cut, the newest of each last."""
    rows = lake.scan("picks").group_by("cut", "cut_hash").agg(pl.col("made_us").max()).sort("cut", "made_us").collect()
    return [Named(*row) for row in rows.select("cut", "cut_hash", "made_us").iter_rows()]


def named(lake: Lake, name: str) -> Named:
    """A cut by its name (the newest version), by NAME@HASH, or by the first digits of a hash; UsageError if not one."""
    known = versions(lake)
    cut, at, digits = name.rpartition("@")
    if at:
        found = [one for one in known if one.cut == cut and one.cut_hash.startswith(digits)]
    else:
        found = [one for one in known if one.cut == name][-1:]
        if not found and re.fullmatch(r"[0-9a-f]{6,}", name):
            found = [one for one in known if one.cut_hash.startswith(name)]
    if len({one.cut_hash for one in found}) != 1:
        there = ", ".join(map(str, known)) or "none yet: `retold pick` makes one"
        raise UsageError(f"{len(found) or 'no'} cuts are called {name!r}; {lake.uri} has {there}")
    return found[-1]


def cuts_apart(lake: Lake, first: Named, second: Named) -> Difference:
    """The second cut against the first."""
    clips = lake.scan("clips").filter(pl.col("clip_id").is_not_null())
    lengths = clips.select(
        "clip_id", "media_id", "still",
        seconds=pl.when(pl.col("still")).then(0.0).otherwise((pl.col("end_us") - pl.col("start_us")) / 1e6),
    ).unique("clip_id")  # fmt: skip
    return difference(_picks(lake, first), _picks(lake, second), lengths, _licences(lake))


def _picks(lake: Lake, cut: Named) -> pl.LazyFrame:
    return lake.scan("picks").filter(pl.col("cut_hash") == cut.cut_hash).unique("clip_id")


def _licences(lake: Lake) -> pl.LazyFrame:
    """media_id, licence: of all its sources."""
    owned = lake.scan("media").filter(pl.col("media_id").is_not_null()).select("media_id", "source_id").unique()
    sources = lake.scan("sources").select("source_id", "licence").unique()
    by_media = owned.join(sources, on="source_id").group_by("media_id")
    return by_media.agg(licence=pl.col("licence").drop_nulls().unique().sort().str.join(" or ").replace("", None))


def as_dict(found: Difference, first: Named, second: Named) -> dict[str, Any]:
    """As plain data."""
    moves = {
        name: {**asdict(moved.amount), "reasons": dict(moved.reasons)}
        for name, moved in (("left", found.left), ("came", found.came))
    }
    cuts = {"first": str(first), "second": str(second), "both": asdict(found.both)}
    return {**cuts, **moves, "spreads": [asdict(spread) for spread in found.spreads]}


def difference_tables(found: Difference, first: Named, second: Named) -> list[Table]:
    """What moved and why, then how what is kept is spread."""
    grid = _table(f"A: {first}   B: {second}", "", "clips", "length")
    for label, amount in (
        ("kept by both", found.both), ("kept by A alone", found.left.amount), ("kept by B alone", found.came.amount),
    ):  # fmt: skip
        grid.add_row(label, f"{amount.clips:,}", hours(amount.hours))
    why = _table("", "why", "clips")
    for verb, moved in (("left, B says", found.left), ("came, A said", found.came)):
        for reason, clips in moved.reasons.items():
            why.add_row(f"{verb}: {reason}", f"{clips:,}")
    spread = _table("", "", "A clips", "B clips", "A length", "B length")
    for one in found.spreads:
        spread.add_row(f"{one.by} {one.value}", *_both(one.first, one.second))
    return [grid, *([] if found.same else [why]), spread]


def _both(first: Amount, second: Amount) -> tuple[str, str, str, str]:
    return f"{first.clips:,}", f"{second.clips:,}", hours(first.hours), hours(second.hours)


def _table(title: str, head: str, *numbers: str) -> Table:
    grid = Table(title=title or None, box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column(head)
    for number in numbers:
        grid.add_column(number, justify="right")
    return grid
