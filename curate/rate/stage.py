"""The stage: from a clip to what learned models say of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from curate.errors import RecipeError
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.sandbox import isolated
from curate.rate.frames import ClipFrames, Frames
from curate.rate.raters import RATERS
from curate.rate.rating import Rater, Rating, Values
from curate.stage import Outcome, Run, operational
from schemas.clip import Score


@dataclass(frozen=True)
class Rate:
    """Rate frames of a clip by models. A metric's value is the mean over the frames; least and most are in its detail.

    Frames are decoded in a disposable child, the models live in the worker: a file that kills its decoder costs no
    second loading of weights, and what a model takes on a GPU is not counted against the decoder's memory.
    """

    name: ClassVar[str] = "rate"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Score

    raters: tuple[Rater, ...] = ()
    rate_hz: float = 1.0  # frames that are looked at
    max_frames: int = 8  # of one clip; a longer one is sampled more sparsely
    short_side_px: int = 448  # larger pictures are decoded to this size
    batch: int = operational(32)  # frames that a model sees at a time, at least
    decode_limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0, deadline_per_media_s=4.0))

    def open(self) -> Run[ClipFile, Score]:
        """Check and load the weights."""
        names = [rater.metric for rater in self.raters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise RecipeError(f"rate: several raters are called {', '.join(twice)}; give each a name")
        if self.rate_hz <= 0 or self.max_frames < 1 or self.short_side_px < 1:
            raise RecipeError(f"rate needs more than 0: {self.rate_hz=} {self.max_frames=} {self.short_side_px=}")
        ratings = [RATERS[rater.kind](rater) for rater in self.raters]
        frames = isolated(Frames(self.rate_hz, self.max_frames, self.short_side_px), self.decode_limits)

        def run(rows: Iterable[ClipFile]) -> Iterator[Outcome[Score]]:
            waiting: list[ClipFrames] = []
            for outcome in frames(rows):
                if outcome.failure is not None:
                    yield Outcome(outcome.input_id, (), outcome.failure)
                waiting += outcome.rows
                if sum(len(clip.pictures) for clip in waiting) >= self.batch:
                    yield from rated(waiting, ratings)
                    waiting = []
            yield from rated(waiting, ratings)

        return run


def rated(clips: Sequence[ClipFrames], ratings: Sequence[Rating]) -> Iterator[Outcome[Score]]:
    """The scores of some clips."""
    if not clips:
        return
    pictures = [clip.pictures for clip in clips]
    found = [rate(pictures) for rate in ratings]
    for index, clip in enumerate(clips):
        values: dict[str, Values] = {}
        for each in found:
            values.update(each[index])
        yield Outcome(clip.id, tuple(scores(clip.id, values)))


def scores(clip_id: str, values: Mapping[str, Values]) -> Iterator[Score]:
    for metric, each in values.items():
        detail = {"frames": len(each), "least": float(each.min()), "most": float(each.max())}
        yield Score(clip_id, metric, float(each.mean()), json.dumps(detail, separators=(",", ":")))
