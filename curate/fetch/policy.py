"""How the web is fetched from: with which manners, patience and caution."""

from dataclasses import dataclass, replace
from typing import Literal

from curate.fetch.address import networks


@dataclass(frozen=True, slots=True)
class Web:
    """Policy towards the servers of others (recipe table `[fetch.web]`). Nothing here changes the bytes.

    Limits of a host hold for all workers together: `shared_by` gives each its part.
    """

    contact: str | None = None  # a URL or address of whoever runs this, told to servers in the user agent
    per_host: int = 2  # requests to one host at the same time
    rate_hz: float | None = None  # requests to one host in a second
    robots: Literal["obey", "ignore"] = "obey"  # robots.txt of the server
    robots_ttl_s: float = 86400.0  # how long robots.txt is remembered; RFC 9309: a day at most
    tries: int = 3  # at one source in one run, where the failure may pass; a body that goes on starts counting anew
    backoff_s: float = 1.0  # before the second try, at most; doubled each time
    max_wait_s: float = 120.0  # a server that asks for more patience than this is left to the next run
    connect_timeout_s: float = 10.0  # until a connection stands
    min_bytes_s: float = 1024.0  # a body that comes slower than this,
    slow_s: float = 60.0  # over this long, is given up
    allow_networks: tuple[str, ...] = ()  # of addresses that are not public, as 10.1.0.0/16
    allow_downgrade: bool = False  # follow a redirect from https to http
    ca_file: str | None = None  # PEM file of authorities that are trusted beside the public ones

    def __post_init__(self) -> None:
        networks(self.allow_networks)
        if self.contact is not None and not (self.contact.isascii() and self.contact.isprintable()):
            raise ValueError(f"web.contact goes into a header: printable ASCII, not {self.contact!r}")
        if self.per_host < 1 or self.tries < 1 or (self.rate_hz is not None and self.rate_hz <= 0):
            raise ValueError("web.per_host and web.tries are at least 1, and web.rate_hz is more than 0")

    @property
    def agent(self) -> str:
        """What servers are told of who asks."""
        return f"retold (+{self.contact})" if self.contact else "retold"

    def shared_by(self, workers: int) -> "Web":
        """The part of one of so many workers: at least one request at once."""
        rate_hz = None if self.rate_hz is None else self.rate_hz / workers
        return replace(self, per_host=max(1, self.per_host // workers), rate_hz=rate_hz)
