"""Two captioners of one lake beside each other: the verdicts of two recipes over the clips that both have retold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rich.table import Table

from captioners.check.bootstrap import ALL
from captioners.check.compare import Difference, compared
from curate.errors import UsageError
from curate.stage import config
from curate.storage.lake import Lake
from jobs.counting import verdicts_of_machines
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.road import road, snapshot_of
from schemas.caption import Axis

_ASKED_OF = ("clips", "scores", "sounds", "texts", "questions")
"""Tables that the questions are made from, or in; only a recipe with a quiz has the last."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many clips both have retold, how many only one of them, and the differences."""

    clips: int
    only_first: int
    only_second: int
    differences: tuple[Difference, ...]


def comparison(lake: Lake, first: Recipe, second: Recipe) -> Comparison:
    """UsageError where the two are not asked the same questions, or one of them has no verdicts.

    Repairs count only where both have them: who has been told the questions is not held against who has not.
    """
    own, other = (snapshot_of(lake, road(recipe)) for recipe in (first, second))
    if first.repair is None or second.repair is None:
        own, other = (replace(snapshot, later={}) for snapshot in (own, other))
    apart = [table for table in _ASKED_OF if own.fingerprints.get(table) != other.fingerprints.get(table)]
    ways = [name for name in ("check", "witness") if config(getattr(first, name)) != config(getattr(second, name))]
    if apart or ways:
        what = f"{' and '.join(apart)} differ" if apart else f"[{ways[0]}] differs"
        raise UsageError(f"the two recipes are not asked the same questions: {what}; let only the captioner differ")
    if _tested(own) == _tested(other):
        raise UsageError("both recipes ask for the same captions: there is nothing to compare")
    verdicts = [_axes(snapshot) for snapshot in (own, other)]
    for name, found in zip(("first", "second"), verdicts, strict=True):
        if not found:
            raise UsageError(f"the lake has no verdicts of the {name} recipe: `retold run` with it makes them")
    clips = {*verdicts[0], *verdicts[1]}
    differences = compared(verdicts[0], verdicts[1], {clip: clip.partition("/")[0] for clip in clips})
    both = verdicts[0].keys() & verdicts[1].keys()
    return Comparison(len(both), len(verdicts[0].keys() - both), len(verdicts[1].keys() - both), tuple(differences))


def _tested(snapshot: Snapshot) -> tuple[str, ...]:
    return (snapshot.fingerprints["verdicts"], *snapshot.later.get("verdicts", ()))


def _axes(snapshot: Snapshot) -> Mapping[str, Sequence[Axis]]:
    """Of what a recipe's captioners came to, repaired where that passed and is to count."""
    frame = verdicts_of_machines(snapshot).select("clip_id", "axes").collect()
    return {clip_id: [Axis(**axis) for axis in axes] for clip_id, axes in frame.iter_rows()}


def table(found: Comparison, first: str, second: str) -> Table:
    """A row for each measure of each axis; what is sure of is marked."""
    title = f"A: {first}   B: {second}   {found.clips:,} clips of both"
    if found.only_first or found.only_second:
        title += f" ({found.only_first:,} only of A, {found.only_second:,} only of B)"
    grid = Table(title=title, box=None, header_style="bold", title_justify="left", pad_edge=False)
    for name in ("axis", "measure"):
        grid.add_column(name)
    for name in ("asked", "A", "B", "B - A", "95 %"):
        grid.add_column(name, justify="right")
    grid.add_column("better")
    for one in found.differences:
        apart = "" if one.first is None or one.second is None else f"{one.second - one.first:+.1%}"
        edges = "" if one.low is None or one.high is None else f"{one.low:+.1%} .. {one.high:+.1%}"
        style = "bold" if one.axis == ALL else ""
        shares = ("" if value is None else f"{value:.1%}" for value in (one.first, one.second))
        grid.add_row(one.axis, one.measure, f"{one.asked:,}", *shares, apart, edges, one.better or "", style=style)
    return grid
