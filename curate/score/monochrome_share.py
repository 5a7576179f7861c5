"""monochrome_share: for how much of the clip there are no colours, or one tint."""

import numpy as np

from curate.score.colourfulness import inside
from curate.score.measured import Measured
from curate.score.window import Window

SPREAD = 2.0  # levels of chroma: how far cells of a picture in one tint lie apart


def monochrome_share(window: Window) -> Measured:
    """Share of the clip's time in which the picture is black and white or of one tint, 0..1.

    1: black-and-white film, also if toned evenly; white pages and black frames are monochrome as well.
    """
    u, v = inside(window)
    return Measured(window.frames.share(np.hypot(u.std(1), v.std(1)) < SPREAD))
