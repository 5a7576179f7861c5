"""The rows of a plan: readings joined with what is told of their clips, a million at a time."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.chance import uniform
from curate.plan.clips import Clips
from curate.plan.order import Readings
from curate.plan.settings import PlanSettings
from curate.spool import Spool

_ROWS = 1 << 20
_TOLD = ("clip_id", "bucket", "content_key", "audio_content_key", "bytes", "captions")


def variants(clips: Clips, readings: Readings, settings: PlanSettings) -> NDArray[np.int16]:
    """Which of the shares each reading has, [N]; len(shares): none, since its clip has no caption."""
    edges = np.cumsum([share.share for share in settings.shares])[:-1]
    chosen = np.empty(len(readings.clip), np.int16)
    for start in range(0, len(chosen), _ROWS):
        piece = slice(start, start + _ROWS)
        drawn = np.searchsorted(edges, uniform(readings.words[0, piece]), side="right")
        chosen[piece] = np.where(clips.captions[readings.clip[piece]] > 0, drawn, len(settings.shares))
    return chosen


def rows(
    clips: Clips, readings: Readings, chosen: NDArray[np.int16], settings: PlanSettings, spool: Spool
) -> Iterator[pl.DataFrame]:
    """All columns of `PlanSlot` but the hash, in the order of the plan.

    Clips lie in parts, readings in an order of their own: each part gives its rows to all pieces of the plan, then each
    piece is sorted.
    """
    pieces = -(-len(readings.clip) // _ROWS)
    told = [_scattered(clips, readings, part, spool) for part in range(clips.parts)]
    names = np.array([*(share.variant for share in settings.shares), "none"])
    for piece in range(pieces):
        frames = [spool.take(f"piece-{piece}-{part}") for part, of in enumerate(told) if piece in of]
        frame = frames[0] if len(frames) == 1 else pl.concat(frames).sort("at")
        span = slice(piece * _ROWS, (piece + 1) * _ROWS)
        yield _finished(frame, readings, span, names[chosen[span]])


def _scattered(clips: Clips, readings: Readings, part: int, spool: Spool) -> frozenset[int]:
    """Put the rows of a part's clips to the pieces that they are read in; which pieces these are."""
    frame = spool.get(f"clips-{part}").select(_TOLD)
    everything = clips.parts == 1
    at = np.arange(len(readings.clip)) if everything else np.flatnonzero(clips.part[readings.clip] == part)
    found = set()
    for piece in range(-(-len(readings.clip) // _ROWS)):
        first, end = np.searchsorted(at, (piece * _ROWS, (piece + 1) * _ROWS))
        if first < end:
            mine = at[first:end]
            spool.put(f"piece-{piece}-{part}", frame[clips.row[readings.clip[mine]]].with_columns(at=pl.Series(mine)))
            found.add(piece)
    return frozenset(found)


def _finished(frame: pl.DataFrame, readings: Readings, span: slice, variant: NDArray[np.str_]) -> pl.DataFrame:
    count = pl.col("captions").list.len().clip(1)
    told = pl.col("captions").list.get(pl.col("word") % count, null_on_oob=True)
    return frame.with_columns(
        step=pl.Series(readings.step[span]),
        slot=pl.Series(readings.slot[span], dtype=pl.Int64),
        epoch=pl.Series(readings.epoch[span], dtype=pl.Int64),
        variant=pl.Series(variant, dtype=pl.String),
        word=pl.Series(readings.words[1, span]),
    ).select(
        "clip_id", "bucket", "content_key", "audio_content_key", "bytes", "step", "slot", "epoch", "variant",
        caption_id=pl.when(pl.col("variant") != "none").then(told),
    )  # fmt: skip
