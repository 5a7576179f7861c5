"""The facts of bytes just fetched, read where they can do no harm."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from curate.errors import ROW_ERRORS
from curate.loop import waited_for
from curate.media.facts import Facts, read_facts
from curate.media.file import LocalFile
from curate.media.limits import Limits
from curate.media.sandbox import Isolated, isolated
from curate.stage import Run, each


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of which nothing is known yet."""

    id: str
    file: LocalFile


@dataclass(frozen=True)
class Probe:
    """What a container says of itself; run isolated, for it opens hostile bytes."""

    name: ClassVar[str] = "probe"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Fetched
    gives: ClassVar[type] = Facts

    def open(self) -> Run[Fetched, Facts]:
        return each(lambda fetched: (read_facts(fetched.file),))


class Probes:
    """So many children: one that hangs on a file does not hold up the others. They are started when they are needed."""

    def __init__(self, count: int, limits: Limits) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(count, "retold-probe")
        self._free: asyncio.LifoQueue[Isolated[Fetched, Facts]] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(isolated(Probe(), limits))

    async def facts(self, fetched: Fetched) -> Facts:
        """What the bytes are; the RowError of the probe where they are nothing."""
        probe = await self._free.get()
        try:
            work = asyncio.get_running_loop().run_in_executor(self._threads, _facts, probe, fetched)
            return await waited_for(work, probe.abandon)
        except asyncio.CancelledError:  # abandoned for ever
            probe = isolated(Probe(), self._limits)
            raise
        finally:
            self._free.put_nowait(probe)

    def close(self) -> None:
        """End the children."""
        while not self._free.empty():
            self._free.get_nowait().close()
        self._threads.shutdown()


def _facts(probe: Isolated[Fetched, Facts], fetched: Fetched) -> Facts:
    (outcome,) = probe([fetched])
    if outcome.failure is not None:
        raise ROW_ERRORS[outcome.failure.kind](outcome.failure.detail)
    return outcome.rows[0]
