"""bright_share: how much of the picture is overexposed."""

from curate.score.measured import Measured, usual
from curate.score.window import Window


def bright_share(window: Window) -> Measured | None:
    """Share of the picture inside its borders that is blown out (luma above 250 of 255), 0..1, mean of the frames.

    Over 0.1: a window or a sky without drawing, or a white page. Nothing for a clip without a measured frame.
    """
    return usual(window.details.bright_share)
