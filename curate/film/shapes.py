"""Coloured things: shapes as distance fields, so that they sit between pixels exactly."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from curate.film.pixels import Pixels, mix, pack
from schemas.truth import ColourName, ShapeName

Field = NDArray[np.float64]

COLOURS: Mapping[ColourName, tuple[int, int, int]] = MappingProxyType(
    {
        "red": (220, 35, 40),
        "green": (35, 160, 60),
        "blue": (40, 80, 225),
        "yellow": (250, 222, 45),
        "white": (246, 246, 246),
        "black": (18, 18, 18),
        "orange": (245, 135, 25),
        "purple": (135, 45, 170),
        "pink": (250, 125, 180),
        "cyan": (45, 205, 220),
    }
)
"""The colours of things, 0..255."""


def _circle(x: Field, y: Field) -> Field:
    return np.asarray(np.hypot(x, y) - 1)


def _square(x: Field, y: Field) -> Field:
    return np.maximum(np.abs(x), np.abs(y)) - 1


def _diamond(x: Field, y: Field) -> Field:
    return np.asarray((np.abs(x) + np.abs(y) - 1) / math.sqrt(2))


def _triangle(x: Field, y: Field) -> Field:
    """A point up, a base down: (0, -1), (-1, 1), (1, 1)."""
    return np.maximum(y - 1, (2 * np.abs(x) - y - 1) / math.sqrt(5))


def _cross(x: Field, y: Field) -> Field:
    wide, tall = np.abs(x), np.abs(y)
    return np.asarray(np.minimum(np.maximum(wide - 1, tall - 0.36), np.maximum(wide - 0.36, tall - 1)))


_STAR_HIGH = 1 + math.cos(math.pi / 5)  # a star of radius 1 is this high, and 2 sin 72° wide
_STAR_WIDE = 2 * math.sin(2 * math.pi / 5)


def _star(x: Field, y: Field) -> Field:
    """Five points, stretched until it touches all sides of its box."""
    px, py = np.abs(x) * _STAR_WIDE / 2, (y + 1) * _STAR_HIGH / 2 - 1
    turn = np.abs((np.arctan2(px, -py) + math.pi / 5) % (2 * math.pi / 5) - math.pi / 5)
    radius = np.hypot(px, py)
    u, v = radius * np.sin(turn), radius * np.cos(turn)  # within one half of one point
    inner = 0.45
    tip, notch = (0.0, 1.0), (inner * math.sin(math.pi / 5), inner * math.cos(math.pi / 5))
    edge = (notch[0] - tip[0], notch[1] - tip[1])
    return ((v - tip[1]) * edge[0] - (u - tip[0]) * edge[1]) / math.hypot(*edge)


SHAPES: Mapping[ShapeName, Callable[[Field, Field], Field]] = MappingProxyType(
    {
        "circle": _circle,
        "square": _square,
        "triangle": _triangle,
        "diamond": _diamond,
        "star": _star,
        "cross": _cross,
    }
)
"""Signed distance to the edge of each shape in the box -1..1, negative inside."""


def draw_shape(frame: Pixels, shape: ShapeName, colour: ColourName, box: tuple[float, float, float]) -> None:
    """Draw into `frame`; box: left, top, side in pixels, edges between pixels allowed."""
    left, top, side = box
    height, width = frame.shape
    x0, x1 = max(math.floor(left) - 1, 0), min(math.ceil(left + side) + 1, width)
    y0, y1 = max(math.floor(top) - 1, 0), min(math.ceil(top + side) + 1, height)
    if x0 >= x1 or y0 >= y1:
        return
    half = side / 2
    x = (np.arange(x0, x1) + 0.5 - left - half) / half
    y = (np.arange(y0, y1) + 0.5 - top - half) / half
    distance = SHAPES[shape](np.broadcast_to(x, (y1 - y0, x1 - x0)), np.broadcast_to(y[:, None], (y1 - y0, x1 - x0)))
    cover = np.clip(0.5 - distance * half, 0, 1)
    part = frame[y0:y1, x0:x1]
    frame[y0:y1, x0:x1] = mix(part, pack(np.array(COLOURS[colour], np.uint8))[()], (cover * 256).astype(np.uint32))
