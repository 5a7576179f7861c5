"""loudness_range: how far loud and soft passages lie apart."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

BLOCK = 30  # hops of 100 ms: three seconds
ABSOLUTE_LUFS = -70.0
RELATIVE_LU = -20.0
LOW, HIGH = 10, 95  # percentiles


def loudness_range(window: Window) -> Measured | None:
    """Loudness range in LU (EBU Tech 3342): pop music has 3 to 8, speech 5 to 10, film 10 to 25; 0 is always alike.

    Nothing without sound, for less than three seconds of it, and where all is below -70 LUFS. The standard asks for a
    minute; of a shorter clip it is what that has.
    """
    value = range_lu(window.sound.k_power)
    return None if value is None else Measured(value)


def range_lu(k_power: NDArray[np.float32]) -> float | None:
    """k_power: [N], K-weighted mean square of each 100 ms. None where nothing passes the gates."""
    if len(k_power) < BLOCK:
        return None
    power = np.convolve(k_power.astype(np.float64), np.full(BLOCK, 1 / BLOCK), "valid")
    levels = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    heard = levels > ABSOLUTE_LUFS
    if not heard.any():
        return None
    gate = -0.691 + 10 * np.log10(power[heard].mean()) + RELATIVE_LU
    low, high = np.percentile(levels[levels > max(gate, ABSOLUTE_LUFS)], [LOW, HIGH])
    return float(high - low)
