"""How long a body has taken, and how fast it comes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from curate.errors import TooLong
from curate.fetch.access import Access

_CRUMB_BYTES = 64  # of a piece, on average over many: less costs more to unpack than it is worth
_CRUMBS = 20_000


class Pace:
    """The time that one source has taken over all of its tries, waiting for its turn left out.

    A limit of ours that is hit is `timeout`: the next run would only lose the same time again, so a person decides.
    A server that falls silent is `unreachable`, which is tried again.
    """

    def __init__(self, access: Access) -> None:
        self._total_s = self._left_s = access.total_timeout_s
        self._min_bytes_s, self._slow_s = access.web.min_bytes_s, access.web.slow_s
        self._since = time.monotonic()
        self._window_since: float | None = None
        self._window_bytes = self._pieces = self._bytes = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """While a request is under way."""
        self._since, self._window_since = time.monotonic(), None
        try:
            yield
        finally:
            self._left_s -= time.monotonic() - self._since

    def piece(self, size_bytes: int) -> None:
        """Count a piece that came; TooLong where it all takes too long."""
        now = time.monotonic()
        if now - self._since > self._left_s:
            cure = "raise fetch.total_timeout_s to take it"
            raise TooLong(f"the body was not complete after {self._total_s:g} s; {cure}")
        self._bytes += size_bytes
        self._pieces += 1
        if self._pieces > _CRUMBS and self._bytes < _CRUMB_BYTES * self._pieces:
            raise TooLong(f"a body in crumbs: {self._pieces} pieces for {self._bytes} bytes")
        self._refuse_slow(now, size_bytes)

    def _refuse_slow(self, now: float, size_bytes: int) -> None:
        if self._window_since is None:  # the first piece of a try: from here on
            self._window_since, self._window_bytes = now, 0
            return
        self._window_bytes += size_bytes
        if now - self._window_since > self._slow_s:
            speed = self._window_bytes / (now - self._window_since)
            if speed < self._min_bytes_s:
                cure = "lower fetch.web.min_bytes_s to take it"
                raise TooLong(f"{speed:.0f} bytes/s over {self._slow_s:g} s, and that is too slow; {cure}")
            self._window_since, self._window_bytes = now, 0
