"""border_share: how much of the frame is black bars."""

from curate.score.measured import Measured
from curate.score.window import Window


def border_share(window: Window) -> Measured | None:
    """Share of the displayed frame outside the crop box, 0..1; 0 is a full frame, 0.25 a letterboxed film in 16:9."""
    picture, clip = window.media.picture, window.clip
    if picture is None:
        return None
    return Measured(1 - clip.crop_width * clip.crop_height / (picture.width * picture.height))
