"""Asking again where the failure may pass."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from curate.errors import RateLimited, Unreachable
from curate.fetch.policy import Web

T = TypeVar("T")


class Hopeless(Unreachable):
    """Asking again soon is no use: there is no such name, or a certificate is not valid."""


async def patiently(policy: Web, attempt: Callable[[], Awaitable[T]], progressed: Callable[[], bool]) -> T:
    """What an attempt gives; so many in a row that bring nothing may fail, with longer and longer waits between.

    The waits are drawn from all of 0 to their length, so that not all come back at once ("full jitter").
    """
    failed = 0
    while True:
        try:
            return await attempt()
        except Hopeless:
            raise
        except (Unreachable, RateLimited):
            failed = 1 if progressed() else failed + 1
            if failed >= policy.tries:
                raise
        longest_s = min(policy.max_wait_s, policy.backoff_s * 2 ** (failed - 1))
        await asyncio.sleep(random.uniform(0, longest_s))  # noqa: S311  no secret hangs on it
