"""The captions of a lake, one by one, as they are stored."""

from collections.abc import Iterator, Sequence

import polars as pl

from jobs.counting import that_count
from jobs.job import Snapshot

AT_ONCE = 5_000
"""Captions whose records are read together."""


def captions_of(snapshot: Snapshot, clip_ids: Sequence[str] | None) -> Iterator[tuple[str, str, str, str]]:
    """caption_id, clip_id, captioner and record (JSON) of these clips (None: of all) by clip, where they count."""
    rows = that_count(snapshot, "captions")
    if clip_ids is not None:
        rows = rows.filter(pl.col("clip_id").is_in(clip_ids))
    ids = rows.select("clip_id", "caption_id").sort("clip_id", "caption_id").collect()
    for part in ids.iter_slices(AT_ONCE):
        some = rows.filter(pl.col("caption_id").is_in(part["caption_id"].to_list()))
        yield from (
            some.select("caption_id", "clip_id", "captioner", "record")
            .sort("clip_id", "caption_id")
            .collect()
            .iter_rows()
        )
