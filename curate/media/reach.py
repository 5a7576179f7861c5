"""Which files a child process may open: what it runs on, what its stage names, and the folder of its row."""

import contextlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from curate.errors import UsageError

_HOUSE, _ROOMS = Path(__file__).resolve().parents[2], ("captioners", "curate", "schemas")
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store",
    "/etc/alternatives", "/etc/ca-certificates", "/etc/fonts", "/etc/pki", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
    "/etc/group", "/etc/host.conf", "/etc/hosts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types",
    "/etc/nsswitch.conf", "/etc/passwd", "/etc/resolv.conf", "/etc/services",
    "/proc/cpuinfo", "/proc/filesystems", "/proc/meminfo", "/proc/stat", "/proc/sys", "/proc/version",
    "/sys/devices/system", "/sys/fs/cgroup",
    "/dev/full", "/dev/random", "/dev/urandom", "/dev/zero",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """Files and folders, with all that is below them. What can be written can be read."""

    read: frozenset[str]
    write: frozenset[str] = frozenset({"/dev/null"})

    def covers(self, row: "Reach") -> bool:
        return row.read <= self.read and row.write <= self.write

    def and_row(self, row: "Reach") -> "Reach":
        """With what a row needs. What was there stays: rows that come and go between folders need no new process."""
        return Reach(self.read | row.read, self.write | row.write)


def machine_reach(stage: object) -> Reach:
    """What a child needs for any row: Python and its modules, weights that the stage `reads`, its cache of code."""
    home = _home()
    modules = [Path(path).absolute() for path in (*sys.path, sys.prefix, sys.base_prefix)]
    homes = (home, *home.parents) if home else ()
    read = [path for path in modules if path not in homes]  # who runs this in the home has that among the modules
    read += [*(_HOUSE / name for name in _ROOMS), *map(Path, getattr(stage, "reads", ()))]
    compiled = [code_cache()] if getattr(stage, "compiles", False) else []
    return Reach(frozenset({*_SYSTEM, *map(os.path.realpath, read)}), frozenset({"/dev/null", *compiled}))


def row_reach(row: object) -> Reach:
    """The folder of a row's media to read in, its own `folder` to write in."""
    file = getattr(getattr(row, "clip_file", row), "file", None)
    folder = getattr(row, "folder", None)
    read = () if file is None else (os.path.dirname(os.path.realpath(file.path)),)  # noqa: PTH120
    return Reach(frozenset(read), frozenset(() if folder is None else (os.path.realpath(folder),)))


def code_cache() -> str:
    """Where children keep the machine code that numba makes: apart from that of processes that are trusted."""
    asked, home = os.environ.get("NUMBA_CACHE_DIR"), _home()
    folders = [Path(asked, "confined")] if asked else []
    folders += [home / ".cache" / "retold" / "confined"] if home else []
    folders.append(Path(tempfile.gettempdir(), f"retold-{os.getuid()}"))
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK):
                return str(folder)
    raise UsageError(f"machine code cannot be kept in {folders[-1]}: set NUMBA_CACHE_DIR to a folder of your own")


def _home() -> Path | None:
    """None for a user without a home, as containers have them."""
    try:
        return Path.home()
    except RuntimeError:
        return None
