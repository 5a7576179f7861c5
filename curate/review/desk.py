"""What every act of the queue needs: the database, the rules, and the server's clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from curate.review.policy import Policy

Clock = Callable[[], int]


def server_clock() -> int:
    """Microseconds since 1970. Machines that serve one queue need clocks that are kept together."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the queue is worked on."""

    engine: Engine
    policy: Policy
    clock: Clock = server_clock


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    name: str
    role: str

    @property
    def reviews(self) -> bool:
        return self.role in ("reviewer", "admin")
