"""Proxies in tar shards: `<clip_id>.mp4`, each one's place known to the byte. Times and owners are zero."""

import dataclasses
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.checksum import checksum
from curate.stage import Heavy
from curate.storage.blobs import Blobs, Writer
from schemas.media import Blob
from schemas.proxy import Proxy

_CHUNK = 4 << 20


def store_proxies(blobs: Blobs, unit: str, heavies: Iterable[Heavy[Proxy]]) -> list[Proxy]:
    """Store the films of one unit of work as they come, as `proxies/shards/UNIT.tar`; the rows, in order, with places.

    A unit without a film leaves no shard.
    """
    coming = iter(heavies)
    first = next(coming, None)
    if first is None:
        return []
    rows: list[Proxy] = []
    with _shard(blobs, f"proxies/shards/{unit}.tar") as shard:
        while first is not None:
            rows.append(dataclasses.replace(first.row, blob=shard.add(first.row.clip_id, _body(first))))
            first = next(coming, None)
    return rows


def remake(blobs: Blobs, shard: str, unit: str, rows: Iterable[Proxy]) -> dict[Blob, Blob]:
    """Write `proxies/shards/<unit>.tar` with the films of these rows in a shard; old places to new ones."""
    mine = {row.blob: row.clip_id for row in rows if row.blob is not None and row.blob.shard == shard}
    with _shard(blobs, f"proxies/shards/{unit}.tar") as new:
        return {old: new.add(clip_id, blobs.read(shard, old.offset, old.length)) for old, clip_id in mine.items()}


class _Shard:
    """A tar that is being written, a film at a time."""

    def __init__(self, out: Writer, path: str) -> None:
        self._out, self._path, self._position = out, path, 0

    def add(self, clip_id: str, body: bytes) -> Blob:
        header = tarfile.TarInfo(f"{clip_id}.mp4")
        header.size = len(body)
        self._write(header.tobuf(tarfile.USTAR_FORMAT))
        blob = Blob(self._path, self._position, len(body), checksum(body))
        for at in range(0, len(body), _CHUNK):
            self._write(body[at : at + _CHUNK])
        self._write(bytes(-len(body) % tarfile.BLOCKSIZE))
        return blob

    def end(self) -> None:
        closing = 2 * tarfile.BLOCKSIZE
        self._write(bytes(closing + -(self._position + closing) % tarfile.RECORDSIZE))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


@contextmanager
def _shard(blobs: Blobs, path: str) -> Iterator[_Shard]:
    with blobs.create(path) as out:
        shard = _Shard(out, path)
        yield shard
        shard.end()


def _body(heavy: Heavy[Proxy]) -> bytes:
    return heavy.body.read_bytes() if isinstance(heavy.body, Path) else heavy.body
