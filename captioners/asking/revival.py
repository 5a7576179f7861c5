"""An engine that may die: it is begun anew, and the ask that kills it is found and given up, alone.

What was in flight when it died is suspect. The suspects are asked again together, with nothing else in flight; where
the engine dies again, they are halved, down to one. Who kills it twice while nobody else is in flight has `crashed`. So
a death by accident costs one repetition, and one poisonous ask among N about log2(N) starts; nothing is asked twice
that was answered.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from captioners.asking.ask import Ask, Reply
from curate.errors import Crashed, EngineError, RecipeError, RowError

_DEATHS = 10
"""Deaths in a row, with nothing answered between, after which it is not the asks."""


class Died(Exception):
    """The engine died while this was in flight."""


class Engine(Protocol):
    async def reply(self, ask: Ask) -> Reply:
        """The reply; Died where the engine died over it, RowError where it does not take it."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Suspect:
    ask: Ask
    outcome: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    deaths_alone: int = 0


class Revived:
    """Asks an engine, and the next one when it died. Made and used on one event loop."""

    def __init__(self, start: Callable[[], Engine], pauses_s: Sequence[float] = (5.0, 20.0)) -> None:
        """`start` may raise RecipeError; after a death it is tried again after these pauses."""
        self._start, self._pauses_s = start, pauses_s
        self._engine = start()
        self._dead, self._deaths = False, 0  # in a row
        self._fresh = 0  # asks in flight that nobody suspects
        self._admits = asyncio.Event()  # such asks
        self._admits.set()
        self._suspects: list[_Suspect] = []
        self._trial: asyncio.Task[None] | None = None

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    async def reply(self, ask: Ask) -> Reply:
        """The reply; Crashed where it kills the engine, another RowError where that does not take it.

        EngineError where the engine dies whatever it is asked.
        """
        while not self._admits.is_set():
            await self._admits.wait()
        self._fresh += 1
        try:
            return await self._asked(ask)
        except Died:
            self._admits.clear()
            suspect = _Suspect(ask)
            self._suspects.append(suspect)
        finally:
            self._fresh -= 1
            if not self._fresh and self._suspects and self._trial is None:
                self._trial = asyncio.create_task(self._try(self._suspects))
                self._trial.add_done_callback(self._tried)
        return await suspect.outcome

    async def _asked(self, ask: Ask) -> Reply:
        try:
            reply = await self._engine.reply(ask)
        except Died:
            self._deaths += not self._dead
            self._dead = True
            raise
        self._deaths = 0
        return reply

    async def _try(self, suspects: list[_Suspect]) -> None:
        """Ask all suspects again, until each is answered or has crashed."""
        groups = deque([suspects])
        while groups:
            group = groups.popleft()
            await self._revive()
            die = await asyncio.gather(*(self._dies(one, alone=len(group) == 1) for one in group))
            left = [one for one, died in zip(group, die, strict=True) if died]
            groups += [half for half in (left[: len(left) // 2], left[len(left) // 2 :]) if half]

    def _tried(self, trial: asyncio.Task[None]) -> None:
        error = None if trial.cancelled() else trial.exception()
        for one in self._suspects:
            if not one.outcome.done():
                one.outcome.set_exception(error or EngineError("the engine was ended while it was asked"))
        self._suspects, self._trial = [], None
        self._admits.set()

    async def _revive(self) -> None:
        if not self._dead:
            return
        if self._deaths >= _DEATHS:
            raise EngineError(
                f"vLLM died {self._deaths} times and answered nothing between; what it printed says why "
                "(out of memory: lower vllm.gpu_memory_utilization or vllm.max_num_seqs)"
            )
        self._engine.close()
        for pause_s in self._pauses_s:
            try:
                self._engine = self._start()
                break
            except RecipeError:  # the memory of a dead process may not be free yet
                await asyncio.sleep(pause_s)
        else:
            self._engine = self._start()
        self._dead = False

    async def _dies(self, one: _Suspect, alone: bool) -> bool:
        """Whether the engine died over it, so that it is to be asked again."""
        try:
            reply = await self._asked(one.ask)
        except Died:
            one.deaths_alone += alone
            if one.deaths_alone < 2:
                return True
            error: RowError = Crashed("it kills the engine of the model, also when nothing else is in flight")
        except RowError as refused:
            error = refused
        else:
            if not one.outcome.done():
                one.outcome.set_result(reply)
            return False
        if not one.outcome.done():
            one.outcome.set_exception(error)
        return False
