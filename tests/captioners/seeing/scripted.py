"""A model for tests, at the seam: it answers as a function says, in whatever order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from captioners.asking import Ask, Reply
from curate.errors import RowError
from curate.stage import Outcome, Run

Answers = Callable[[Ask], str | RowError]


@dataclass(frozen=True)
class Scripted:
    """Up to `at_once` asks are taken before one is answered, and then any of them, by a seed."""

    answers: Answers
    at_once: int = 4
    seed: int = 0
    whole: bool = True
    name: str = "scripted"
    revision: str | None = None
    engine: str = "test"
    environment: str | None = None
    vllm: None = None

    def open(self) -> Run[Ask, Reply]:
        random = Random(self.seed)  # noqa: S311  an order, no secret

        def answered(ask: Ask) -> Outcome[Reply]:
            said = self.answers(ask)
            if isinstance(said, RowError):
                return Outcome(ask.id, (), said.failure)
            return Outcome(ask.id, (Reply(ask.id, said, self.whole, 100, len(said)),))

        def run(asks: Iterable[Ask]) -> Iterator[Outcome[Reply]]:
            waiting: list[Ask] = []
            for ask in asks:
                waiting.append(ask)
                if len(waiting) >= self.at_once:
                    yield answered(waiting.pop(random.randrange(len(waiting))))
            while waiting:
                yield answered(waiting.pop(random.randrange(len(waiting))))

        return run
