"""audio_offset: how much later than the picture the sound begins."""

from curate.score.measured import Measured
from curate.score.window import Window


def audio_offset(window: Window) -> Measured | None:
    """Seconds from the media's first frame to its first sound; negative: the sound begins first.

    Beyond 0.1 the sound was trimmed, or begins with a gap; it says nothing of lips. Nothing without sound.
    """
    start_us = window.sound.start_us
    return None if start_us is None else Measured(start_us / 1e6)
