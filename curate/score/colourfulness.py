"""colourfulness: how much colour there is."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window, crop_box


def colourfulness(window: Window) -> Measured:
    """Colourfulness of Hasler and Süsstrunk (2003), mean of the frames: 0 grey, 15 slightly, 45 quite, 82 highly.

    From pictures of 16x9: small things of another colour count less than in theirs (a tenth lower in the mean).
    """
    u, v = inside(window)
    red_green, yellow_blue = 0.344136 * u + 2.116136 * v, 0.343932 * v - 1.944068 * u
    spread = np.hypot(red_green.std(1), yellow_blue.std(1))
    away = np.hypot(red_green.mean(1), yellow_blue.mean(1))
    return Measured(window.frames.mean((spread + 0.3 * away).astype(np.float32)))


def inside(window: Window) -> NDArray[np.float32]:
    """[2, T, N]: U and V, -128..127, of the cells inside the crop box."""
    chroma = window.frames.chroma
    rows, columns = crop_box(window.clip, window.media, *chroma.shape[2:])
    return chroma[:, :, rows, columns].reshape(2, chroma.shape[1], -1).astype(np.float32) - 128
