"""How much of the input comes back from a tensor."""

import cv2
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


def picture_ssim(frames: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> float:
    """Structural similarity of luma, mean over frames, -1..1; 1 is identical (Wang et al., 2004; Gaussian, 1.5 px).

    frames, decoded: [T, H, W, 3] 0..255.
    """
    return float(np.mean([_ssim(_luma(a), _luma(b)) for a, b in zip(frames, decoded, strict=True)]))


def _luma(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.float32)


def _ssim(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a, variance_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    together = _blurred(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_a * mean_b + c1) * (2 * together + c2)
    return float(np.mean(alike / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))))


def _blurred(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5), np.float32)


def sound_psnr_db(samples: NDArray[np.float32], decoded: NDArray[np.float32]) -> float:
    """Peak signal-to-noise ratio, peak 1 (full scale); high is faithful; 100 and above is given as 100.

    samples, decoded: [C, N] -1..1.
    """
    return _decibels(1.0, float(np.mean(np.square(samples - decoded, dtype=np.float64))))


def _decibels(peak: float, error: float) -> float:
    if error <= peak * 10 ** (-CEILING_DB / 10):
        return CEILING_DB
    return float(10 * np.log10(peak / error))
