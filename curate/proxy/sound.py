"""The sound of a clip in pieces, so that a long one is never in memory as a whole; and its peaks."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curate.media.file import LocalFile
from curate.media.sound import samples
from schemas.media import Media

RATE_HZ = 48_000
PIECE_US = 300_000_000
PEAKS_HZ = 100
BLOCK = RATE_HZ // 10  # samples that are encoded together; whole bins of peaks

Wave = NDArray[np.float32]  # [C, N], -1..1


def blocks(file: LocalFile, media: Media, start_us: int, end_us: int, layout: str) -> Iterator[Wave]:
    """The sound of `[start_us, end_us)`, a tenth of a second at a time; silence where there is none."""
    for begin_us in range(start_us, end_us, PIECE_US):
        piece = samples(file, media, begin_us, min(end_us, begin_us + PIECE_US), RATE_HZ, layout)
        for at in range(0, piece.shape[1], BLOCK):
            yield piece[:, at : at + BLOCK]


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
