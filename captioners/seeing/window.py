"""Which frames of a clip are shown, at which size, and in how many windows: planned by time, never by frame count."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from captioners.seeing.profile import Sight
from curate.errors import RecipeError
from schemas.clip import Clip


@dataclass(frozen=True, slots=True)
class Window:
    """`[start_us, end_us)` of the media, the instants of its frames, and the size at which they are shown."""

    start_us: int
    end_us: int
    at_us: tuple[int, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Budget:
    """The numbers of a sight, which has been laid over that of a profile."""

    rate_hz: float
    max_frames: int
    min_pixels: int
    max_pixels: int
    budget_pixels: int
    multiple_px: int

    @property
    def most(self) -> int:
        """How many frames a window may have."""
        return min(self.max_frames, self.budget_pixels // self.min_pixels)

    @property
    def longest_us(self) -> float:
        """How long a window may be."""
        return (self.most - 1) / self.rate_hz * 1e6

    def frames(self, length_us: int) -> int:
        """The first, the last, and between them so many that none is farther from the next than the rate says."""
        return max(2, math.ceil(length_us * self.rate_hz / 1e6 - 1e-6) + 1)

    def pixels(self, frames: int) -> int:
        """Of each of so many frames."""
        return max(self.min_pixels, min(self.max_pixels, self.budget_pixels // frames))

    def size(self, clip: Clip, frames: int) -> tuple[int, int]:
        """(width, height) of the picture inside its borders, no side less than a multiple."""
        scale = min(1.0, math.sqrt(self.pixels(frames) / (clip.crop_width * clip.crop_height)))

        def side(length: int) -> int:
            return max(1, math.floor(length * scale / self.multiple_px + 1e-9)) * self.multiple_px

        return side(clip.crop_width), side(clip.crop_height)


def budget(sight: Sight) -> Budget:
    """RecipeError where a number is missing or none, or there is no room for two frames."""
    names = Budget.__match_args__
    numbers = {name: getattr(sight, name) for name in names}
    for name, value in numbers.items():
        if value is None or value <= 0:
            raise RecipeError(f"see.sight.{name} must be more than 0, not {value}")
    found = Budget(**numbers)
    if found.min_pixels > found.max_pixels:
        raise RecipeError(f"see.sight: {found.min_pixels=} is more than {found.max_pixels=}")
    if found.longest_us <= 0:
        raise RecipeError(
            f"see.sight: {found.budget_pixels=} is not enough for two frames of {found.min_pixels=}, "
            f"or {found.max_frames=} is less than two"
        )
    return found


def windows(clip: Clip, sight: Sight) -> tuple[Window, ...]:
    """Equal windows, as few as keep the frames of each within `max_frames` and above `min_pixels`; a still has one."""
    plan = budget(sight)
    if clip.still:
        return (Window(clip.start_us, clip.end_us, (clip.start_us,), *plan.size(clip, 1)),)
    parts = equal_parts(clip.start_us, clip.end_us, plan.longest_us)
    return tuple(_window(clip, start_us, end_us, plan) for start_us, end_us in parts)


def equal_parts(start_us: int, end_us: int, longest_us: float) -> list[tuple[int, int]]:
    """A span in as few equal parts as are no longer than that."""
    count = max(1, math.ceil((end_us - start_us) / longest_us))
    edges = [start_us + round(index * (end_us - start_us) / count) for index in range(count + 1)]
    return list(pairwise(edges))


def whole(clip: Clip, sight: Sight, start_us: int, end_us: int) -> Window:
    """A span of a clip in a single window, however long it is: its frames are then farther apart."""
    plan = budget(sight)
    if clip.still:
        return Window(clip.start_us, clip.end_us, (clip.start_us,), *plan.size(clip, 1))
    return _spread(clip, start_us, end_us, plan, min(plan.most, plan.frames(end_us - start_us)))


def around(clip: Clip, sight: Sight, start_us: int, end_us: int, margin_s: float) -> Window:
    """A span of a clip and a little more on both sides, in a single window."""
    margin_us = round(margin_s * 1e6)
    return whole(clip, sight, max(clip.start_us, start_us - margin_us), min(clip.end_us, end_us + margin_us))


def shifted(window: Window, share: float) -> Window:
    """The same window by other frames: its first, and one between any two of its own, after a share (0..1) of the way.

    A still stays as it is.
    """
    count, start_us = len(window.at_us), window.at_us[0]
    if count < 2:
        return window
    step_us = (window.at_us[-1] - start_us) / (count - 1)
    between = (start_us + round((index + share) * step_us) for index in range(count - 1))
    return replace(window, at_us=(start_us, *between))


def _window(clip: Clip, start_us: int, end_us: int, plan: Budget) -> Window:
    return _spread(clip, start_us, end_us, plan, plan.frames(end_us - start_us))


def _spread(clip: Clip, start_us: int, end_us: int, plan: Budget, count: int) -> Window:
    step_us = (end_us - 1 - start_us) / (count - 1)
    at_us = tuple(start_us + round(index * step_us) for index in range(count))
    return Window(start_us, end_us, at_us, *plan.size(clip, count))
