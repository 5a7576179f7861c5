"""combed_share: whether two fields were woven into one frame."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window

COMBED = 0.01  # share of a frame's pixels: what stands still has no teeth, and fine lines may look like a few


def combed_share(window: Window) -> Measured | None:
    """Share of the measured frames (about one a second) in which things that move are combed, 0..1.

    Over 0.2: interlaced video that nobody deinterlaced. A picture that stands still shows no combs, whatever it is.
    Nothing for a clip without a measured frame.
    """
    share = window.details.combed
    known = ~np.isnan(share)
    return Measured(float((share[known] > COMBED).mean())) if known.any() else None
