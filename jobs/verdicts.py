"""How the captions of a recipe stand in its lake: by status, by axis with intervals, and what repairs have gained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from rich.table import Table

from captioners.check.bootstrap import ALL
from captioners.check.compare import Difference, compared
from captioners.check.standing import Standing, standing
from curate.errors import UsageError
from jobs.counting import counting
from jobs.job import Snapshot
from schemas.caption import Axis


@dataclass(frozen=True, slots=True)
class Gain:
    """Captions that were made from others by one captioner, beside those: what became of them, and what it took."""

    captioner: str
    captions: int
    passed: int  # of those that did not pass before
    lost: int  # of those that passed before
    tokens: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """The captions that count, and all that were made from others."""

    statuses: Mapping[str, int]
    standings: tuple[Standing, ...]
    gains: tuple[Gain, ...]


def stand(snapshot: Snapshot) -> Stand:
    """UsageError where the recipe has no verdicts yet."""
    tested = _tested(snapshot)
    if tested.is_empty():
        raise UsageError("the lake has no verdicts of this recipe: `retold run` with it makes them")
    last = tested.join(counting(snapshot).collect(), on="caption_id", how="semi").sort("caption_id")
    statuses = dict(last.group_by("status").len().sort("status").iter_rows())
    axes = dict(_axes(last, "caption_id"))
    return Stand(statuses, tuple(standing(axes, _media(last))), tuple(_gains(tested)))


def _tested(snapshot: Snapshot) -> pl.DataFrame:
    """Captions with their verdicts, one row each."""
    columns = ("caption_id", "captioner", "parent", "tokens_in", "tokens_out")
    captions = snapshot.all_payload("captions").select(columns).unique("caption_id")
    verdicts = snapshot.all_payload("verdicts").select("caption_id", "clip_id", "status", "axes").unique("caption_id")
    return verdicts.join(captions, on="caption_id").sort("caption_id").collect()


def _gains(tested: pl.DataFrame) -> Iterator[Gain]:
    """By captioner, the others beside those that they were made from."""
    made = tested.filter(pl.col("parent").is_not_null())
    before = tested.select(parent="caption_id", old_status="status", old_axes="axes")
    pairs = made.join(before, on="parent")
    for (captioner,), some in pairs.sort("captioner").group_by("captioner", maintain_order=True):
        good, was_good = (some[name] != "flagged" for name in ("status", "old_status"))
        old = dict(_axes(some, "caption_id", "old_axes"))
        yield Gain(
            str(captioner),
            len(some),
            int((good & ~was_good).sum()),
            int((~good & was_good).sum()),
            sum(sum(row) for row in some.select(pl.col("tokens_in", "tokens_out").fill_null(0)).iter_rows()),
            tuple(compared(old, dict(_axes(some, "caption_id")), _media(some))),
        )


def _axes(rows: pl.DataFrame, key: str, column: str = "axes") -> Iterator[tuple[str, Sequence[Axis]]]:
    for name, axes in rows.select(key, column).iter_rows():
        yield name, [Axis(**axis) for axis in axes]


def _media(rows: pl.DataFrame) -> dict[str, str]:
    return {key: clip.partition("/")[0] for key, clip in rows.select("caption_id", "clip_id").iter_rows()}


def lines(found: Stand) -> Iterator[dict[str, object]]:
    """Each figure as one object."""
    for status, captions in found.statuses.items():
        yield {"figure": "status", "status": status, "captions": captions}
    for one in found.standings:
        yield {"figure": "standing", **_plain(one)}
    for gain in found.gains:
        whole = {name: getattr(gain, name) for name in ("captioner", "captions", "passed", "lost", "tokens")}
        yield {"figure": "gain", **whole}
        for apart in gain.differences:
            yield {"figure": "difference", "captioner": gain.captioner, **_plain(apart), "better": apart.better}


def _plain(one: Standing | Difference) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__match_args__}


def tables(found: Stand) -> Iterator[Table | str]:
    """Statuses, a row for each axis, and the gains."""
    yield ", ".join(f"{captions:,} {status}" for status, captions in found.statuses.items())
    measures = list(dict.fromkeys(one.measure for one in found.standings))
    grid = _grid("of the questions asked, with 95 % intervals over media", "axis", "asked", *measures)
    for axis in dict.fromkeys(one.axis for one in found.standings):
        own = {one.measure: one for one in found.standings if one.axis == axis}
        asked = own["coverage"].asked if "coverage" in own else 0
        cells = (_cell(own[name]) if name in own else "" for name in measures)
        grid.add_row(axis, f"{asked:,}", *cells, style="bold" if axis == ALL else "")
    yield grid
    for gain in found.gains:
        yield (
            f"{gain.captions:,} captions were made from others ({gain.captioner}): {gain.passed:,} pass now, "
            f"{gain.lost:,} pass no more, {gain.tokens:,} tokens"
        )
        grid = _grid("what that changed", "axis", "measure", "before", "after", "95 %")
        for apart in gain.differences:
            if apart.first != apart.second:
                shares = ("" if value is None else f"{value:.1%}" for value in (apart.first, apart.second))
                edges = "" if apart.low is None or apart.high is None else f"{apart.low:+.1%} .. {apart.high:+.1%}"
                grid.add_row(apart.axis, apart.measure, *shares, edges)
        if grid.row_count:
            yield grid


def _cell(one: Standing) -> str:
    edges = "" if one.low is None or one.high is None else f" ({one.low:.1%} .. {one.high:.1%})"
    return f"{one.value:.1%}{edges}"


def _grid(title: str, first: str, *others: str) -> Table:
    grid = Table(title=title, box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column(first)
    for name in others:
        grid.add_column(name, justify="right")
    return grid
