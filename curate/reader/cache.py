"""Samples on the node's own disk, within a budget: what the plan needs last is given up first.

All processes of a node share the folder. What they know of each other is in files: `index.db` (SQLite) has the size of
each tensor and the step at which the plan reads it next, and the file `lock` is held while one writes. The kernel lets
go of the lock when its holder is killed; what that one left is counted, and cleared by the next who opens the folder.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
create table if not exists kept (sha256 text primary key, size integer not null, next integer not null) without rowid;
create index if not exists by_next on kept (next);
create table if not exists plan (hash text not null);
create table if not exists total (bytes integer not null);
insert into total select 0 where not exists (select 1 from total);
create trigger if not exists came after insert on kept begin update total set bytes = bytes + new.size; end;
create trigger if not exists went after delete on kept begin update total set bytes = bytes - old.size; end;
"""
_NEVER = 1 << 62  # SQL has no order for what is not known


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder on the node's own disk, and how many bytes of tensors may be in it."""

    folder: str
    size_bytes: int
    ranks: int | None = None  # how many ranks of the run share the folder: rank r those of r // ranks; None: all


class OpenCache:
    """A cache in use by one process."""

    def __init__(self, cache: Cache, plan_hash: str) -> None:
        """What other plans have left is the first to go: nobody knows when it is read again."""
        self._folder, self._budget = Path(cache.folder), cache.size_bytes
        (self._folder / "tensors").mkdir(parents=True, exist_ok=True)
        self._held = threading.Lock()
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with self._alone():
            self._index = self._opened()
            self._begin(plan_hash)
            self._clear()
            self._make_room(0, 0, -1)

    def close(self) -> None:
        with self._held:
            self._index.close()
            os.close(self._lock)

    def take(self, sha256: str, into: memoryview, step: int, next_step: int | None) -> bool:
        """Fill a buffer with a tensor, if it is here. One that is not read again stays until its room is wanted."""
        try:
            with self._path(sha256).open("rb", buffering=0) as file:
                if file.readinto(into) != len(into):
                    return False
        except FileNotFoundError:
            return False
        needed = step if next_step is None else next_step
        with self._held:
            self._index.execute("update kept set next = ? where sha256 = ?", (needed, sha256))
        return True

    def put(self, sha256: str, body: memoryview, step: int, next_step: int) -> None:
        """Keep a tensor, unless all that it would take the place of is read before it."""
        with self._alone():
            known = self._index.execute("select 1 from kept where sha256 = ?", (sha256,)).fetchone()
            if not known and not self._make_room(len(body), step, next_step):
                return
            self._index.execute(
                "insert into kept values (?, ?, ?) on conflict (sha256) do update set next = excluded.next",
                (sha256, len(body), next_step),
            )
            if not self._path(sha256).exists():  # from here on it is counted, whatever becomes of this process
                part = self._folder / "part"
                part.write_bytes(body)
                part.rename(self._path(sha256))

    def forget(self, sha256: str) -> None:
        """Remove a tensor."""
        with self._alone():
            self._path(sha256).unlink(missing_ok=True)
            self._index.execute("delete from kept where sha256 = ?", (sha256,))

    def _path(self, sha256: str) -> Path:
        return self._folder / "tensors" / sha256

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder: no other thread or process writes."""
        with self._held:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _opened(self) -> sqlite3.Connection:
        """The index; a new one where the old one cannot be read, as after a power failure."""
        try:
            return _index(self._folder / "index.db")
        except sqlite3.DatabaseError:
            for name in ("index.db", "index.db-journal"):
                (self._folder / name).unlink(missing_ok=True)
            return _index(self._folder / "index.db")

    def _begin(self, plan_hash: str) -> None:
        if self._index.execute("select hash from plan").fetchall() != [(plan_hash,)]:
            self._index.execute("update kept set next = ?", (_NEVER,))
            self._index.execute("delete from plan")
            self._index.execute("insert into plan values (?)", (plan_hash,))

    def _clear(self) -> None:
        """Remove what a killed process has left: a file without a row, a row without a file."""
        (self._folder / "part").unlink(missing_ok=True)
        files = {entry.name for entry in os.scandir(self._folder / "tensors")}
        rows = {name for (name,) in self._index.execute("select sha256 from kept")}
        for name in files - rows:
            self._path(name).unlink()
        self._index.executemany("delete from kept where sha256 = ?", ((name,) for name in rows - files))

    def _make_room(self, size: int, step: int, next_step: int) -> bool:
        """Give up what should have been read by now, then what is read last; False: that would be read before this."""
        (used,) = self._index.execute("select bytes from total").fetchone()
        excess = used + size - self._budget
        victims = []
        for name, held in self._candidates(step, next_step):
            if excess <= 0:
                break
            victims.append(name)
            excess -= held
        if excess > 0:
            return False
        for name in victims:
            self._path(name).unlink(missing_ok=True)
        self._index.executemany("delete from kept where sha256 = ?", ((name,) for name in victims))
        return True

    def _candidates(self, step: int, next_step: int) -> Iterator[tuple[str, int]]:
        """What may go for a tensor that is read next at a step, in order."""
        yield from self._index.execute("select sha256, size from kept where next < ? order by next", (step,))
        later = (max(step, next_step + 1),)
        yield from self._index.execute("select sha256, size from kept where next >= ? order by next desc", later)


def _index(path: Path) -> sqlite3.Connection:
    """Each statement is a transaction of its own; a kill leaves a journal that the next one rolls back."""
    index = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    index.execute("pragma journal_mode = truncate")
    index.execute("pragma synchronous = off")
    index.executescript(_TABLES)
    return index
