"""Pictures with holes in them, laid on white: as a browser shows them on a page, and as img2dataset stores them."""

from functools import lru_cache

import av
import cv2
import numpy as np
from av.video.format import VideoFormat


def opaque(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame itself where it covers all; otherwise the same in RGB, on white."""
    if not transparent(frame.format.name):
        return frame
    pixels = frame.to_ndarray(format="rgba")  # [H, W, 4], 0..255
    alpha = pixels[..., 3]
    if alpha.min() == 255:
        return frame
    share = cv2.merge([alpha, alpha, alpha])
    white = cv2.multiply(np.ascontiguousarray(pixels[..., :3]), share, scale=1 / 255)
    return av.VideoFrame.from_ndarray(cv2.add(white, 255 - share), format="rgb24")


@lru_cache(maxsize=64)
def transparent(pixel_format: str) -> bool:
    """Whether pictures of a format may have holes in them."""
    kind = VideoFormat(pixel_format)
    return kind.has_palette or any(component.is_alpha for component in kind.components)
