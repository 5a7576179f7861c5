"""The picture inside its black borders."""

import numpy as np
from numpy.typing import NDArray

from schemas.media import Picture
from schemas.strip import Strip

SPREAD = 0.015  # of the height or width that a border may waver
STEADY = 0.8  # share of the samples that must agree on a side
THIN = 0.008  # a border that is thinner is the edge of the picture
LEAST = 0.25  # of the height or width that must be left


def border_shares(strip: Strip) -> NDArray[np.float32]:
    """[4, S]: top, bottom, left, right, as shares of the height or width; NaN where a sample is all black."""
    sides = (strip.border_top, strip.border_bottom, strip.border_left, strip.border_right)
    return np.stack([side.to_numpy() for side in sides])


def steady(shares: NDArray[np.float32]) -> float:
    """shares: [S] of one side. Their median, or 0 where they do not agree on one; samples that are NaN are left out."""
    known = np.sort(shares[~np.isnan(shares)])
    count = len(known)
    if not count or known[-1] < THIN:
        return 0.0
    middle = float((known[(count - 1) // 2] + known[count // 2]) / 2)
    agree = np.count_nonzero(np.abs(known - middle) <= SPREAD) / count
    return middle if agree >= STEADY and middle >= THIN else 0.0


def crop_box(shares: NDArray[np.float32], picture: Picture) -> tuple[int, int, int, int]:
    """(x, y, width, height) in displayed pixels: even numbers inside the borders, or the full frame without any."""
    if not (shares >= THIN).any():
        return 0, 0, picture.width, picture.height
    top, bottom, left, right = (steady(side) for side in shares)
    x, width = _inside(left, right, picture.width)
    y, height = _inside(top, bottom, picture.height)
    return x, y, width, height


def _inside(before: float, after: float, size: int) -> tuple[int, int]:
    """Start and length of what lies between two borders of one axis."""
    if not (before or after) or 1 - before - after < LEAST:
        return 0, size
    start = _even_up(round(before * size))
    length = (size - round(after * size) - start) // 2 * 2
    return (start, length) if length > 0 else (0, size)


def _even_up(number: int) -> int:
    return number + number % 2
