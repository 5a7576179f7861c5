"""HTTP and HTTPS."""

import time
from contextlib import AsyncExitStack

import httpx

from curate.errors import Forbidden, Gone, LoginRequired, RateLimited, Unreachable, Unsupported
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop
from schemas.media import Source

_GONE = (404, 410)
_TRANSIENT = (408, 425)


def open_web(access: Access, stack: AsyncExitStack) -> Bring:
    """One connection pool for all sources."""
    client = httpx.AsyncClient(
        timeout=access.read_timeout_s, follow_redirects=True, max_redirects=access.max_redirects, trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "retold"},
    )  # fmt: skip
    stack.push_async_callback(client.aclose)

    async def bring(source: Source, drop: Drop) -> Told:
        until = time.monotonic() + access.total_timeout_s
        try:
            async with client.stream("GET", source.uri) as response:
                _refuse_status(response)
                drop.expect(int(response.headers.get("Content-Length", 0)))
                async for piece in response.aiter_bytes():
                    if time.monotonic() > until:
                        raise Unreachable(f"the body was not complete after {access.total_timeout_s:g} s")
                    drop.write(piece)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # UnicodeError: of a host name
            raise Unsupported(f"no address that can be fetched: {error}") from None
        except httpx.TooManyRedirects:
            raise Unsupported(f"redirects more than {access.max_redirects} times") from None
        except httpx.TimeoutException:
            raise Unreachable(f"no answer within {access.read_timeout_s:g} s") from None
        except httpx.RequestError as error:
            raise Unreachable(f"the connection failed: {error}") from None
        return Told()

    return bring


def _refuse_status(response: httpx.Response) -> None:
    status = response.status_code
    answer = f"the server answers {status} {response.reason_phrase}".rstrip()
    if status in _GONE:
        raise Gone(answer)
    if status == 401:
        raise LoginRequired(answer)
    if status == 429:
        raise RateLimited(answer)
    if status in _TRANSIENT or status >= 500:
        raise Unreachable(answer)
    if status != 200:
        raise Forbidden(answer)
