"""Fetched bytes into tar shards that any tar and WebDataset read, each member's place known to the byte.

A sample is two members, `<media_id>.<extension>` with the bytes and `<media_id>.json` with the facts. Headers are plain
ustar; a file of 8 GiB or more gets a pax header. Times and owners are zero, so the same media make the same shard.
"""

import dataclasses
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from curate.stage import Heavy
from schemas.media import Blob, Media

_CHUNK = 4 << 20
_END = bytes(2 * tarfile.BLOCKSIZE)
_PLACE = ("source_id", "blob")  # which source came first, and where the bytes lie, are no facts of the bytes
_EXTENSIONS = {
    "matroska": "mkv", "mpegts": "ts", "mpeg": "mpg", "jpeg": "jpg", "asf": "wmv", "apng": "png", "tiff": "tif",
}  # fmt: skip


class Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Store(Protocol):
    """Where shards go: `curate.storage.blobs.Blobs`."""

    def create(self, path: str) -> AbstractContextManager[Writer]: ...


def store_tar(
    store: Store, unit: str, heavies: Sequence[Heavy[Media]], known: Mapping[str, Blob], target_bytes: int
) -> list[Media]:
    """Store what is not in `known` (by media_id), each bytes once; remove the temporary files; return rows with places.

    Shards are `media/shards/<unit>-<n>.tar`, each closed by the medium that takes it to `target_bytes`.
    """
    places = dict(known)
    fresh: dict[str, Heavy[Media]] = {}
    for heavy in heavies:
        if heavy.row.media_id not in known:
            fresh.setdefault(heavy.row.media_id, heavy)
    for number, group in enumerate(_groups(fresh.values(), target_bytes)):
        shard = f"media/shards/{unit}-{number:03d}.tar"
        with store.create(shard) as out:
            places |= _write_shard(out, shard, group)
    for heavy in heavies:
        if isinstance(heavy.body, Path):
            heavy.body.unlink(missing_ok=True)
    return [dataclasses.replace(heavy.row, blob=places[heavy.row.media_id]) for heavy in heavies]


def _groups(heavies: Iterable[Heavy[Media]], target_bytes: int) -> Iterator[list[Heavy[Media]]]:
    group: list[Heavy[Media]] = []
    held = 0
    for heavy in heavies:
        group.append(heavy)
        held += heavy.row.size_bytes
        if held >= target_bytes:
            yield group
            group, held = [], 0
    if group:
        yield group


def _write_shard(out: Writer, shard: str, group: Iterable[Heavy[Media]]) -> dict[str, Blob]:
    places, position = {}, 0
    for heavy in group:
        media = heavy.row
        header = _header(f"{media.media_id}.{extension(media.container)}", media.size_bytes)
        out.write(header)
        places[media.media_id] = Blob(shard, position + len(header), media.size_bytes)
        _write_body(out, heavy)
        facts = facts_json(media)
        out.write(_header(f"{media.media_id}.json", len(facts)) + facts + bytes(_padding(len(facts))))
        position += len(header) + _padded(media.size_bytes) + tarfile.BLOCKSIZE + _padded(len(facts))
    out.write(_END + bytes(-(position + len(_END)) % tarfile.RECORDSIZE))
    return places


def _write_body(out: Writer, heavy: Heavy[Media]) -> None:
    written = 0
    for piece in _pieces(heavy.body):
        out.write(piece)
        written += len(piece)
    if written != heavy.row.size_bytes:
        raise ValueError(f"the body of {heavy.row.media_id} has {written} bytes, its row says {heavy.row.size_bytes}")
    out.write(bytes(_padding(written)))


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


def _padding(size_bytes: int) -> int:
    return -size_bytes % tarfile.BLOCKSIZE


def _padded(size_bytes: int) -> int:
    return size_bytes + _padding(size_bytes)


def extension(container: str) -> str:
    """What a file of this container is called."""
    return _EXTENSIONS.get(container, container)


def facts_json(media: Media) -> bytes:
    """The facts of the bytes as JSON."""
    facts = {key: value for key, value in dataclasses.asdict(media).items() if key not in _PLACE}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
