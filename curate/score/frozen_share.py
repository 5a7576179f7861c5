"""frozen_share: for how much of the clip the picture is held."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

SAME = 0.2  # mean change of value, 0..255, below which two frames are one: what an encoder still refines
HELD_US = 500_000  # a picture held for less is a low frame rate, or animation on twos


def frozen_share(window: Window) -> Measured | None:
    """Share of the clip's time in which the picture does not change at all for half a second or more, 0..1.

    Nothing for a clip of one frame.
    """
    frames = window.frames
    if len(frames.pts_us) < 2:
        return None
    return Measured(float(held_us(frames.change, frames.shown_us).sum() / frames.shown_us.sum()))


def held_us(change: NDArray[np.float32], shown_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """change: [T - 1], shown_us: [T]. How long each picture that is held, is held; a picture is at least two frames."""
    first = np.flatnonzero(np.concatenate([[True], change >= SAME]))
    frames = np.diff(np.append(first, len(shown_us)))
    lengths = np.add.reduceat(shown_us, first)
    return lengths[(frames > 1) & (lengths >= HELD_US)]
