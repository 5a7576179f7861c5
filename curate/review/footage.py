"""Where the server has the media of clips from: the proxies of a lake, by way of a disk of this machine.

Many threads may ask at once. What was taken down is not shown after `FRESH_S`; while anybody asks for anything, it
leaves the disk within `SWEEP_S`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curate.errors import Gone
from curate.review.footage_disk import Disk
from curate.review.footage_lake import FilmStore
from curate.storage.lake import Lake
from schemas.proxy import Proxy

FRESH_S = 300.0
"""How long a row is believed before the lake is asked again."""
SWEEP_S = 3600.0
"""How often the disk is compared with the lake."""
MOST_ROWS = 4096
"""Rows in memory: some 15 KB each, most of it thumbnails."""


@dataclass(slots=True)
class _Turn:
    """The lock of one clip, while somebody needs it."""

    lock: threading.Lock
    users: int


class Footage:
    """Proxies of one lake. `folder` is this server's own, and holds at most `most_bytes` of films."""

    def __init__(
        self, lake: Lake, folder: Path, most_bytes: int = 8 << 30, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._films, self._disk, self._clock = FilmStore(lake), Disk(folder, most_bytes, clock), clock
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}
        self._swept_s: float | None = None
        self._rows: OrderedDict[str, tuple[Proxy, float]] = OrderedDict()  # and when the lake was asked

    def mp4_path(self, clip_id: str) -> Path:
        """The film of a clip as a local file, which stays long enough to be opened."""
        with self._turn(clip_id):
            row = self._row(clip_id)
            try:
                return self._disk.path(row, self._films.read)
            except Gone:  # its shard was written anew since the row was read
                self._forget(clip_id)
                return self._disk.path(self._row(clip_id, newest=True), self._films.read)

    def peaks(self, clip_id: str) -> tuple[int, bytes]:
        """Pairs a second, and int8 pairs (lowest, highest); empty without sound."""
        with self._turn(clip_id):
            row = self._row(clip_id)
        return row.peaks_hz, row.peaks

    def thumbs(self, clip_id: str) -> tuple[int, bytes]:
        """How many lie side by side, and the JPEG."""
        with self._turn(clip_id):
            row = self._row(clip_id)
        return row.thumbs, row.thumbs_jpeg

    def sweep(self) -> int:
        """Remove from the disk the films that the lake has no more; how many."""
        held = self._disk.clips()
        return self._disk.drop(held - self._films.known(sorted(held)))

    @contextmanager
    def _turn(self, clip_id: str) -> Iterator[None]:
        """One at a time for each clip: who comes second finds what the first has fetched."""
        with self._lock:
            turn = self._turns.setdefault(clip_id, _Turn(threading.Lock(), 0))
            turn.users += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    del self._turns[clip_id]

    def _row(self, clip_id: str, newest: bool = False) -> Proxy:
        """The row of a clip. Gone where it has no proxy; a film of one that had it leaves the disk."""
        with self._lock:
            known = self._rows.get(clip_id)
            if known is not None and self._clock() - known[1] < FRESH_S:
                self._rows.move_to_end(clip_id)
                return known[0]
            now_s = self._clock()
            due = self._swept_s is None or now_s - self._swept_s >= SWEEP_S
            self._swept_s = now_s if due else self._swept_s
        if due:
            self.sweep()
        row = self._films.row(clip_id, newest)
        if row is None:
            self._forget(clip_id)
            self._disk.drop({clip_id})
            raise Gone(f"clip {clip_id} has no review proxy: `retold review fill` makes it")
        with self._lock:
            self._rows[clip_id] = row, self._clock()
            self._rows.move_to_end(clip_id)
            while len(self._rows) > MOST_ROWS:
                self._rows.popitem(last=False)
        return row

    def _forget(self, clip_id: str) -> None:
        with self._lock:
            self._rows.pop(clip_id, None)
