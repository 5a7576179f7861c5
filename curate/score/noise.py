"""noise: how much the picture grains."""

from curate.score.measured import Measured, typical
from curate.score.window import Window


def noise(window: Window) -> Measured | None:
    """Standard deviation of luma noise in the flattest parts, grey levels 0..255 (Immerkaer 1996), usual frame.

    0: clean, or smoothed by the encoder; 2: fine grain; over 5: a dark room or old film. Nothing for a clip without a
    measured frame (about one a second is), and where all is black or white.
    """
    return typical(window.details.noise)
