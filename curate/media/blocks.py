"""The sound of a clip in pieces, so that a long one is never in memory as a whole."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curate.media.file import LocalFile
from curate.media.sound import samples
from schemas.media import Media

PIECE_US = 300_000_000

Wave = NDArray[np.float32]  # [C, N], -1..1


def blocks(file: LocalFile, media: Media, start_us: int, end_us: int, layout: str, rate_hz: int) -> Iterator[Wave]:
    """The sound of `[start_us, end_us)`, a tenth of a second at a time; silence where there is none."""
    step = rate_hz // 10
    for begin_us in range(start_us, end_us, PIECE_US):
        piece = samples(file, media, begin_us, min(end_us, begin_us + PIECE_US), rate_hz, layout)
        for at in range(0, piece.shape[1], step):
            yield piece[:, at : at + step]
