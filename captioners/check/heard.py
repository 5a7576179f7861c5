"""What a model is asked, and its answer read: once more where it cannot be used, and never at half its word."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from captioners.asking import Ask, Reply
from captioners.prompt import Prompt
from captioners.seeing.answer import Wrong
from curate.errors import BadAnswer, CutShort, RowError
from curate.stage import Outcome, Run

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """An ask, and how its answer is read; `read` raises Wrong where it cannot be used."""

    ask: Ask
    read: Callable[[str], T]


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """What an answer says, and its tokens: of both times where it was asked for twice."""

    said: T
    tokens_in: int
    tokens_out: int


def heard(engine: Run[Ask, Reply], queries: Iterable[Query[T]], again: Prompt) -> Iterator[Outcome[Heard[T]]]:
    """One outcome for each query, in any order, by the id of its ask.

    What has to be asked again is asked when all has been asked once; then it is BadAnswer. CutShort if it was cut off.
    """
    return _Hearing[T](engine, again).of(queries)


class _Hearing(Generic[T]):
    def __init__(self, engine: Run[Ask, Reply], again: Prompt) -> None:
        self._engine, self._again = engine, again
        self._open: dict[str, Query[T]] = {}
        self._wrong: dict[str, tuple[Query[T], Reply, Wrong]] = {}

    def of(self, queries: Iterable[Query[T]]) -> Iterator[Outcome[Heard[T]]]:
        for asks in (self._first(queries), self._second()):
            for answer in self._engine(asks):
                query = self._open.pop(answer.input_id)
                try:
                    taken = self._taken(query, answer)
                except RowError as error:
                    yield Outcome(answer.input_id, (), error.failure)
                    continue
                if taken is not None:
                    yield taken

    def _first(self, queries: Iterable[Query[T]]) -> Iterator[Ask]:
        for query in queries:
            if query.ask.id in self._open:
                raise RuntimeError(f"{query.ask.id} is asked twice at once")
            self._open[query.ask.id] = query
            yield query.ask

    def _second(self) -> Iterator[Ask]:
        for key, (query, reply, wrong) in self._wrong.items():
            words = self._again.render(answer=reply.text[:4000], error=str(wrong))
            self._open[key] = query
            yield replace(query.ask, parts=(*query.ask.parts, words))

    def _taken(self, query: Query[T], answer: Outcome[Reply]) -> Outcome[Heard[T]] | None:
        """None: it is asked for once more."""
        if answer.failure is not None:
            return Outcome(answer.input_id, (), answer.failure)
        (reply,) = answer.rows
        if reply.ask_id != query.ask.id:
            raise RuntimeError(f"the reply to {reply.ask_id} came as that to {query.ask.id}")
        if not reply.whole:
            raise CutShort(f"the answer was cut off after {reply.tokens_out} tokens; raise sampling.max_tokens")
        before = self._wrong.get(reply.ask_id)
        try:
            said = query.read(reply.text)
        except Wrong as wrong:
            if before is not None:
                raise BadAnswer(f"{query.ask.id}, asked 2 times: {wrong}") from wrong
            self._wrong[reply.ask_id] = (query, reply, wrong)
            return None
        spent = (reply,) if before is None else (before[1], reply)
        tokens = sum(one.tokens_in for one in spent), sum(one.tokens_out for one in spent)
        return Outcome(answer.input_id, (Heard(said, *tokens),))
