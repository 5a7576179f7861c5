"""What stays in its place while the picture changes: a logo, a clock, a caption that is always there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.strip import OVERLAY_HEIGHT, OVERLAY_WIDTH

SAME = 0.4  # cosine between the edges of two pictures from which they show one scene, seen from one place
LEAST = 8  # pictures that must have differed: directions that have nothing to do with each other add up to a third
STRONG = 6.0  # grey levels a pixel of a small picture: a gradient that counts in full


Plane = NDArray[np.float32]


class Persistence:
    """Adds up the directions of edges of pictures that differ: those of a logo add up, those of anything else cancel.

    (As for watermarks in Dekel, Rubinstein, Liu and Freeman 2017, who take the median of gradients.)
    """

    def __init__(self) -> None:
        self._last: tuple[Plane, Plane] | None = None
        self._count = 0
        self._sums: tuple[Plane, Plane] | None = None  # [H, W]: x, y

    def add(self, small: NDArray[np.uint8]) -> None:
        """small: [H, W] grey, always of one size."""
        x, y = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=1 / 8)
        length = np.maximum(length_of(x, y), np.float32(STRONG))
        steps = x / length, y / length
        if self._last is not None and alike(steps, self._last) > SAME:
            return
        self._last = steps
        self._sums = steps if self._sums is None else (self._sums[0] + steps[0], self._sums[1] + steps[1])
        self._count += 1

    def map(self) -> NDArray[np.uint8]:
        """255 times how much the edges of each cell agree, the best of its pixels.

        [36, 64]; of an upright picture [64, 36]; [0, 0] where the picture did not change often enough to tell.
        """
        if self._count < LEAST or self._sums is None:
            return np.zeros((0, 0), np.uint8)
        agreed = length_of(*self._sums) / np.float32(self._count)
        wide = agreed.shape[1] >= agreed.shape[0]
        size = (OVERLAY_WIDTH, OVERLAY_HEIGHT) if wide else (OVERLAY_HEIGHT, OVERLAY_WIDTH)
        return np.asarray(np.rint(255 * _largest(agreed, size)), np.uint8)


def length_of(x: Plane, y: Plane) -> Plane:
    """[H, W]; not by cv2.magnitude, which rounds as the place of an array in memory has it."""
    return np.sqrt(x * x + y * y)


def alike(one: tuple[Plane, Plane], other: tuple[Plane, Plane]) -> float:
    """The cosine between the edges of two pictures, each x and y [H, W]; 1 for pictures without any."""
    size = float(np.sqrt(sum(np.vdot(part, part) for part in one) * sum(np.vdot(part, part) for part in other)))
    return float(sum(np.vdot(a, b) for a, b in zip(one, other, strict=True))) / size if size else 1.0


def _largest(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """The largest value of each cell of a grid of `size` (width, height)."""
    rows = np.linspace(0, values.shape[0], size[1] + 1).astype(int)[:-1]
    columns = np.linspace(0, values.shape[1], size[0] + 1).astype(int)[:-1]
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(values, rows, 0), columns, 1), np.float32)
