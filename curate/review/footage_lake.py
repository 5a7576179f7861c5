"""Proxies as the lake has them: rows by clip, films by row."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence

import polars as pl
from deltalake import DeltaTable
from polars.exceptions import PolarsError

from curate.errors import Gone, LakeError, Unreachable
from curate.storage.lake import Lake
from schemas.proxy import Proxy
from schemas.row import arrow_schema, from_table

REREAD_S = 60.0
"""How old a version of the table may be in which a clip is found; one that is not found is looked for in the newest."""


class FilmStore:
    """The table `proxies` of one lake, of which a version is kept: opening one anew costs more than a look-up."""

    def __init__(self, lake: Lake, clock: Callable[[], float] = time.monotonic) -> None:
        self._lake, self._clock, self._lock = lake, clock, threading.Lock()
        self._opened: tuple[DeltaTable, float] | None = None

    def row(self, clip_id: str, newest: bool = False) -> Proxy | None:
        """The proxy of a clip that was made last; None where there is none.

        `newest`: not as it was a minute ago. Unreachable where storage does not answer.
        """
        found = None if newest else self._found(clip_id, REREAD_S)
        return found if found is not None else self._found(clip_id, 0.0)

    def known(self, clip_ids: Sequence[str]) -> set[str]:
        """Those of some clips that have a proxy now."""
        frame = self._frame(0.0).filter(pl.col("clip_id").is_in(list(clip_ids))).select("clip_id").unique()
        return set(frame.collect()["clip_id"])

    def read(self, row: Proxy) -> bytes:
        """The film of a row. Gone where it is not there, or is not what was stored."""
        if row.blob is None:
            raise Gone(f"the proxy of {row.clip_id} was committed without its bytes")
        try:
            body = self._lake.blobs.read(row.blob.shard, row.blob.offset, row.blob.length)
        except LakeError as error:
            raise Gone(
                f"the proxy of {row.clip_id} cannot be read: {error}; `retold fsck` says what is lost"
            ) from error
        if hashlib.sha256(body).hexdigest() != row.sha256:
            raise Gone(f"the proxy of {row.clip_id} is damaged: `retold fsck --repair`, and then `retold review fill`")
        return body

    def _found(self, clip_id: str, age_s: float) -> Proxy | None:
        frame = self._frame(age_s).filter(pl.col("clip_id") == clip_id)
        last = frame.sort("made_us", descending=True).head(1).select(arrow_schema(Proxy).names)
        try:
            rows = last.collect()
        except (OSError, PolarsError) as error:
            if age_s:
                return None  # files of an older version may have been removed: the newest is asked next
            raise Unreachable(f"the proxies of {self._lake.uri} cannot be read: {error}") from error
        return next(iter(from_table(Proxy, rows.to_arrow(compat_level=pl.CompatLevel.newest()))), None)

    def _frame(self, age_s: float) -> pl.LazyFrame:
        with self._lock:
            if self._opened is None or self._clock() - self._opened[1] >= age_s:
                try:
                    self._opened = self._lake.delta("proxies"), self._clock()
                except LakeError as error:
                    raise Unreachable(str(error)) from error
            table = self._opened[0]
        return pl.scan_delta(table).filter(pl.col("outputs") > 0)
