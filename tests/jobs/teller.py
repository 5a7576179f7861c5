"""A small stage that asks a model, for tests of the workers that hold one: it is imported where there is no pytest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from captioners.asking import Ask, Sampling
from captioners.asking.model import Model
from curate.stage import Outcome, Run
from schemas.clip import Score
from schemas.media import Source


@dataclass(frozen=True)
class Told:
    """How many tokens a model says of a URI."""

    model: Model
    sampling: Sampling = field(default_factory=lambda: Sampling(max_tokens=24))
    name: ClassVar[str] = "told"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Score

    def open(self) -> Run[Source, Score]:
        run = self.model.open()

        def told(rows: Iterable[Source]) -> Iterator[Outcome[Score]]:
            asks = (Ask(row.source_id, (f"Tell of {row.uri}",), sampling=self.sampling) for row in rows)
            for outcome in run(asks):
                scores = tuple(Score(reply.ask_id, "tokens", float(reply.tokens_out), None) for reply in outcome.rows)
                yield Outcome(outcome.input_id, scores, outcome.failure)

        return told
