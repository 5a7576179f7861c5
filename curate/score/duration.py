"""duration: how long the clip is."""

from curate.score.measured import Measured
from curate.score.window import Window


def duration(window: Window) -> Measured | None:
    """Seconds from its first frame to its end; nothing for a still."""
    clip = window.clip
    return None if clip.still else Measured((clip.end_us - clip.start_us) / 1e6)
