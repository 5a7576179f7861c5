"""repeat_share: how many frames only repeat the one before."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

AROUND = 6  # frames at each side among which a movement is looked for
MOVES = 0.4  # change of value, 0..255, of a frame in a picture that moves
SAME = 0.12  # of the change around it: what an encoder leaves of a frame that is repeated
LEAST = 12  # frames that must move


def repeat_share(window: Window) -> Measured | None:
    """Share of the frames that repeat the one before while the picture moves, 0..1; detail: `fps` without them.

    0.6: 24 frames in 60; 0.5: animation on twos, or 25 in 50; 0: every frame is new. Nothing where too little moves to
    tell. A picture that is held for longer is `frozen_share`'s.
    """
    frames = window.frames
    moving, repeated = repeats(frames.change)
    count = int(np.count_nonzero(moving))
    if count < LEAST:
        return None
    share = float(np.count_nonzero(repeated) / count)
    rate = (len(frames.pts_us) - 1) * 1e6 / float(np.ptp(frames.pts_us))
    return Measured(share, {"fps": round(rate * (1 - share), 3)})


def repeats(change: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """change: [T - 1]. Which frames belong to a movement, and which of those repeat the one before."""
    if len(change) <= 2 * AROUND:
        nothing = np.zeros(len(change), np.bool_)
        return nothing, nothing
    padded = np.pad(change, AROUND, mode="reflect")
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    usual = np.sort(near, axis=1)[:, -AROUND // 2 - 1]  # of the largest third: in 24p of 60, two of five are new
    moving = usual >= MOVES
    return moving, moving & (change < SAME * usual)
