"""brightness: how light the picture is."""

from curate.score.measured import Measured
from curate.score.window import Window


def brightness(window: Window) -> Measured:
    """Mean luma over the clip's time, borders included: 0 is black, 255 white."""
    return Measured(window.frames.mean(window.frames.luma_mean))
