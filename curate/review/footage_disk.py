"""Films on a disk, within a budget: those that were used least recently make room."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import uuid4

from schemas.proxy import Proxy

HELD_S = 60.0
"""How long a film stays after it was asked for, whatever the budget: somebody is about to open it."""


@dataclass(slots=True)
class _Film:
    size: int
    used_s: float


class Disk:
    """A folder of films, each named by its clip and by its bytes. What an earlier process left in it is used again."""

    def __init__(self, folder: Path, most_bytes: int, clock: Callable[[], float]) -> None:
        self._folder, self._most_bytes, self._clock = folder, most_bytes, clock
        self._lock = threading.Lock()
        self._films: OrderedDict[str, _Film] = OrderedDict()  # by name, the least recently used first
        folder.mkdir(parents=True, exist_ok=True)
        for half in folder.glob("*.part"):
            half.unlink(missing_ok=True)
        for path in sorted(folder.glob("*.mp4"), key=lambda path: path.stat().st_mtime):
            self._films[path.name] = _Film(path.stat().st_size, clock() - HELD_S)
        self._held_bytes = sum(film.size for film in self._films.values())
        self._make_room()

    def path(self, row: Proxy, read: Callable[[Proxy], bytes]) -> Path:
        """The film of a row as a file; read where it is not here. One caller at a time for one clip."""
        path = self._folder / f"{quote(row.clip_id, safe='')}.{row.sha256[:16]}.mp4"
        with self._lock:
            if path.name in self._films:  # so that nobody removes it from here on
                self._films[path.name].used_s = self._clock()
                self._films.move_to_end(path.name)
        if not path.exists():
            part = path.with_suffix(f".{uuid4().hex}.part")
            try:
                part.write_bytes(read(row))
                part.rename(path)
            finally:
                part.unlink(missing_ok=True)
        os.utime(path)
        size = path.stat().st_size
        with self._lock:
            known = self._films.pop(path.name, None)
            self._held_bytes += size - (known.size if known else 0)
            self._films[path.name] = _Film(size, self._clock())
        self._make_room()
        return path

    def clips(self) -> set[str]:
        """The clips of which there is a film here."""
        with self._lock:
            return {_clip(name) for name in self._films}

    def drop(self, clip_ids: Collection[str]) -> int:
        """Remove the films of some clips; how many."""
        with self._lock:
            names = [name for name in self._films if _clip(name) in clip_ids]
            for name in names:
                self._remove(name)
        return len(names)

    def _make_room(self) -> None:
        with self._lock:
            while self._films and self._held_bytes > self._most_bytes:
                name = next(iter(self._films))
                if self._films[name].used_s > self._clock() - HELD_S:
                    return
                self._remove(name)

    def _remove(self, name: str) -> None:
        self._held_bytes -= self._films.pop(name).size
        (self._folder / name).unlink(missing_ok=True)


def _clip(name: str) -> str:
    return unquote(name.rsplit(".", 2)[0])
