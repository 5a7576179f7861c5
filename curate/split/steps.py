"""A strip at a slower pace: what slow transitions are looked for in."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.split.frames import Frames

STEP_US = 80_000
EARLY, LATE = 0.2, 0.8  # shares of the new picture before which it begins to come in, and after which it is there
LUMA, CHROMA = 144, 24  # pixels of a small picture: 9 x 16, then 3 x 8 of U and of V
HEIGHT, WIDTH = 9, 16
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Steps:
    """The first frame of each `STEP_US`, N of them, each once."""

    frame: NDArray[np.int64]  # [N]
    pictures: NDArray[np.float32]  # [N, 192]: the thumbs at half size, around 0

    def __len__(self) -> int:
        return len(self.frame)

    def clear(
        self, first: NDArray[np.int64], last: NDArray[np.int64], spans: list[tuple[int, int]]
    ) -> NDArray[np.bool_]:
        """first, last: [M], steps. [M]: whether the frames first..last touch none of the spans, which lie apart."""
        ordered = np.array([*sorted(spans), (NEVER, NEVER)])
        following = ordered[np.searchsorted(ordered[:, 1], self.frame[first], "right"), 0]
        return np.asarray(following > self.frame[last])

    def around(self, first: int, last: int, spans: list[tuple[int, int]], share: float = 0.2) -> tuple[int, int]:
        """The frames of a window of steps with a share more on each side, as far as `spans` of frames allow."""
        more = max(1, int((last - first) * share))
        begin, stop = int(self.frame[max(first - more, 0)]), int(self.frame[min(last + more, len(self) - 1)])
        inside = int(self.frame[first]), int(self.frame[last])
        begin = max([begin, *(end for _, end in spans if end <= inside[0])])
        stop = min([stop, *(start - 1 for start, _ in spans if start > inside[1])])
        return begin, stop


def steps_of(frames: Frames) -> Steps:
    """The steps of a strip that has frames."""
    frame = np.searchsorted(frames.pts_us, np.arange(0, frames.pts_us[-1] + 1, STEP_US))
    new = np.concatenate([[True], frame[1:] != frame[:-1]])
    grid = np.asarray(frame[new], np.int64)
    return Steps(grid, small(frames.luma.take(grid, 0), frames.chroma.take(grid, 1)))


def small(luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """luma: [N, 18, 32], chroma: [2, N, 9, 16]. [N, 192]: the thumbs at half size, whole grey levels around 0."""
    count = len(luma)
    out = np.empty((count, LUMA + 2 * CHROMA), np.float32)
    parts = (luma, 2), (chroma[0], 3), (chroma[1], 3)
    for (plane, height), part in zip(parts, np.split(out, (LUMA, LUMA + CHROMA), axis=1), strict=True):
        np.subtract(pooled(plane, height), np.float32(128), out=part)
    return out


def pooled(pictures: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """pictures: [N, h, w]. [N, h * w / (2 * height)]: means over blocks of `height` x 2 pixels, rounded."""
    count, rows, columns = pictures.shape
    if not count:
        return np.zeros((0, rows * columns // (2 * height)), np.uint8)
    size = columns // 2, count * rows // height
    tall = cv2.resize(pictures.reshape(-1, columns), size, interpolation=cv2.INTER_AREA)
    return np.asarray(tall, np.uint8).reshape(count, -1)


def ramp_ends(times_us: NDArray[np.int64], shares: NDArray[np.float64]) -> tuple[int, int]:
    """The frames (start, end) for which a straight line from 0 at start to 1 at end fits `shares` best.

    The sum of squares of `(t - start) / (end - start) - share` over the frames in between, for all starts and ends at
    once, is made of running sums of t, t * t, t * share and share * share.
    """
    times = (times_us - times_us[0]) * 1e-6
    starts, ends = np.flatnonzero(shares < EARLY)[:, None], np.flatnonzero(shares > LATE)
    apart = ends > starts + 1
    if not apart.any():
        return 0, len(shares) - 1

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.cumsum(values)
        return np.asarray(total[ends - 1] - total[starts])

    first, length = times[starts], np.where(apart, times[ends] - times[starts], 1.0)
    squares = between(times**2) - 2 * first * between(times) + first**2 * (ends - starts - 1)
    products = between(times * shares) - first * between(shares)
    inside = squares / length**2 - 2 * products / length + between(shares**2)
    before, after = np.cumsum(shares**2), np.cumsum(((1 - shares) ** 2)[::-1])[::-1]
    errors = np.where(apart, before[starts] + inside + after[ends], np.inf)
    start, end = np.unravel_index(errors.argmin(), errors.shape)
    return int(starts[start, 0]), int(ends[end])
