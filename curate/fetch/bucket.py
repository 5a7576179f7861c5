"""Objects of S3 and its kin."""

from contextlib import AsyncExitStack
from typing import Any

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from curate.errors import Forbidden, Gone, Unreachable
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop
from schemas.media import Source

_CHUNK = 4 << 20
_OPTIONS = (
    "access_key_id", "secret_access_key", "session_token", "region", "endpoint", "endpoint_url", "allow_http",
    "virtual_hosted_style_request", "skip_signature", "request_payer",
)  # fmt: skip


def s3_store(bucket: str, access: Access) -> S3Store:
    """A bucket under the storage options given; those that only Delta tables know are left out."""
    named = {key.lower().removeprefix("aws_"): value for key, value in access.storage_options.items()}
    config: Any = {key: named[key] for key in _OPTIONS if key in named}
    return S3Store(
        bucket,
        config=config,
        client_options={"timeout": f"{access.read_timeout_s:g}s"},
        retry_config={"max_retries": 3},
    )


def open_s3(access: Access, _stack: AsyncExitStack) -> Bring:
    """One client a bucket."""
    stores: dict[str, S3Store] = {}

    async def bring(source: Source, drop: Drop) -> Told:
        bucket, _, key = source.uri.removeprefix("s3://").partition("/")
        if bucket not in stores:
            stores[bucket] = s3_store(bucket, access)
        try:
            answer = await stores[bucket].get_async(key)
            drop.expect(answer.meta["size"])
            async for piece in answer.stream(_CHUNK):
                drop.write(bytes(piece))
        except FileNotFoundError:
            raise Gone(f"no such object: {source.uri}") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Forbidden(f"the bucket refuses: {_first_line(error)}") from None
        except BaseError as error:
            raise Unreachable(f"the bucket does not answer: {_first_line(error)}") from None
        return Told()

    return bring


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
