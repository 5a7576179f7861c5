"""white_share: for how much of the clip there is nothing but white."""

from curate.score.measured import Measured
from curate.score.window import Window

MEAN, STD = 245.0, 3.0  # of the luma of a white frame, 0..255


def white_share(window: Window) -> Measured:
    """Share of the clip's time in which the whole picture is white, 0..1."""
    frames = window.frames
    return Measured(frames.share((frames.luma_mean > MEAN) & (frames.luma_std < STD)))
