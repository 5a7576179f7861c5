"""A manifest that lies elsewhere, brought here.

Whoever runs the command names the manifest himself, so its address is trusted as the command line is: a list on a
server of one's own network is an ordinary case. What is *in* it is not trusted.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx2
from obstore.exceptions import BaseError

from curate.errors import UsageError
from curate.fetch.access import Access
from curate.fetch.bucket import s3_store
from curate.fetch.uri import local_path, normalise, scheme

MAX_BYTES = 64 << 30
_CHUNK = 4 << 20


@contextmanager
def local_copy(where: str, access: Access) -> Iterator[Path]:
    """The file itself, or a temporary copy of what lies at s3:// or http(s)://; UsageError where there is none."""
    kind = scheme(where)
    if kind in (None, "file"):
        path = local_path(normalise(where))
        if not path.is_file():
            raise UsageError(f"no such file: {path}; paths go from the current folder")
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="retold-manifest-", dir=access.scratch) as copy:
        try:
            for piece in _bucket(where, access) if kind == "s3" else _web(where, access):
                _put(copy, piece, where)
        except (OSError, BaseError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise UsageError(
                f"{where} cannot be read: {str(error).partition(chr(10))[0] or type(error).__name__}"
            ) from error
        copy.flush()
        yield Path(copy.name)


def _put(copy: IO[bytes], piece: bytes, where: str) -> None:
    if copy.tell() + len(piece) > MAX_BYTES:
        raise UsageError(f"{where} is longer than {MAX_BYTES} bytes: divide it")
    copy.write(piece)


def _bucket(where: str, access: Access) -> Iterator[bytes]:
    bucket, _, key = where[len("s3://") :].partition("/")
    for piece in s3_store(bucket, access).get(key).stream(_CHUNK):
        yield bytes(piece)


def _web(where: str, access: Access) -> Iterator[bytes]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "retold"}
    with (
        httpx2.Client(timeout=access.read_timeout_s, follow_redirects=True, trust_env=False, headers=headers) as client,
        client.stream("GET", where) as response,
    ):
        response.raise_for_status()
        yield from response.iter_raw(_CHUNK)
