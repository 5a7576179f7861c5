"""The stage: from a clip and its strip to scores."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from curate.errors import RecipeError, meant
from curate.score.clip_strip import ClipStrip
from curate.score.metrics import METRICS
from curate.score.window import window
from curate.stage import Run, each
from schemas.clip import Score


@dataclass(frozen=True)
class ScoreClip:
    """Measure a clip; a metric that cannot be measured on it gives no row."""

    name: ClassVar[str] = "score"
    version: ClassVar[int] = 4
    takes: ClassVar[type] = ClipStrip
    gives: ClassVar[type] = Score

    metrics: tuple[str, ...] = tuple(METRICS)  # by their names, as below

    def __post_init__(self) -> None:
        for name in self.metrics:
            if name not in METRICS:
                raise RecipeError(f"score.metrics: no metric is called {name!r}; {meant(name, tuple(METRICS))}")

    def open(self) -> Run[ClipStrip, Score]:
        def one(row: ClipStrip) -> Iterator[Score]:
            yield from scores(row, self.metrics)

        return each(one)


def scores(row: ClipStrip, metrics: tuple[str, ...]) -> Iterator[Score]:
    """The scores of one clip."""
    seen = window(row)
    for name in metrics:
        found = METRICS[name](seen)
        if found is not None:
            detail = None if found.detail is None else json.dumps(found.detail, separators=(",", ":"))
            yield Score(row.clip.clip_id, name, found.value, detail)
