"""How much of the captions a text encoder did not read, since they are longer than it may read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from jobs.job import Snapshot


@dataclass(frozen=True, slots=True)
class Truncation:
    """What was cut off of the texts of one variant; the empty text is none."""

    encoder: str
    variant: str
    texts: int
    truncated: int
    tokens: int  # that were cut off

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        cut = (
            f"{self.truncated} of {self.texts} cut off, by {self.tokens} tokens"
            if self.truncated
            else "nothing cut off"
        )
        return f"{self.encoder}, {self.variant}: {cut}"


def truncations(snapshot: Snapshot, clip_id: str | None = None) -> Iterator[Truncation]:
    """By encoder and variant, where the recipe has an encoder; of one clip, if given."""
    if "embeddings" not in snapshot.fingerprints:
        return
    rows = snapshot.all_payload("embeddings").filter(pl.col("variant") != "none")
    if clip_id is not None:
        rows = rows.filter(pl.col("clip_id") == clip_id)
    cut = pl.col("truncated")
    counted = rows.group_by("encoder", "variant").agg(pl.len(), (cut > 0).sum().alias("cut"), cut.sum())
    for row in counted.sort("encoder", "variant").collect().iter_rows():
        yield Truncation(*row)
