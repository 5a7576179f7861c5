"""Shards of bytes below a lake: written whole or not at all, read by range."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from curate.errors import LakeError
from curate.media.file import LocalFile
from schemas.media import Blob

_CHUNK = 16 << 20
_S3_KEYS = (
    "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "endpoint_url", "allow_http",
    "virtual_hosted_style_request",
)  # fmt: skip


class Writer(Protocol):
    """What `create` gives: bytes go in, in order."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True)
class Blobs:
    """A folder or an `s3://bucket/prefix`; paths are relative to it."""

    uri: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path | None:
        """The local folder; None on object storage."""
        return None if "://" in self.uri else Path(self.uri)

    @property
    def store(self) -> ObjectStore:
        return _store(self.uri, tuple(sorted(self.options.items())))

    @contextmanager
    def create(self, path: str) -> Iterator[Writer]:
        """Write one new object; it becomes visible when the block ends without an error, and not before."""
        writer = obstore.open_writer(self.store, path, buffer_size=_CHUNK)
        try:
            yield writer
        except BaseException:
            del writer  # dropped unclosed, it never completes; on S3 its parts wait for a lifecycle rule
            raise
        writer.close()

    def read(self, shard: str, offset: int, length: int) -> bytes:
        """The bytes `[offset, offset + length)` of an object; LakeError where the object is missing or shorter."""
        try:
            data = obstore.get_range(self.store, shard, start=offset, length=length).to_bytes()
        except FileNotFoundError as error:
            raise LakeError(f"{self.uri}/{shard} is missing") from error
        except BaseError as error:
            what = str(error).splitlines()[0]
            raise LakeError(f"{self.uri}/{shard} cannot be read at {offset} + {length}: {what}") from error
        if len(data) != length:
            raise LakeError(f"{self.uri}/{shard} ends before {offset + length}: it is truncated")
        return data

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
        with tempfile.NamedTemporaryFile(prefix="retold-") as copy:
            for start in range(0, blob.length, _CHUNK):
                copy.write(self.read(blob.shard, blob.offset + start, min(_CHUNK, blob.length - start)))
            copy.flush()
            yield LocalFile(copy.name, 0, blob.length)

    def list(self, folder: str) -> Iterator[tuple[str, int]]:
        """Paths and sizes of the objects below a folder."""
        for page in obstore.list(self.store, folder or None):
            for item in page:
                yield item["path"], item["size"]


@cache
def _store(uri: str, options: tuple[tuple[str, str], ...]) -> ObjectStore:
    if "://" not in uri:
        return LocalStore(uri, mkdir=True)
    if not uri.startswith("s3://"):
        raise LakeError(f"a lake is a folder or s3://bucket/prefix, not {uri!r}")
    given = {key.lower().removeprefix("aws_"): value for key, value in options}
    config: Any = {key: given[key] for key in _S3_KEYS if key in given}
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return S3Store(bucket, prefix=prefix or None, config=config)
