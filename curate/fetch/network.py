"""Connections to the very addresses that were checked: no name is resolved a second time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore2

from curate.errors import BlockedAddress, Unreachable
from curate.fetch.address import Networks, RefusedAddress, refuse
from curate.fetch.patience import Hopeless

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The numeric addresses of a host, the best first; socket.gaierror where it has none."""

_NEXT_AFTER_S = 0.25  # RFC 8305: the delay between two attempts
_NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class Resolver:
    """What the system says. Lookups have threads of their own: those of dead names hang for long."""

    def __init__(self, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="retold-names")

    async def __call__(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _lookup, host)
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))

    def close(self) -> None:
        """Start no lookup any more; those that hang are left to end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))


class Guarded(httpcore2.AsyncNetworkBackend):
    """A network in which there are only public addresses, and those that are allowed.

    Of a host with several addresses only the good ones are tried. TLS and the Host header keep the name: httpcore2 has
    it from the URL, and only asks here for a stream.
    """

    def __init__(self, allowed: Networks, resolve: Resolve) -> None:
        self._allowed, self._resolve = allowed, resolve
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A stream to one of the addresses of `host`; BlockedAddress where none may be connected to."""

        def connect(address: str) -> Awaitable[httpcore2.AsyncNetworkStream]:
            return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

        good = await self._good(host)
        return await (connect(good[0]) if len(good) == 1 else _first(good, connect))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _good(self, host: str) -> list[str]:
        refused: list[str] = []
        good: list[str] = []
        for address in await self._addresses(host):
            try:
                refuse(address, self._allowed)
            except RefusedAddress as error:
                refused.append(str(error))
            else:
                good.append(address)
        if not good:
            where = "" if refused[0].startswith(host) else f"{host} is at "
            raise BlockedAddress(where + "; ".join(refused[:3]))
        return good

    async def _addresses(self, host: str) -> Sequence[str]:
        if ":" in host or host.replace(".", "").isdigit():
            return [host]
        try:
            found = await self._resolve(host)
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_HOST:
                raise Hopeless(f"no such host: {host}") from None
            raise Unreachable(f"{host} cannot be looked up: {error.strerror}") from None
        if not found:
            raise Hopeless(f"no address is known of {host}")
        return found


async def _first(
    addresses: Sequence[str], connect: Callable[[str], Awaitable[httpcore2.AsyncNetworkStream]]
) -> httpcore2.AsyncNetworkStream:
    """The first that connects: the next is tried when one fails, or after a while (RFC 8305, much simplified)."""
    waiting, begun = list(reversed(addresses)), set[asyncio.Future[httpcore2.AsyncNetworkStream]]()
    try:
        while True:
            if waiting:
                begun.add(asyncio.ensure_future(connect(waiting.pop())))
            after_s = _NEXT_AFTER_S if waiting else None
            done, _ = await asyncio.wait(begun, timeout=after_s, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if one.exception() is None:
                    begun.remove(one)
                    return one.result()
            if len(done) == len(begun) and not waiting:
                return done.pop().result()
            begun -= done
    finally:
        for one in begun:
            one.cancel()
        for late in await asyncio.gather(*begun, return_exceptions=True):
            if isinstance(late, httpcore2.AsyncNetworkStream):
                await late.aclose()
