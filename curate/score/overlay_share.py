"""overlay_share: how much of the picture is a logo or another thing that stays while all else changes."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window, crop_box

STEADY = 0.75 * 255  # of the pictures have an edge there, of one direction
EDGE = 4  # a logo lies mostly in the outer fourth: what stays in the middle is what a camera follows
MOST = 0.1  # of the picture: more that is steady is the scene itself, seen by a camera that stands still


def overlay_share(window: Window) -> Measured | None:
    """Share of the picture in which edges stay where they are while it changes, over the whole media, 0..1.

    0.001 to 0.03: a logo, a clock, a watermark; detail: `box`, left, top, width and height of what holds them all, as
    shares of the picture. 0: none. Nothing where the media did not change often enough to tell, where its camera
    stands, and where most of what stays lies in the middle.
    """
    if not window.overlay.size:
        return None
    height, width = window.overlay.shape
    rows, columns = crop_box(window.clip, window.media, height, width)
    inside = slice(rows.start + 1, rows.stop - 1), slice(columns.start + 1, columns.stop - 1)  # borders stay as well
    steady = np.zeros((height, width), np.bool_)
    steady[inside] = window.overlay[inside] >= STEADY
    middle = steady[height // EDGE : -(height // EDGE), width // EDGE : -(width // EDGE)]
    if steady.mean() > MOST or 2 * np.count_nonzero(middle) > np.count_nonzero(steady):
        return None
    if not steady.any():
        return Measured(0.0)
    down, across = np.flatnonzero(steady.any(1)), np.flatnonzero(steady.any(0))
    box = (across[0] / width, down[0] / height, (np.ptp(across) + 1) / width, (np.ptp(down) + 1) / height)
    return Measured(float(steady.mean()), {"box": [round(float(side), 4) for side in box]})
