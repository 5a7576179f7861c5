"""A media at a glance: its thumbnails squeezed to columns, time from left to right."""

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.strip import CHROMA_HEIGHT, CHROMA_WIDTH, THUMB_HEIGHT, THUMB_WIDTH, Strip

COLUMNS = 480


def thumbnails(strip: Strip) -> NDArray[np.uint8]:
    """The thumbs of a strip as YUV [T, 18, 32, 3], 0..255; chroma is repeated."""
    count = len(strip.pts_us)
    luma_size, chroma_size = count * THUMB_HEIGHT * THUMB_WIDTH, count * CHROMA_HEIGHT * CHROMA_WIDTH
    flat = np.frombuffer(strip.thumbs, np.uint8)
    luma = flat[:luma_size].reshape(count, THUMB_HEIGHT, THUMB_WIDTH)
    chroma = flat[luma_size:].reshape(2, count, CHROMA_HEIGHT, CHROMA_WIDTH)
    assert flat.size == luma_size + 2 * chroma_size  # noqa: S101  the strip's own contract
    wide = chroma.repeat(2, axis=2).repeat(2, axis=3)
    return np.stack((luma, wide[0], wide[1]), axis=-1)


def rgb(yuv: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Full-range YUV [..., 3] to RGB (ITU-R BT.601)."""
    y, u, v = yuv[..., 0], yuv[..., 1] - 128, yuv[..., 2] - 128
    red, green, blue = y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u
    return np.clip(np.rint(np.stack((red, green, blue), axis=-1)), 0, 255).astype(np.uint8)


def barcode(strip: Strip) -> bytes:
    """A PNG, 18 rows high: column x is the frame shown at x's share of the media, averaged over its width."""
    pts = np.asarray(strip.pts_us)
    at = np.arange(COLUMNS) * (strip.end_us / COLUMNS)
    shown = np.clip(np.searchsorted(pts, at, side="right") - 1, 0, len(pts) - 1)
    slits = thumbnails(strip)[shown].mean(axis=2)  # [COLUMNS, 18, 3]
    picture = np.ascontiguousarray(rgb(slits.transpose(1, 0, 2))[..., ::-1])
    _, body = cv2.imencode(".png", picture)
    return bytes(body)
