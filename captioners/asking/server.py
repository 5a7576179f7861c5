"""The engine that asks servers: anything that speaks OpenAI's chat completions, such as `vllm serve`."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar

from captioners.asking.ask import Ask, Reply
from captioners.asking.client import Client
from captioners.asking.completion import Shown, body
from captioners.asking.replicas import Replicas
from curate.errors import RecipeError, RowError
from curate.loop import Loop
from curate.stage import OPERATIONAL, Outcome, Run, operational


@dataclass(frozen=True, slots=True)
class Server:
    """A model behind one or more servers that all serve it.

    Each ask goes to the replica with the fewest in flight; one that fails is rested and then asked again. When none has
    answered for `patience_s`, asks fail as `unreachable`.
    """

    name: ClassVar[str] = "server"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Ask
    gives: ClassVar[type] = Reply

    model: str  # as the servers call it
    revision: str  # of its weights, as whoever runs the servers knows it
    shown: Shown = field(default_factory=Shown)
    urls: tuple[str, ...] = operational(("http://127.0.0.1:8000/v1",))
    at_once: int = operational(64)  # asks in flight at one replica, of each worker
    ahead: int = operational(16)  # asks that are made ready while those are in flight
    timeout_s: float = operational(600.0)  # for one answer
    tries: int = operational(4)  # at one ask
    patience_s: float = operational(300.0)  # without an answer of any replica
    api_key: str | None = field(default=None, repr=False, metadata=OPERATIONAL)  # from the environment

    def open(self) -> Run[Ask, Reply]:
        """Open connections; nothing is asked yet."""
        if not self.urls or self.at_once < 1 or self.tries < 1 or self.ahead < 0:
            raise RecipeError(
                f"server {self.model}: it needs a URL, and at least one at once and one try: "
                f"{self.urls=} {self.at_once=} {self.ahead=} {self.tries=}"
            )
        loop = Loop(self._one, self.at_once * len(self.urls) + self.ahead, lambda _: None)

        def run(asks: Iterable[Ask]) -> Iterator[Outcome[Reply]]:
            return loop(asks)

        return run

    def _one(self, stack: AsyncExitStack) -> Callable[[Ask], Coroutine[Any, Any, Outcome[Reply]]]:
        replicas = Replicas(self.urls, self.at_once, self.patience_s)
        client = Client(replicas, self.model, self.timeout_s, self.tries, self.api_key)
        stack.push_async_callback(client.aclose)

        async def one(ask: Ask) -> Outcome[Reply]:
            ask_id = ask.id
            try:
                sent = await asyncio.to_thread(body, ask, self.model, self.shown)
                del ask  # its pixels are in what is sent
                return Outcome(ask_id, (await client.reply(ask_id, sent),))
            except RowError as error:
                return Outcome(ask_id, (), error.failure)

        return one
