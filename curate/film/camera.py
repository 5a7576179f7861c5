"""The virtual camera: where it looks at an instant, and the picture it takes of an endless tile."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.film.pixels import Pixels, mix


@dataclass(frozen=True, slots=True)
class Pose:
    """The tile point in the middle of the picture, pixels of the picture per tile texel, and the turn (clockwise)."""

    x: float
    y: float
    scale: float
    angle_rad: float


def view(tile: Pixels, pose: Pose, width: int, height: int) -> Pixels:
    """The picture [height, width] of a tile [N + 1, N + 1]: N is a power of two, its last row and column its first."""
    if pose.angle_rad == 0 and pose.scale == 1:
        return _shifted(tile, pose.x - (width - 1) / 2, pose.y - (height - 1) / 2, width, height)
    return _warped(tile, pose, width, height)


def _shifted(tile: Pixels, left: float, top: float, width: int, height: int) -> Pixels:
    side = tile.shape[0] - 1
    x, y = round(left * 256), round(top * 256)
    columns = ((x >> 8) + np.arange(width + 1)) % side
    rows = ((y >> 8) + np.arange(height + 1)) % side
    part = tile[rows][:, columns]
    if x & 255:
        part = mix(part[:, :-1], part[:, 1:], np.uint32(x & 255))
    part = part[:, :width]
    return mix(part[:-1], part[1:], np.uint32(y & 255)) if y & 255 else part[:-1].copy()


def _warped(tile: Pixels, pose: Pose, width: int, height: int) -> Pixels:
    side = tile.shape[0] - 1
    cosine, sine = math.cos(pose.angle_rad) / pose.scale, math.sin(pose.angle_rad) / pose.scale
    across, down = np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2
    x = np.add.outer(_fixed(-sine * down), _fixed(pose.x + cosine * across))
    y = np.add.outer(_fixed(cosine * down), _fixed(pose.y + sine * across))
    flat = tile.reshape(-1)
    at = ((y >> 16) & (side - 1)) * (side + 1) + ((x >> 16) & (side - 1))
    right = ((x >> 8) & 255).astype(np.uint32)
    below = ((y >> 8) & 255).astype(np.uint32)
    upper = mix(flat.take(at), flat.take(at + 1), right)
    lower = mix(flat.take(at + (side + 1)), flat.take(at + (side + 2)), right)
    return mix(upper, lower, below)


def _fixed(values: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    """16.16 fixed point; a tile repeats, so wrapping around is harmless."""
    return np.round(values * 65536).astype(np.int64).astype(np.int32)


def mean_flow_px(before: Pose, after: Pose, width: int, height: int) -> float:
    """Mean length of the way that the background makes between two poses, over a grid of the picture, in pixels."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 17) * width, np.linspace(-0.5, 0.5, 17) * height)
    turn = after.angle_rad - before.angle_rad
    dx, dy = before.x - after.x, before.y - after.y
    cosine, sine = math.cos(before.angle_rad) / before.scale, math.sin(before.angle_rad) / before.scale
    world_x, world_y = dx + cosine * x - sine * y, dy + sine * x + cosine * y
    cosine, sine = math.cos(before.angle_rad + turn) * after.scale, math.sin(before.angle_rad + turn) * after.scale
    moved_x, moved_y = cosine * world_x + sine * world_y, -sine * world_x + cosine * world_y
    return float(np.hypot(moved_x - x, moved_y - y).mean())
