"""Fetched bytes into tar shards that any tar and WebDataset read, each member's place known to the byte.

A sample is two members, `<media_id>.<extension>` with the bytes and `<media_id>.json` with the facts. Headers are plain
ustar; a file of 8 GiB or more gets a pax header. Times and owners are zero, so the same media make the same shard.
"""

import dataclasses
import itertools
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from curate.checksum import Checksum
from curate.stage import Heavy
from curate.storage.blobs import Blobs
from schemas.media import Blob, Media, Sidecar

_CHUNK = 4 << 20
_END = bytes(2 * tarfile.BLOCKSIZE)
_PLACE = (
    "source_id",
    "blob",
    "origin",
    "sidecars",
)  # which source came first, and where the bytes lie, are no facts of them
_EXTENSIONS = {
    "matroska": "mkv", "mpegts": "ts", "mpeg": "mpg", "jpeg": "jpg", "asf": "wmv", "apng": "png", "tiff": "tif",
}  # fmt: skip


class Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Store(Protocol):
    """Where shards go: `curate.storage.blobs.Blobs`."""

    def create(self, path: str) -> AbstractContextManager[Writer]: ...


class TarShard:
    """A tar that is being written, a member at a time."""

    def __init__(self, out: Writer, path: str) -> None:
        self.path = path
        self.media_bytes = 0
        self._out = out
        self._position = 0

    def add_media(self, media: Media, pieces: Iterable[bytes]) -> Blob:
        """Write a medium and its facts; where its bytes lie."""
        name = f"{media.media_id}.{extension(media.container)}"
        blob = self.add(name, media.size_bytes, pieces)
        facts = facts_json(media)
        self.add(f"{media.media_id}.json", len(facts), (facts,))
        self.media_bytes += media.size_bytes
        return blob

    def add(self, name: str, size_bytes: int, pieces: Iterable[bytes]) -> Blob:
        """Write one member; where its bytes lie. ValueError where they are not `size_bytes`."""
        self._write(_header(name, size_bytes))
        offset, found = self._position, Checksum()
        for piece in pieces:
            self._write(piece)
            found.update(piece)
        if (written := self._position - offset) != size_bytes:
            raise ValueError(f"{name} has {written} bytes, its row says {size_bytes}")
        self._write(bytes(-size_bytes % tarfile.BLOCKSIZE))
        return Blob(self.path, offset, size_bytes, found.hexdigest())

    def end(self) -> None:
        """Write what closes a tar."""
        self._write(_END + bytes(-(self._position + len(_END)) % tarfile.RECORDSIZE))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


@contextmanager
def open_shard(store: Store, path: str) -> Iterator[TarShard]:
    """A shard that becomes visible when the block ends without an error, and not before."""
    with store.create(path) as out:
        shard = TarShard(out, path)
        yield shard
        shard.end()


def store_tar(
    store: Store, unit: str, heavies: Iterable[Heavy[Media]], place: Callable[[str], Blob | None], target_bytes: int
) -> list[Media]:
    """Store bytes as they come, each once; remove the temporary files; return rows with places, in order.

    `place` says where a medium lies already, by its id. Shards are `media/shards/<unit>-<n>.tar`, each closed by the
    medium that takes it to `target_bytes`; an error leaves nothing of the open one.
    """
    rows: list[Media] = []
    mine: dict[str, Blob] = {}
    numbers = itertools.count()
    with ExitStack() as stack:
        shard: TarShard | None = None
        for heavy in heavies:
            media = heavy.row
            blob = mine.get(media.media_id) or place(media.media_id)
            if shard is None and (blob is None or heavy.beside):
                path = f"media/shards/{unit}-{next(numbers):03d}.tar"
                shard = stack.enter_context(open_shard(store, path))
            if blob is None and shard is not None:
                blob = mine[media.media_id] = shard.add_media(media, _pieces(heavy.body))
            rows.append(dataclasses.replace(media, blob=blob, sidecars=_sidecars(shard, heavy, len(rows))))
            if isinstance(heavy.body, Path):
                heavy.body.unlink(missing_ok=True)
            if shard is not None and shard.media_bytes >= target_bytes:
                stack.close()
                shard = None
    return rows


def _sidecars(shard: TarShard | None, heavy: Heavy[Media], number: int) -> tuple[Sidecar, ...]:
    """The sidecars with their places; `number` tells two sources of one medium apart."""
    if shard is None:
        return ()
    return tuple(
        dataclasses.replace(sidecar, blob=shard.add(f"{heavy.row.media_id}.{number}-{i}.vtt", len(data), (data,)))
        for i, (sidecar, data) in enumerate(zip(heavy.row.sidecars, heavy.beside, strict=True))
    )


def remake(blobs: Blobs, shard: str, unit: str, rows: Iterable[Media]) -> dict[Blob, Blob]:
    """Write `media/shards/<unit>.tar` with what these rows have in a shard, no more; old places to new ones."""
    moved: dict[Blob, Blob] = {}
    with open_shard(blobs, f"media/shards/{unit}.tar") as new:
        for number, media in enumerate(rows):
            old = media.blob
            if old is not None and old.shard == shard and old not in moved:
                moved[old] = new.add_media(media, blobs.chunks(shard, old.offset, old.length))
            for i, sidecar in enumerate(media.sidecars):
                beside = sidecar.blob
                if beside is not None and beside.shard == shard and beside not in moved:
                    pieces = blobs.chunks(shard, beside.offset, beside.length)
                    moved[beside] = new.add(f"{media.media_id}.{number}-{i}.vtt", beside.length, pieces)
    return moved


def _pieces(body: bytes | Path) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _header(name: str, size_bytes: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size_bytes
    member.mode = 0o644
    return member.tobuf(tarfile.PAX_FORMAT)


def extension(container: str) -> str:
    """What a file of this container is called."""
    return _EXTENSIONS.get(container, container)


def facts_json(media: Media) -> bytes:
    """The facts of the bytes as JSON."""
    facts = {key: value for key, value in dataclasses.asdict(media).items() if key not in _PLACE}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
