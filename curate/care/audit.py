"""The audit of one object: a shard against the rows that refer to it, or a table's file against the log.

It is read once, front to back, in pieces; an audit of a lake is a map of this over its objects.
"""

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from curate.care.finding import Damage, DamageKind
from curate.care.places import TENSORS, Place
from curate.checksum import Checksum
from curate.errors import LakeError
from curate.storage.blobs import Blobs

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ShardTask:
    """A shard that is there, and the places in it that rows refer to, none of which ends behind its end."""

    table: str
    path: str  # below the lake
    size: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class FileTask:
    """A Parquet file of a table that is there, of the size that the log says."""

    table: str
    path: str  # below the lake
    size: int
    rows: int | None  # as the log says


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of some tasks."""

    objects: int
    damages: tuple[Damage, ...]
    read_bytes: int
    unused_bytes: int  # members of tar shards that no row refers to
    unused_members: int


@dataclass(frozen=True)
class Auditor:
    """Audits objects of one lake; pickles."""

    blobs: Blobs

    def __call__(self, tasks: tuple[ShardTask | FileTask, ...]) -> Audit:
        parts = [self._audit(task) for task in tasks]
        return Audit(
            len(tasks),
            tuple(damage for part in parts for damage in part.damages),
            sum(part.read_bytes for part in parts),
            sum(part.unused_bytes for part in parts),
            sum(part.unused_members for part in parts),
        )

    def _audit(self, task: ShardTask | FileTask) -> Audit:
        if isinstance(task, FileTask):
            return Audit(1, tuple(self._file(task)), task.size, 0, 0)
        if task.table in TENSORS:
            damages = (*self._tensors(task), *self._file(FileTask(task.table, task.path, task.size, None)))
            return Audit(1, damages, task.size, 0, 0)
        return _Tar(self.blobs, task).audit()

    def _tensors(self, task: ShardTask) -> Iterator[Damage]:
        for place in sorted(task.places, key=lambda place: place.offset):
            try:
                changed = _changed(place, self.blobs.chunks(task.path, place.offset, place.length))
            except LakeError as error:
                yield _damage("unreadable", task, place, str(error))
                continue
            if changed:
                yield _damage("changed", task, place, changed)

    def _file(self, task: FileTask) -> Iterator[Damage]:
        """Read all of a Parquet file, a row group at a time, against the checksums of its pages."""
        try:
            with self.blobs.open(task.path) as file:
                parquet = pq.ParquetFile(file, page_checksum_verification=True)
                found = parquet.metadata.num_rows
                for group in range(parquet.num_row_groups):
                    parquet.read_row_group(group)
        except (pa.ArrowException, OSError, LakeError) as error:
            yield Damage("unreadable", task.table, task.path, None, str(error).splitlines()[0])
            return
        if task.rows is not None and found != task.rows:
            yield Damage("changed", task.table, task.path, None, f"{found} rows, the log says {task.rows}")


class _Tar:
    """One tar shard: every member is hashed on the way through."""

    def __init__(self, blobs: Blobs, task: ShardTask) -> None:
        self.blobs, self.task = blobs, task
        self.left = {place.offset: place for place in task.places}
        self.owners = {place.owner for place in task.places}
        self.damages: list[Damage] = []
        self.unused: list[int] = []

    def audit(self) -> Audit:
        broken = None
        try:
            with (
                _Pieces(self.blobs.chunks(self.task.path, 0, self.task.size)) as stream,
                tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK) as tar,
            ):
                for member in tar:
                    self._member(member, tar.extractfile(member))
        except (tarfile.TarError, LakeError) as error:
            broken = f"it cannot be walked: {error}"
        for place in self.left.values():
            self._apart(place, broken)
        if broken and not self.damages:
            self.damages.append(Damage("unreadable", self.task.table, self.task.path, None, broken))
        return Audit(1, tuple(self.damages), self.task.size, sum(self.unused), len(self.unused))

    def _member(self, member: tarfile.TarInfo, body: IO[bytes] | None) -> None:
        place = self.left.pop(member.offset_data, None)
        owner = member.name.partition(".")[0]
        if place is None or body is None:
            if not (member.name.endswith(".json") and owner in self.owners):
                self.unused.append(member.size)
            return
        if (owner, member.size) != (place.owner, place.length):
            detail = f"the member at {place.offset} is {member.name}, {member.size} bytes"
            self.damages.append(_damage("misplaced", self.task, place, detail))
        elif changed := _changed(place, iter(lambda: body.read(_CHUNK), b"")):
            self.damages.append(_damage("changed", self.task, place, changed))

    def _apart(self, place: Place, broken: str | None) -> None:
        """Audit a place that the walk did not come to, by its bytes alone."""
        try:
            changed = _changed(place, self.blobs.chunks(self.task.path, place.offset, place.length))
        except LakeError as error:
            self.damages.append(_damage("unreadable", self.task, place, str(error)))
            return
        kind: DamageKind = "changed" if changed else "misplaced"
        detail = broken or f"no member begins at {place.offset}"
        self.damages.append(_damage(kind, self.task, place, detail))


def _damage(kind: DamageKind, task: ShardTask, place: Place, detail: str) -> Damage:
    return Damage(kind, task.table, task.path, place.owner, detail)


def _changed(place: Place, pieces: Iterable[bytes]) -> str | None:
    """What the bytes of a place are instead of what its row says; None: they are that."""
    sha256, checksum = hashlib.sha256(), Checksum()
    for piece in pieces:
        sha256.update(piece)
        checksum.update(piece)
    if place.sha256 not in {None, sha256.hexdigest()}:
        return f"sha256 {sha256.hexdigest()} at {place.offset}"
    if checksum.hexdigest() != place.checksum:
        return f"checksum {checksum.hexdigest()} at {place.offset}"
    return None


class _Pieces:
    """Bytes that come in pieces, as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""

    def __enter__(self) -> Any:  # tarfile asks for a whole IO, and uses `read`
        return self

    def __exit__(self, *error: object) -> None: ...

    def read(self, size: int) -> bytes:
        """Up to so many bytes, none at the end: what is at hand, so that little is copied."""
        piece = self.rest or next(self.pieces, b"")
        self.rest = piece[size:]
        return piece[:size] if self.rest else piece
