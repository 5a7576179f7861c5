"""loudness: how loud the clip is to the ear."""

import math

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window

BLOCK = 4  # hops of 100 ms: blocks of 400 ms that overlap by three quarters
ABSOLUTE_LUFS = -70.0
RELATIVE_LU = -10.0


def loudness(window: Window) -> Measured | None:
    """Integrated loudness in LUFS (ITU-R BS.1770-4): speech on television is -23, music as sold -14 to -8, 0 the limit.

    Nothing without sound, for less than 0.4 s, and where all is below -70 LUFS.
    """
    value = integrated_lufs(window.sound.k_power)
    return None if value is None else Measured(value)


def lufs(power: float) -> float:
    """The loudness of a K-weighted mean square, summed over channels."""
    return -0.691 + 10 * math.log10(power)


def integrated_lufs(k_power: NDArray[np.float32]) -> float | None:
    """k_power: [N], K-weighted mean square of each 100 ms. Gated as BS.1770-4 says; None where nothing passes."""
    if len(k_power) < BLOCK:
        return None
    blocks = np.convolve(k_power.astype(np.float64), np.full(BLOCK, 1 / BLOCK), "valid")
    heard = blocks[blocks > 10 ** ((ABSOLUTE_LUFS + 0.691) / 10)]
    if not len(heard):
        return None
    gate = heard.mean() * 10 ** (RELATIVE_LU / 10)
    return lufs(float(heard[heard > gate].mean()))
