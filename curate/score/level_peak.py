"""level_peak: the loudest moment."""

from curate.score.measured import Measured
from curate.score.window import Window


def level_peak(window: Window) -> Measured | None:
    """The highest RMS level of any 10 ms, in dBFS: 0 is a full-scale square wave, -120 digital silence.

    Nothing without sound.
    """
    level = window.sound.rms_db
    return Measured(float(level.max())) if len(level) else None
