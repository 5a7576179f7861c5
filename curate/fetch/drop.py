"""Where a body is put down: a temporary file, under a cap, hashed on the way."""

import hashlib
import os
import tempfile
from pathlib import Path

from curate.errors import NotMedia, TooLarge

_PREFIX = "retold-fetch-"
_CHUNK = 4 << 20


class Drop:
    """A file that only grows; `close()` removes it unless it was kept."""

    def __init__(self, max_bytes: int, scratch: str | None) -> None:
        handle, name = tempfile.mkstemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=scratch)
        self.path = Path(name)
        self.size_bytes = 0
        self.max_bytes = max_bytes
        self._file = os.fdopen(handle, "wb")
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
        self._digest.update(piece)
        self._file.write(piece)
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

    def keep(self) -> Path:
        """The file, for somebody else to remove; NotMedia where nothing came."""
        if not self.size_bytes:
            raise NotMedia("an empty file")
        self._file.close()
        self._kept = True
        return self.path

    def close(self) -> None:
        """Remove the file unless it was kept."""
        self._file.close()
        if not self._kept:
            self.path.unlink(missing_ok=True)


def sweep(scratch: str | None) -> None:
    """Remove the temporary files of workers that were killed."""
    for path in Path(scratch or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = path.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path(f"/proc/{owner}").exists():
            path.unlink(missing_ok=True)
