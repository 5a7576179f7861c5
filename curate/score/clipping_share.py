"""clipping_share: how much of the sound is cut off at full scale."""

from curate.score.measured import Measured
from curate.score.window import Window


def clipping_share(window: Window) -> Measured | None:
    """Share of the samples within 0.5 % of full scale, 0..1: over 0.001 is audible. Nothing without sound."""
    clipped = window.sound.clipped
    return Measured(float(clipped.mean())) if len(clipped) else None
