"""sharpness: how much fine detail the picture has."""

import numpy as np

from curate.score.measured import Measured
from curate.score.window import Window


def sharpness(window: Window) -> Measured | None:
    """Median variance of the Laplacian of full-size luma (0..255) inside the picture; open upwards.

    High: crisp, or noisy. Below about 50: blurred, dark or empty. It falls with the resolution that a picture was
    enlarged to, so compare like with like.
    """
    known = window.sharpness[~np.isnan(window.sharpness)]
    return Measured(float(np.median(known))) if len(known) else None
