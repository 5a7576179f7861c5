"""Shards of bytes below a lake: written whole or not at all, read by range."""

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from curate.errors import LakeError
from curate.media.file import LocalFile
from curate.storage.scratch import own_folder
from curate.storage.trouble import told
from schemas.media import Blob

_CHUNK = 16 << 20
_PIECE = 1 << 20
_PARTS = 2  # of a multipart upload on their way at once: what a writer holds in memory is a few chunks
_S3_KEYS = (
    "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "endpoint_url", "allow_http",
    "virtual_hosted_style_request",
)  # fmt: skip


class Writer(Protocol):
    """What `create` gives: bytes go in, in order."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as storage lists it."""

    path: str  # below the lake
    size: int
    modified_s: float  # since 1970


@dataclass(frozen=True)
class Blobs:
    """A folder or an `s3://bucket/prefix`; paths are relative to it.

    patience_s: how long a request may take, retries with back-off and all; None: as long as the client thinks right.
    """

    uri: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    patience_s: float | None = None

    @property
    def folder(self) -> Path | None:
        """The local folder; None on object storage."""
        return None if "://" in self.uri else Path(self.uri)

    @property
    def store(self) -> ObjectStore:
        return _store(self.uri, tuple(sorted(self.options.items())), self.patience_s)

    @contextmanager
    def create(self, path: str) -> Iterator[Writer]:
        """Write one new object; it becomes visible when the block ends without an error, and not before."""
        writer = obstore.open_writer(self.store, path, buffer_size=_CHUNK, max_concurrency=_PARTS)
        try:
            yield writer
        except BaseException:
            del writer  # dropped unclosed, it never completes; on S3 its parts wait for `retold vacuum`
            raise
        writer.close()

    def read(self, shard: str, offset: int, length: int) -> bytes:
        """The bytes `[offset, offset + length)` of an object; LakeError where the object is missing or shorter."""
        try:
            data = obstore.get_range(self.store, shard, start=offset, length=length).to_bytes()
        except FileNotFoundError as error:
            raise LakeError(f"{self.uri}/{shard} is missing") from error
        except BaseError as error:
            raise LakeError(f"{self.uri}/{shard} cannot be read at {offset} + {length}: {told(error)}") from error
        if len(data) != length:
            raise LakeError(f"{self.uri}/{shard} ends before {offset + length}: it is truncated")
        return data

    def chunks(self, shard: str, offset: int, length: int) -> Iterator[bytes]:
        """The same bytes in pieces, from one request; LakeError as of `read`."""
        if not length:
            return
        left = length
        try:
            for piece in self._pieces(shard, offset, length):
                left -= len(piece)
                yield piece
        except FileNotFoundError as error:
            raise LakeError(f"{self.uri}/{shard} is missing") from error
        except BaseError as error:
            raise LakeError(f"{self.uri}/{shard} cannot be read at {offset} + {length}: {told(error)}") from error
        if left:
            raise LakeError(f"{self.uri}/{shard} ends before {offset + length}: it is truncated")

    def _pieces(self, shard: str, offset: int, length: int) -> Iterator[bytes]:
        if self.folder is None:
            found = obstore.get(self.store, shard, options={"range": (offset, offset + length)})
            yield from map(bytes, found.stream(min_chunk_size=_PIECE))
            return
        with (self.folder / shard).open("rb") as file:  # four times cheaper than through the store
            file.seek(offset)
            end = offset + length
            while piece := file.read(min(_PIECE, end - file.tell())):
                yield piece

    def open(self, path: str) -> io.BufferedReader:
        """An object as a file to seek in, of which only what is read is fetched; LakeError where it is missing."""
        try:
            return io.BufferedReader(_Seekable(obstore.open_reader(self.store, path, buffer_size=1 << 20)), 1 << 20)
        except FileNotFoundError as error:
            raise LakeError(f"{self.uri}/{path} is missing") from error

    @contextmanager
    def local(self, blob: Blob) -> Iterator[LocalFile]:
        """The bytes of a blob where a decoder can open them: in place on a folder, a temporary copy from S3."""
        if self.folder is not None:
            path = (self.folder / blob.shard).resolve()
            if not path.is_file():
                raise LakeError(f"{path} is missing")
            if path.stat().st_size < blob.offset + blob.length:
                raise LakeError(f"{path} ends before {blob.offset + blob.length}: it is truncated")
            yield LocalFile(str(path), blob.offset, blob.length)
            return
        with tempfile.NamedTemporaryFile(dir=own_folder("retold-media-")) as copy:
            for start in range(0, blob.length, _CHUNK):
                copy.write(self.read(blob.shard, blob.offset + start, min(_CHUNK, blob.length - start)))
            copy.flush()
            yield LocalFile(copy.name, 0, blob.length)

    def objects(self, folder: str) -> Iterator[Stored]:
        """The objects below a folder."""
        for page in obstore.list(self.store, folder or None):
            for item in page:
                yield Stored(item["path"], item["size"], item["last_modified"].timestamp())

    def find(self, path: str) -> Stored | None:
        """One object as storage lists it; None where there is none."""
        try:
            item = obstore.head(self.store, path)
        except FileNotFoundError:
            return None
        return Stored(item["path"], item["size"], item["last_modified"].timestamp())

    def clock_s(self) -> float:
        """What time it is for storage, since 1970: a small object is written, looked at and removed."""
        path = f".clock-{uuid4().hex}"
        obstore.put(self.store, path, b"")
        try:
            return obstore.head(self.store, path)["last_modified"].timestamp()
        finally:
            self.delete([path])

    def delete(self, paths: Iterable[str]) -> None:
        """Remove objects; one that is not there is none to remove."""
        listed = list(paths)
        if self.folder is None and listed:
            obstore.delete(self.store, listed)
        for path in listed if self.folder is not None else ():  # at once, it stops at the first that is missing
            with suppress(FileNotFoundError):
                obstore.delete(self.store, path)


class _Seekable(io.RawIOBase):
    """A reader of storage in the form that the standard library wraps."""

    def __init__(self, reader: "obstore.ReadableFile") -> None:
        self.reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self.reader.read(len(buffer))
        buffer[: len(piece)] = bytes(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self.reader.seek(offset, whence)

    def tell(self) -> int:
        return self.reader.tell()


@cache
def _store(uri: str, options: tuple[tuple[str, str], ...], patience_s: float | None) -> ObjectStore:
    if "://" not in uri:
        return LocalStore(uri, mkdir=True)
    if not uri.startswith("s3://"):
        raise LakeError(f"a lake is a folder or s3://bucket/prefix, not {uri!r}")
    given = {key.lower().removeprefix("aws_"): value for key, value in options}
    config: Any = {key: given[key] for key in _S3_KEYS if key in given}
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    if patience_s is None:
        return S3Store(bucket, prefix=prefix or None, config=config)
    tries = timedelta(seconds=patience_s / 2)
    once = timedelta(seconds=min(30.0, patience_s / 4))
    return S3Store(
        bucket, prefix=prefix or None, config=config, client_options={"timeout": once, "connect_timeout": once},
        retry_config={"max_retries": 100, "retry_timeout": tries},
    )  # fmt: skip
