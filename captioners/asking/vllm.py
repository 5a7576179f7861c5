"""The engine in the worker: vLLM itself, fed without a pause, begun anew when it dies."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from captioners.asking.ask import Ask, Reply
from captioners.asking.revival import Revived
from curate.errors import RecipeError, RowError
from curate.loop import Loop
from curate.stage import Outcome, Run, operational
from curate.weights import checked


@dataclass(frozen=True, slots=True)
class Vllm:
    """A model in a local folder, run by vLLM in a process of its own beside the worker.

    The chat template and the processor are those of the folder; code in it is not run, nothing is downloaded.
    """

    name: ClassVar[str] = "vllm"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Ask
    gives: ClassVar[type] = Reply

    model: str = operational("")  # the folder
    sha256: str = ""  # of what is in it (`curate/weights.py`); a wrong one is refused with the right one
    max_model_len: int = 32768  # tokens of a prompt and its answer together
    dtype: str = "auto"  # as vLLM calls it; auto: that of the folder
    quantization: str | None = None  # None: as the folder says
    images: int = operational(128)  # of one ask, at most
    videos: int = operational(1)
    sounds: int = operational(1)
    tensor_parallel: int = operational(1)  # GPUs that share the model
    gpu_memory_utilization: float = operational(0.9)  # share of a GPU's memory
    max_num_seqs: int = operational(128)  # asks in flight in the engine
    ahead: int = operational(32)  # asks that are made ready while those are in flight
    enforce_eager: bool = operational(False)  # starts sooner, runs slower
    load_format: str = operational("auto")  # "dummy": random weights, for benchmarks

    def open(self) -> Run[Ask, Reply]:
        """Check the weights and load them; RecipeError where that cannot be."""
        if not self.model:
            raise RecipeError("vllm.model is missing: name the folder of a model")
        checked(self.model, self.sha256, "vllm.sha256")
        loop = Loop(self._one, self.max_num_seqs + self.ahead, lambda _: None)

        def run(asks: Iterable[Ask]) -> Iterator[Outcome[Reply]]:
            return loop(asks)

        return run

    def _one(self, stack: AsyncExitStack) -> Callable[[Ask], Coroutine[Any, Any, Outcome[Reply]]]:
        from captioners.asking.async_llm import AsyncEngine  # noqa: PLC0415  vLLM, where it is used

        engine = Revived(lambda: AsyncEngine(self))
        stack.callback(engine.close)

        async def one(ask: Ask) -> Outcome[Reply]:
            try:
                return Outcome(ask.id, (await engine.reply(ask),))
            except RowError as error:
                return Outcome(ask.id, (), error.failure)

        return one
