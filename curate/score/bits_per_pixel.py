"""bits_per_pixel: how generously the picture was compressed."""

from curate.score.measured import Measured
from curate.score.window import Window


def bits_per_pixel(window: Window) -> Measured | None:
    """Bits of the video stream per coded pixel, over the whole media. H.264 looks clean above 0.1, blocky below 0.03.

    Nothing where the container does not tell the bit rate of the stream, and for stills.
    """
    picture = window.media.picture
    if picture is None or picture.average_fps is None or window.media.still:
        return None
    rate = next((stream.bit_rate for stream in window.media.streams if stream.index == picture.stream), None)
    if not rate or picture.average_fps <= 0:
        return None
    return Measured(rate / (picture.coded_width * picture.coded_height * picture.average_fps))
