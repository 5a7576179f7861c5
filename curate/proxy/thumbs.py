"""A strip of small pictures side by side, at equal steps of time."""

import io

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image

HEIGHT = 54
WIDEST = 128
QUALITY = 60


class Thumbs:
    """Picks `most` frames of `count` that come in order, or all where they are fewer."""

    def __init__(self, count: int, most: int) -> None:
        self.number = min(count, most)
        self._at = {(2 * n + 1) * count // (2 * self.number) for n in range(self.number)}
        self._pictures: list[NDArray[np.uint8]] = []
        self._k = 0

    def see(self, frame: av.VideoFrame) -> None:
        """Look at the next frame, upright."""
        if self._k in self._at:
            height = min(HEIGHT, frame.height)
            width = max(1, min(WIDEST, round(frame.width * height / frame.height)))
            small = frame.reformat(width, height, "rgb24", interpolation=Interpolation.AREA, threads=1)
            self._pictures.append(small.to_ndarray().astype(np.uint8, copy=False))
        self._k += 1

    def jpeg(self) -> bytes:
        """The strip, as JPEG."""
        out = io.BytesIO()
        Image.fromarray(np.concatenate(self._pictures, axis=1)).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()
