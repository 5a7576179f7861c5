"""Where a body is put down: a temporary file, under a cap, hashed on the way."""

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from curate.errors import NotMedia, TooLarge, UsageError
from curate.storage.scratch import own_folder

_PREFIX = "retold-fetch-"
_CHUNK = 4 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OLD_S = 2 * 86400.0


class Drop:
    """A file that only grows; `close()` removes it unless it was kept. UsageError where the disk is full."""

    def __init__(self, max_bytes: int, scratch: str | None) -> None:
        with _room(scratch):
            own = f"{_PREFIX}{_owner()}-"
            handle, name = tempfile.mkstemp(prefix=own, dir=scratch or own_folder(own))
        self.path = Path(name)
        self.size_bytes = 0
        self.max_bytes = max_bytes
        self._scratch = scratch
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._digest = hashlib.sha256()
        self._kept = False

    @property
    def media_id(self) -> str:
        """The sha256 of what is here, in hex."""
        return self._digest.hexdigest()

    def expect(self, size_bytes: int) -> None:
        """Raise TooLarge for a body that says it is over the cap, before it comes."""
        if size_bytes > self.max_bytes:
            cure = "raise fetch.max_bytes to take it"
            raise TooLarge(f"{size_bytes} bytes or more, over the cap of {self.max_bytes}; {cure}")

    def write(self, piece: bytes) -> None:
        """Add to the end; TooLarge once it is over the cap."""
        self.expect(self.size_bytes + len(piece))
        rest = memoryview(piece)
        with _room(self._scratch):
            while rest:
                rest = rest[self._file.write(rest) :]
        self._digest.update(piece)
        self.size_bytes += len(piece)

    def empty(self) -> None:
        """Forget what is here: the body comes again from its beginning."""
        self._file.seek(0)
        self._file.truncate()
        self._digest, self.size_bytes = hashlib.sha256(), 0

    def take(self, path: Path) -> None:
        """Add a whole file, and remove it."""
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                self.write(piece)
        path.unlink()

    def body(self) -> Path:
        """The file as it is; NotMedia where nothing came."""
        if not self.size_bytes:
            raise NotMedia("an empty file")
        return self.path

    def keep(self) -> Path:
        """The file, for somebody else to remove."""
        self._file.close()
        self._kept = True
        return self.path

    def close(self) -> None:
        """Remove the file unless it was kept."""
        self._file.close()
        if not self._kept:
            self.path.unlink(missing_ok=True)


def sweep(scratch: str | None) -> None:
    """Remove the temporary files of workers that were killed.

    A worker is known by its number and its start, for in a container the numbers are the same each time. Of those in
    other containers, who may share the folder, only what has not been written to for two days is removed.
    """
    here = _namespace()
    for path in Path(scratch or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError):  # somebody else removed it; or it is no file of ours
            namespace, pid, start, _ = path.name.removeprefix(_PREFIX).split("-", 3)
            idle_s = time.time() - path.stat().st_mtime
            if _started(int(pid)) != start if namespace == here else idle_s > _OLD_S:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _owner() -> str:
    pid = os.getpid()
    return f"{_namespace()}-{pid}-{_started(pid)}"


def _namespace() -> str:
    """The process numbers of which container are meant."""
    return "".join(filter(str.isdigit, os.readlink("/proc/self/ns/pid")))  # noqa: PTH115  no path


def _started(pid: int) -> str | None:
    """When a process was started, in ticks since boot; None where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return None


@contextmanager
def _room(scratch: str | None) -> Iterator[None]:
    """A full disk is nothing that a row can help: it stops the job."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        folder = scratch or tempfile.gettempdir()
        cure = "name a bigger one in fetch.scratch, or lower fetch.at_once or fetch.max_bytes"
        raise UsageError(f"no room is left in {folder}, where bodies are put down: {cure}; then run again") from None
