"""Frames as arrays, their times as words and as what models' processors are told."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioners.asking.ask import Pictures, Wave

_TICKS_HZ = 1000.0


@dataclass(frozen=True, slots=True)
class Timing:
    """When frames of a video are, as processors want it: frame `i` is at `frames_indices[i] / fps` seconds.

    The frames are told as some of a video of 1000 frames a second, so that uneven times are kept to the millisecond;
    `total_num_frames` is such that their mean rate comes out right.
    """

    fps: float
    frames_indices: tuple[int, ...]
    total_num_frames: int
    duration: float


def frames(pictures: Pictures) -> NDArray[np.uint8]:
    """[T, height, width, 3] RGB, 0..255."""
    shape = (len(pictures.at_s), pictures.height, pictures.width, 3)
    return np.frombuffer(pictures.pixels, np.uint8).reshape(shape)


def samples(wave: Wave) -> NDArray[np.float32]:
    """[N], -1..1."""
    return np.frombuffer(wave.samples, "<f4")


def label(at_s: float) -> str:
    """The time of a frame, as it is written before it."""
    return f"\n{at_s:.2f} s"


def timing(at_s: tuple[float, ...]) -> Timing:
    """The times of frames in order; a single one counts as a second."""
    ticks = tuple(round(at * _TICKS_HZ) for at in at_s)
    apart_s = (at_s[-1] - at_s[0]) / (len(at_s) - 1) if len(at_s) > 1 else 1.0
    total = max(len(at_s), round(len(at_s) * apart_s * _TICKS_HZ))
    return Timing(_TICKS_HZ, ticks, total, total / _TICKS_HZ)
