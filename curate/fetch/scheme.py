"""How bytes are read, by scheme: another scheme is a function here or in a file of its own, and a line in `SCHEMES`."""

import errno
import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from curate.errors import Forbidden, Gone, TooLarge, Unreachable, Unsupported
from curate.fetch.uri import local_path

_CHUNK = 4 << 20
_BROKEN = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN)
_GONE = (404, 410)
_S3_OPTIONS = (
    "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "endpoint_url", "allow_http",
    "virtual_hosted_style_request", "skip_signature", "request_payer",
)  # fmt: skip
_TRANSIENT = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Access:
    """What a scheme needs to know beside the URI. `storage_options` are those of Delta tables: AWS_ENDPOINT_URL, ..."""

    max_bytes: int
    read_timeout_s: float
    total_timeout_s: float
    max_redirects: int
    storage_options: Mapping[str, str]


Read = Callable[[str], Iterator[bytes]]
"""The bytes of a URI, in pieces; a RowError says why not."""


def refuse_large(size_bytes: int, access: Access) -> None:
    """Raise TooLarge for a size over the cap."""
    if size_bytes > access.max_bytes:
        raise TooLarge(f"{size_bytes} bytes or more, over the cap of {access.max_bytes}; raise max_bytes to take it")


def open_file(access: Access) -> Read:
    """Regular files of this machine."""

    def read(uri: str) -> Iterator[bytes]:
        path = local_path(uri)
        try:
            if path.exists() and not path.is_file():
                raise Unsupported(f"not a regular file: {path}; `retold add` takes folders apart")
            with path.open("rb") as file:
                refuse_large(os.fstat(file.fileno()).st_size, access)
                while piece := file.read(_CHUNK):
                    yield piece
        except PermissionError:
            raise Forbidden(f"no permission to read {path}") from None
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
            if isinstance(error, OSError) and error.errno in _BROKEN:
                raise Unreachable(f"{path} cannot be read: {error.strerror}") from None
            raise Gone(f"no such file: {path}") from None

    return read


def open_web(access: Access) -> Read:
    """HTTP and HTTPS, one connection pool for all URIs."""
    client = httpx.Client(
        timeout=access.read_timeout_s, follow_redirects=True, max_redirects=access.max_redirects, trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "retold"},
    )  # fmt: skip

    def read(uri: str) -> Iterator[bytes]:
        until = time.monotonic() + access.total_timeout_s
        try:
            with client.stream("GET", uri) as response:
                _refuse_status(response)
                refuse_large(int(response.headers.get("Content-Length", 0)), access)
                for piece in response.iter_bytes():
                    if time.monotonic() > until:
                        raise Unreachable(f"the body was not complete after {access.total_timeout_s:g} s")
                    yield piece
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # UnicodeError: of a host name
            raise Unsupported(f"no address that can be fetched: {error}") from None
        except httpx.TooManyRedirects:
            raise Unsupported(f"redirects more than {access.max_redirects} times") from None
        except httpx.TimeoutException:
            raise Unreachable(f"no answer within {access.read_timeout_s:g} s") from None
        except httpx.RequestError as error:
            raise Unreachable(f"the connection failed: {error}") from None

    weakref.finalize(read, client.close)
    return read


def _refuse_status(response: httpx.Response) -> None:
    status = response.status_code
    answer = f"the server answers {status} {response.reason_phrase}".rstrip()
    if status in _GONE:
        raise Gone(answer)
    if status in _TRANSIENT or status >= 500:
        raise Unreachable(answer)
    if status != 200:
        raise Forbidden(answer)


def s3_store(bucket: str, access: Access) -> S3Store:
    """A bucket under the storage options given; those that only Delta tables know are left out."""
    named = {key.lower().removeprefix("aws_"): value for key, value in access.storage_options.items()}
    config: Any = {key: named[key] for key in _S3_OPTIONS if key in named}
    return S3Store(
        bucket,
        config=config,
        client_options={"timeout": f"{access.read_timeout_s:g}s"},
        retry_config={"max_retries": 3},
    )


def open_s3(access: Access) -> Read:
    """Objects of S3 and its kin, one client a bucket."""
    stores: dict[str, S3Store] = {}

    def read(uri: str) -> Iterator[bytes]:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if bucket not in stores:
            stores[bucket] = s3_store(bucket, access)
        try:
            answer = stores[bucket].get(key)
            refuse_large(answer.meta["size"], access)
            for piece in answer.stream(_CHUNK):
                yield bytes(piece)
        except FileNotFoundError:
            raise Gone(f"no such object: {uri}") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Forbidden(f"the bucket refuses: {_first_line(error)}") from None
        except BaseError as error:
            raise Unreachable(f"the bucket does not answer: {_first_line(error)}") from None

    return read


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]


SCHEMES: Mapping[str, Callable[[Access], Read]] = MappingProxyType(
    {
        "file": open_file,
        "http": open_web,
        "https": open_web,
        "s3": open_s3,
    }
)
"""How each scheme is opened."""
