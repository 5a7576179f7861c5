"""silence_share: for how much of the clip there is nothing to hear."""

from curate.score.measured import Measured
from curate.score.window import Window

SILENT_DB = -60.0


def silence_share(window: Window) -> Measured | None:
    """Share of the clip's sound below -60 dBFS RMS (in hops of 10 ms), 0..1. Nothing for a media without sound."""
    level = window.sound.rms_db
    return Measured(float((level < SILENT_DB).mean())) if len(level) else None
