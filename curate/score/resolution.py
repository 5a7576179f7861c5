"""resolution: how many pixels there are."""

from curate.score.measured import Measured
from curate.score.window import Window


def resolution(window: Window) -> Measured:
    """The shorter side of the crop box, in pixels as displayed; detail: `width`, `height`."""
    clip = window.clip
    return Measured(
        float(min(clip.crop_width, clip.crop_height)), {"width": clip.crop_width, "height": clip.crop_height}
    )
