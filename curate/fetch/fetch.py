"""Bring the bytes of a source here, byte for byte, and say what they are."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar

from curate.errors import ROW_ERRORS, Gone, NotMedia, Unsupported
from curate.fetch.probe import Fetched, Probe
from curate.fetch.scheme import SCHEMES, Access, Read, refuse_large
from curate.fetch.uri import scheme
from curate.media.facts import Facts
from curate.media.file import LocalFile
from curate.media.limits import GIB, Limits
from curate.media.sandbox import Isolated, isolated
from curate.stage import OPERATIONAL, Heavy, Run, each, operational
from schemas.media import Media, Source

SCRATCH = "retold-fetch-"


@dataclass(frozen=True)
class Fetch:
    """Sources to media. The body is a temporary file that the sink (`store_tar`) removes."""

    name: ClassVar[str] = "fetch"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Media

    max_bytes: int = operational(16 * GIB)
    read_timeout_s: float = operational(30.0)
    total_timeout_s: float = operational(3600.0)
    max_redirects: int = operational(5)
    scratch: str | None = operational(None)  # folder of the temporary files; None: the system's
    storage_options: tuple[tuple[str, str], ...] = field(default=(), repr=False, metadata=OPERATIONAL)  # for s3://
    probe_limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0))

    def open(self) -> Run[Source, Heavy[Media]]:
        access = Access(
            self.max_bytes, self.read_timeout_s, self.total_timeout_s, self.max_redirects, dict(self.storage_options)
        )
        readers = {name: open_scheme(access) for name, open_scheme in SCHEMES.items()}
        probe = isolated(Probe(), self.probe_limits)
        _sweep(self.scratch)

        def one(source: Source) -> Iterator[Heavy[Media]]:
            if source.tombstone:
                raise Gone("taken down")
            handle, name = tempfile.mkstemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=self.scratch)
            body = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    media_id, size_bytes = _copy(_reader(source.uri, readers)(source.uri), file, access)
                facts = _probed(probe, Fetched(media_id, LocalFile(name, 0, size_bytes)))
            except BaseException:
                body.unlink()
                raise
            yield Heavy(facts.media(media_id, source.source_id, size_bytes), body)

        return each(one)


def _sweep(scratch: str | None) -> None:
    """Remove the temporary files of workers that were killed."""
    for path in Path(scratch or tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        owner = path.name.removeprefix(SCRATCH).partition("-")[0]
        if not Path(f"/proc/{owner}").exists():
            path.unlink(missing_ok=True)


def _reader(uri: str, readers: Mapping[str, Read]) -> Read:
    kind = scheme(uri)
    if kind is None or kind not in readers:
        raise Unsupported(f"the scheme of {uri!r} is none of {', '.join(sorted(readers))}")
    return readers[kind]


def _copy(pieces: Iterator[bytes], file: BinaryIO, access: Access) -> tuple[str, int]:
    """Write the pieces, under the cap; return their sha256 and size."""
    digest, size_bytes = hashlib.sha256(), 0
    for piece in pieces:
        size_bytes += len(piece)
        refuse_large(size_bytes, access)
        digest.update(piece)
        file.write(piece)
    if not size_bytes:
        raise NotMedia("an empty file")
    return digest.hexdigest(), size_bytes


def _probed(probe: Isolated[Fetched, Facts], fetched: Fetched) -> Facts:
    (outcome,) = probe([fetched])
    if outcome.failure is not None:
        raise ROW_ERRORS[outcome.failure.kind](outcome.failure.detail)
    return outcome.rows[0]
