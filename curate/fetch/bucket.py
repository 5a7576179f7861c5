"""Objects of S3 and its kin."""

import asyncio
import re
import time
from contextlib import AsyncExitStack
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from curate.errors import Forbidden, Gone, TooLong, Unreachable, Unsupported, UsageError
from curate.fetch.access import Access
from curate.fetch.answer import shown
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop
from curate.fetch.patience import patiently
from curate.storage.trouble import refuses_keys, told
from schemas.media import Source

if TYPE_CHECKING:
    from obstore import GetResult  # not there at run time

_CHUNK = 256 << 10  # at least; what is less is lost where a body breaks off
_OPTIONS = (
    "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "endpoint_url", "allow_http",
    "virtual_hosted_style_request", "skip_signature", "request_payer",
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){1,254}")  # of a bucket: it may become part of a host's name
_STORES = 64  # whose clients are kept


def s3_store(bucket: str, access: Access) -> S3Store:
    """A bucket under the storage options given; those that only Delta tables know are left out."""
    named = {key.lower().removeprefix("aws_"): value for key, value in access.storage_options.items()}
    config: Any = {key: named[key] for key in _OPTIONS if key in named}
    return S3Store(
        bucket,
        config=config,
        client_options={
            "timeout": f"{access.total_timeout_s:g}s",  # of a whole request, its body included
            "read_timeout": f"{access.read_timeout_s:g}s",
            "connect_timeout": f"{min(access.web.connect_timeout_s, access.read_timeout_s):g}s",
        },
        retry_config={"max_retries": access.web.tries - 1},
    )


def open_s3(access: Access, _stack: AsyncExitStack) -> Bring:
    """One client a bucket. The endpoint is what whoever runs this named, so its address is not guarded."""
    store = lru_cache(_STORES)(partial(s3_store, access=access))

    async def bring(source: Source, drop: Drop) -> Told:
        bucket, _, key = source.uri.removeprefix("s3://").partition("/")
        if not _NAME.fullmatch(bucket):
            raise Unsupported(f"no name of a bucket: {shown(bucket)!r}")
        thing = Object(store(bucket), source.uri, key, drop)
        try:
            async with asyncio.timeout(access.total_timeout_s):
                return await patiently(access.web, thing.fetch, thing.progressed)
        except TimeoutError:
            cure = "raise fetch.total_timeout_s to take it"
            raise TooLong(f"the object was not complete after {access.total_timeout_s:g} s; {cure}") from None

    return bring


class Object:
    """What has come of one object so far. obstore goes on with a broken body itself; where it gives up, this does.

    The parts of a body are of one object if each has the same entity tag: `If-Match` would say so too, but some
    servers (radosgw 16) refuse it.
    """

    def __init__(self, store: S3Store, uri: str, key: str, drop: Drop) -> None:
        self._store, self._uri, self._key, self._drop = store, uri, key, drop
        self._etag: str | None = None
        self._begins = 0

    async def fetch(self) -> Told:
        """One try, from where the last one broke off."""
        self._begins = self._drop.size_bytes if self._etag else 0
        try:
            return await self._fetch()
        except (FileNotFoundError, NotFoundError):
            raise Gone(f"no such object: {self._uri}") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            if refuses_keys(error):
                raise UsageError(f"{self._uri} cannot be read: {told(error)}") from None
            raise Forbidden(f"the bucket refuses: {_first_line(error)}") from None
        except BaseError as error:
            raise Unreachable(f"the bucket does not answer: {_first_line(error)}") from None
        except ValueError:
            raise Unsupported(f"no key that can be asked for: {shown(self._key)!r}") from None

    def progressed(self) -> bool:
        """Whether the last try brought anything that can be kept."""
        return self._etag is not None and self._drop.size_bytes > self._begins

    async def _fetch(self) -> Told:
        answer = await self._answer()
        meta = answer.meta
        async for piece in answer.stream(_CHUNK):
            self._drop.write(bytes(piece))
        if self._drop.size_bytes != meta["size"]:
            raise Unreachable(f"{self._drop.size_bytes} of {meta['size']} bytes came")
        said = {"etag": meta["e_tag"], "content_type": answer.attributes.get("Content-Type")}
        return Told({
            "uri": self._uri,
            "fetched_us": time.time_ns() // 1000,
            "last_modified": meta["last_modified"].isoformat(),
            **{name: shown(value, 200) for name, value in said.items() if value},
        })  # fmt: skip

    async def _answer(self) -> "GetResult":
        """The rest of the object; all of it where it is not the one that was begun."""
        if self._begins:
            answer = await obstore.get_async(self._store, self._key, options={"range": {"offset": self._begins}})
            if answer.meta["e_tag"] == self._etag and answer.range[0] == self._begins:
                return answer
            self._begins = 0
        answer = await obstore.get_async(self._store, self._key)
        self._drop.empty()
        self._drop.expect(answer.meta["size"])
        self._etag = answer.meta["e_tag"]
        return answer


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
