"""dark_share: how much of the picture is underexposed."""

from curate.score.measured import Measured, usual
from curate.score.window import Window


def dark_share(window: Window) -> Measured | None:
    """Share of the picture inside its borders that is nearly black (luma below 16 of 255), 0..1, mean of the frames.

    Over 0.5: a night scene, or underexposed. Nothing for a clip without a measured frame (about one a second is).
    """
    return usual(window.details.dark_share)
