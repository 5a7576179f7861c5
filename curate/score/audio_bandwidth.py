"""audio_bandwidth: how high the sound reaches."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window

BELOW_DB = 62.0  # below the strongest band: what is softer is leakage and rounding
LOWEST_DB = -105.0
BAND_HZ = 1000.0


def audio_bandwidth(window: Window) -> Measured | None:
    """The frequency above which there is no sound, Hz, in steps of 1000.

    4000: telephone; 8000: recorded at 16 kHz, whatever the file says; 16000: lossy at low rates; 20000 and more: full.
    Of soft or low sounds it is their own limit. Nothing without sound, and in digital silence.
    """
    levels = window.sound.pitch_db
    if not len(levels):
        return None
    power = (10 ** (levels.astype(np.float64) / 10)).mean(0)
    heard = np.nan_to_num(10 * np.log10(power), nan=-np.inf)
    strongest = float(heard.max())
    if strongest <= LOWEST_DB:
        return None
    return Measured(float(np.flatnonzero(heard >= max(strongest - BELOW_DB, LOWEST_DB))[-1] + 1) * BAND_HZ)
