"""Asks servers, by the rules: each URL is checked, each host asked in turn, each way to go wrong has a name."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import unquote

import certifi
import httpcore2
import httpx2

from curate.errors import BlockedAddress, Forbidden, Unreachable, Unsupported, UsageError
from curate.fetch.access import Access
from curate.fetch.address import RefusedAddress, networks, refuse_host, refuse_port
from curate.fetch.answer import Answer, answer_of
from curate.fetch.host import Hosts
from curate.fetch.network import Guarded, Resolve
from curate.fetch.pace import Pace
from curate.fetch.patience import Hopeless

_REDIRECTS = (301, 302, 303, 307, 308)
_DRAINED_BYTES = 16 << 10  # of a body that nobody wants are read, so that its connection can be used again,
_DRAINED_S = 1.0  # if they come so fast
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_PORTS = {"http": 80, "https": 443}

Admit = Callable[[httpx2.URL], Awaitable[None]]
"""Raises a RowError where a URL may not be asked for; called for each hop of a redirect."""


class Client:
    """One pool of connections for all sources. No cookie is kept, no body is decoded, no proxy is asked."""

    def __init__(self, access: Access, resolve: Resolve) -> None:
        self._access, self._policy = access, access.web
        self._hosts = Hosts(access.web)
        trust = ssl.create_default_context(cafile=certifi.where())
        if access.web.ca_file is not None:
            try:
                trust.load_verify_locations(access.web.ca_file)
            except OSError as error:
                raise UsageError(f"fetch.web.ca_file: {access.web.ca_file} cannot be read: {error.strerror}") from None
        self._pool = httpcore2.AsyncConnectionPool(
            trust, max_connections=None, max_keepalive_connections=64, keepalive_expiry=15.0,
            network_backend=Guarded(networks(access.web.allow_networks), resolve),
        )  # fmt: skip

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def slow_down(self, host: str, apart_s: float) -> None:
        """Ask a host no more often than this."""
        self._hosts.of(host).slow_down(apart_s)

    @asynccontextmanager
    async def get(self, url: httpx2.URL, headers: Mapping[str, str], pace: Pace, admit: Admit) -> AsyncIterator[Answer]:
        """The answer at the end of the redirects, each of which is checked as the first URL was.

        A password in the URL is told to its own origin only, and to nobody after a way over another one.
        """
        origin, login = _origin(url), url.userinfo.decode("ascii")
        for _ in range(self._access.max_redirects + 1):
            check(url)
            await admit(url)
            login = login if _origin(url) == origin else ""
            async with self._hosts.of(url.host).turn(), self._asked(url, headers, login, pace) as answer:
                self._rest(answer)
                if answer.status >= 300:
                    await _drain(answer)
                if answer.status not in _REDIRECTS or "location" not in answer.headers:
                    yield answer
                    return
            url = self._after(url, answer.headers["location"])
        raise Unsupported(f"redirects more than {self._access.max_redirects} times")

    def _rest(self, answer: Answer) -> None:
        rest_s = answer.rest_s
        if rest_s is None and answer.status == 429:
            rest_s = self._policy.backoff_s
        if rest_s is not None:
            self._hosts.of(answer.url.host).rest(rest_s)

    def _after(self, url: httpx2.URL, location: str) -> httpx2.URL:
        try:
            after = url.join(location)
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise Unsupported(f"redirects to no address that can be fetched: {error}") from None
        if (url.scheme, after.scheme) == ("https", "http") and not self._policy.allow_downgrade:
            raise Forbidden(f"redirects from https to http://{after.host}; fetch.web.allow_downgrade = true takes it")
        return after

    @asynccontextmanager
    async def _asked(
        self, url: httpx2.URL, headers: Mapping[str, str], login: str, pace: Pace
    ) -> AsyncIterator[Answer]:
        sent = {"User-Agent": self._policy.agent, "Accept": "*/*", "Accept-Encoding": "identity", **headers}
        if login:
            sent["Authorization"] = "Basic " + base64.b64encode(unquote(login).encode()).decode()
        patience_s = self._access.read_timeout_s
        connect_s = min(self._policy.connect_timeout_s, patience_s)
        request = httpcore2.Request(
            "GET",
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[(b"Host", url.netloc), *((name.encode(), value.encode()) for name, value in sent.items())],
            extensions={"timeout": {"connect": connect_s, "read": patience_s, "write": patience_s}},
        )
        with pace.running(), _named(patience_s):
            async with asyncio.timeout(patience_s):  # for the whole head: a server may drip it for ever
                response = await self._pool.handle_async_request(request)
            try:
                yield answer_of(url, response)
            finally:
                await response.aclose()


def parse(uri: str) -> httpx2.URL:
    """A URL; Unsupported where it is none."""
    try:
        return httpx2.URL(uri)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise Unsupported(f"no address that can be fetched: {error}") from None


def check(url: httpx2.URL) -> None:
    """Raise Unsupported or BlockedAddress for what must not be asked for, wherever its host is."""
    if url.scheme not in _PORTS:
        raise Unsupported(f"no address that can be fetched: its scheme is {url.scheme!r}")
    host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
    try:
        refuse_host(host)
        refuse_port(port)
    except RefusedAddress as error:
        raise BlockedAddress(str(error)) from None
    if port > 65535 or (":" not in host and (len(host) > 253 or not _HOST.fullmatch(host))):
        raise Unsupported(f"no address that can be fetched: {url.netloc.decode()[:80]!r}")


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _drain(answer: Answer) -> None:
    """Read a small body to its end, for the sake of the connection, if that does not take long."""
    size_bytes = answer.size_bytes
    if size_bytes is not None and size_bytes <= _DRAINED_BYTES:
        with suppress(TimeoutError, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
            async with asyncio.timeout(_DRAINED_S):
                async for _ in answer.pieces:
                    pass


@contextmanager
def _named(patience_s: float) -> Iterator[None]:
    """What may go wrong on the way, as failures of the row."""
    try:
        yield
    except (TimeoutError, httpcore2.TimeoutException):
        raise Unreachable(f"no answer within {patience_s:g} s") from None
    except httpcore2.LocalProtocolError as error:
        raise Unsupported(f"no address that can be fetched: {error}") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        cause = _cause(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Hopeless(f"the certificate is not valid: {cause.verify_message}") from None
        raise Unreachable(f"the connection failed: {str(cause) or type(cause).__name__}") from None


def _cause(error: BaseException) -> BaseException:
    """What was first: libraries wrap it several times."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception):
        error = inner
    return error
