"""stereo_width: how much the two channels differ."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window

COPIES = 0.001  # of the power in the difference: -30 dB
INVERTED = 0.9
ALONE_DB = 40.0  # by which one channel is louder than the other


def stereo_width(window: Window) -> Measured | None:
    """Share of the power that lies in the difference of the first two channels, 0..1.

    0: copies of one another (mono in stereo); 0.05 to 0.3: stereo; 0.5: nothing in common, or one is silent; 1: one is
    the other upside down, which is silent in mono. Detail: `kind` (copies, stereo, one silent, inverted) and
    `balance_db`, positive where the first is louder. Nothing for one channel, and for silence.
    """
    balance_db, correlation = window.sound.balance_db, window.sound.correlation
    known = ~np.isnan(balance_db)
    if not known.any():
        return None
    ratio = 10 ** (balance_db[known].astype(np.float64) / 20)
    shared = np.nan_to_num(correlation[known].astype(np.float64), nan=0.0)
    width = float(np.median(0.5 - shared * ratio / (1 + ratio**2)))
    balance = float(np.median(balance_db[known]))
    return Measured(min(max(width, 0.0), 1.0), {"kind": kind(width, balance), "balance_db": round(balance, 1)})


def kind(width: float, balance_db: float) -> str:
    """What two channels are to each other."""
    if abs(balance_db) >= ALONE_DB:
        return "one silent"
    if width < COPIES:
        return "copies"
    return "inverted" if width > INVERTED else "stereo"
