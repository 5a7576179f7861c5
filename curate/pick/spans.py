"""Spans of ids with about as many clips each: one after the other they are all clips, in the order of ids."""

from dataclasses import dataclass

import polars as pl

_SAMPLE = 1000  # ids of a span that its edges are taken from


@dataclass(frozen=True, slots=True)
class Spans:
    edges: pl.Series  # the first id of each but the first, ascending

    @property
    def count(self) -> int:
        return len(self.edges) + 1

    def number(self, column: str) -> pl.Expr:
        """Which of them an id is in."""
        if self.edges.is_empty():
            return pl.lit(0, pl.UInt32)
        return pl.col(column).map_batches(
            lambda ids: self.edges.search_sorted(ids, "right"), pl.UInt32, is_elementwise=True
        )


WHOLE = Spans(pl.Series("clip_id", [], pl.String))
"""All ids in one."""


def spans(clips: pl.LazyFrame, rows: int) -> Spans:
    """All ids of clips, in spans of about so many rows."""
    parts = max(1, -(-clips.select(pl.len()).collect(engine="streaming").item() // rows))
    chosen = pl.col("clip_id").hash(2) % max(1, rows // _SAMPLE) == 0
    if parts == 1:
        return WHOLE
    some = clips.select("clip_id").filter(chosen).collect(engine="streaming")["clip_id"].drop_nulls().sort()
    return Spans(some.gather([len(some) * part // parts for part in range(1, parts)]).unique(maintain_order=True))
