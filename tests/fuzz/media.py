"""Damaged media through the children that open them, as a job would send them."""

from pathlib import Path
from random import Random

from curate.errors import ROW_ERRORS
from curate.fetch.probe import Fetched, Probe
from curate.media.file import LocalFile, MediaFile
from curate.media.limits import Limits
from curate.media.sandbox import isolated
from curate.scan.stage import Scan
from tests.fuzz.damage import damaged

LIMITS = Limits(memory_bytes=1 << 30, deadline_s=20.0)
MOST_BYTES = 120_000
"""Of the clips that are damaged: small ones are quickly decoded, and what is wrong with one is a large part of it."""


def clips(folder: Path) -> list[Path]:
    """Small media of many containers and codecs below a folder."""
    found = (path for path in folder.rglob("*.*") if path.suffix != ".json" and 0 < path.stat().st_size < MOST_BYTES)
    return sorted(found)


class Examined:
    """Two children: what a container says of itself, then a scan of all that is in it."""

    def __init__(self) -> None:
        self._probe, self._scan = isolated(Probe(), LIMITS), isolated(Scan(), LIMITS)

    def __call__(self, path: Path) -> str:
        """`whole`, or the kind of the failure; whatever is raised is a bug."""
        file = LocalFile(str(path), 0, path.stat().st_size)
        (probed,) = self._probe([Fetched(path.name, file)])
        if probed.failure is not None:
            return ROW_ERRORS[probed.failure.kind].kind
        (scanned,) = self._scan([MediaFile(probed.rows[0].media(path.name, path.name, file.size), file)])
        return "whole" if scanned.failure is None else ROW_ERRORS[scanned.failure.kind].kind

    def close(self) -> None:
        self._probe.close()
        self._scan.close()


def damage(clip: Path, seed: int, to: Path) -> Path:
    """A damaged copy, always the same one for a seed."""
    to.write_bytes(damaged(clip.read_bytes(), Random(f"{clip.name} {seed}")))  # noqa: S311  not for secrets
    return to
