"""contrast: how far light and dark lie apart."""

from curate.score.measured import Measured
from curate.score.window import Window


def contrast(window: Window) -> Measured:
    """Mean standard deviation of luma within a frame: 0 is one plain tone, 127.5 half black, half white."""
    return Measured(window.frames.mean(window.frames.luma_std))
