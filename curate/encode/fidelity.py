"""How much of the input comes back from a tensor."""

import numpy as np
from numpy.typing import NDArray

CEILING_DB = 100.0


def picture_psnr_db(frames: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over RGB, peak 255; high is faithful; 100 and above is given as 100.

    frames, decoded: [T, H, W, 3] 0..255.
    """
    total = sum(_squares(a, b) for a, b in zip(frames, decoded, strict=True))
    return _decibels(255.0**2, total / frames.size)


def _squares(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    difference = (a.astype(np.float32) - b).ravel()
    return float(difference @ difference)


def sound_psnr_db(samples: NDArray[np.float32], decoded: NDArray[np.float32]) -> float:
    """Peak signal-to-noise ratio, peak 1 (full scale); high is faithful; 100 and above is given as 100.

    samples, decoded: [N] -1..1.
    """
    return _decibels(1.0, float(np.mean(np.square(samples - decoded, dtype=np.float64))))


def _decibels(peak: float, error: float) -> float:
    if error <= peak * 10 ** (-CEILING_DB / 10):
        return CEILING_DB
    return float(10 * np.log10(peak / error))
