"""The frames of a strip as numpy arrays: what a detector sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.strip import CHROMA_HEIGHT, CHROMA_WIDTH, THUMB_HEIGHT, THUMB_WIDTH, Strip


@dataclass(frozen=True, slots=True)
class Frames:
    """All frames of one media, T of them, in the order shown."""

    pts_us: NDArray[np.int64]  # [T], rising
    end_us: int  # when the last frame stops being shown
    luma_mean: NDArray[np.float32]  # [T], 0..255
    luma_std: NDArray[np.float32]  # [T]
    delta_hue: NDArray[np.float32]  # [T], change to the frame before; the first is 0
    delta_saturation: NDArray[np.float32]
    delta_value: NDArray[np.float32]
    luma: NDArray[np.uint8]  # [T, 18, 32]
    chroma: NDArray[np.uint8]  # [2, T, 9, 16], U then V
    transition_peak: NDArray[np.float32]  # [T], or empty: the network was not asked
    transition_span: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pts_us)

    @property
    def edges_us(self) -> NDArray[np.int64]:
        """When each frame begins, and at last the end: [T + 1]."""
        return np.append(self.pts_us, self.end_us)


def frames_of(strip: Strip) -> Frames:
    """The frames of `strip`, without copying them."""
    count = len(strip.pts_us)
    thumbs = np.frombuffer(strip.thumbs, np.uint8)
    pixels = count * THUMB_HEIGHT * THUMB_WIDTH
    return Frames(
        pts_us=strip.pts_us.to_numpy(),
        end_us=strip.end_us,
        luma_mean=strip.luma_mean.to_numpy(),
        luma_std=strip.luma_std.to_numpy(),
        delta_hue=strip.delta_hue.to_numpy(),
        delta_saturation=strip.delta_saturation.to_numpy(),
        delta_value=strip.delta_value.to_numpy(),
        luma=thumbs[:pixels].reshape(count, THUMB_HEIGHT, THUMB_WIDTH),
        chroma=thumbs[pixels:].reshape(2, count, CHROMA_HEIGHT, CHROMA_WIDTH),
        transition_peak=strip.transition_peak.to_numpy(),
        transition_span=strip.transition_span.to_numpy(),
    )
