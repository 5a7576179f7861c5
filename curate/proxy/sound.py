"""The peaks of a clip's sound, as a page draws them."""

import numpy as np
from numpy.typing import NDArray

from curate.media.blocks import Wave

RATE_HZ = 48_000
PEAKS_HZ = 100


class Peaks:
    """The lowest and the highest sample of each hundredth of a second, all channels together."""

    def __init__(self) -> None:
        self._pairs: list[NDArray[np.int8]] = []

    def hear(self, block: Wave) -> None:
        """Take the next block; only the last may end inside a bin."""
        bin_size = RATE_HZ // PEAKS_HZ
        edges = np.arange(0, block.shape[1], bin_size)
        low = np.minimum.reduceat(block.min(axis=0), edges)
        high = np.maximum.reduceat(block.max(axis=0), edges)
        pairs = np.stack([np.floor(low * 127), np.ceil(high * 127)], axis=1)
        self._pairs.append(np.clip(pairs, -127, 127).astype(np.int8))

    def pairs(self) -> bytes:
        """int8 pairs (lowest, highest), -127..127."""
        return b"".join(pair.tobytes() for pair in self._pairs)
