"""detail_resolution: for how many pixels there is detail: pictures that were enlarged have less than they show."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import Window
from schemas.strip import SPECTRUM

LAW_DB = -20.0  # a decade: power of natural pictures along a line (Field 1987; Ruderman 1994)
LOW = slice(2, 6)  # parts of the spectrum that any picture has
LESS_DB = 8.0  # than the law says: from where on there is no detail
IN_A_ROW = 3
FLOOR = 0.1875 / 12  # power of the rounding to 8 bits, on the scale of `row_spectrum`


def detail_resolution(window: Window) -> Measured | None:
    """The shorter side at which the picture would lose nothing it shows, in pixels: its resolution, or less.

    From the frequencies along rows, against the law that natural pictures follow. Roughly: nine real clips had 0.7 to 1
    of their resolution, enlarged twice 0.35 to 0.8 (one 1.0: hard edges and noise pass for detail). Out of focus and
    coarse film measure low as well: it says that there is no detail, not why. Detail: `share` of the resolution.
    Nothing for a clip without a measured frame.
    """
    spectra = window.details.spectrum
    known = ~np.isnan(spectra).any(1)
    if not known.any():
        return None
    share = detail_share((10 ** (spectra[known].astype(np.float64) / 10)).mean(0))
    side = min(window.clip.crop_width, window.clip.crop_height)
    return Measured(side * share, {"share": round(share, 3)})


def detail_share(power: NDArray[np.float64]) -> float:
    """power: [SPECTRUM], from 0 to the Nyquist frequency. The share of it up to which there is detail."""
    levels = 10 * np.log10(np.maximum(power - FLOOR, FLOOR / 4))
    law = LAW_DB * np.log10(np.arange(SPECTRUM) + 0.5)
    missing = law + (levels - law)[LOW].mean() - levels > LESS_DB
    for first in range(LOW.stop, SPECTRUM - IN_A_ROW + 1):
        if missing[first : first + IN_A_ROW].all():
            return first / SPECTRUM
    return 1.0
