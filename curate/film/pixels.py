"""Blending of packed pixels: one uint32 is `red | green << 8 | blue << 16 | 255 << 24`."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]

_LANES = np.uint32(0x00FF00FF)
_EIGHT = np.uint32(8)
BLACK = np.uint32(0xFF000000)


def pack(rgb: NDArray[np.uint8]) -> Pixels:
    """rgb: [..., 3], 0..255."""
    whole = np.full((*rgb.shape[:-1], 4), 255, np.uint8)
    whole[..., :3] = rgb
    return whole.view(np.uint32)[..., 0]


def unpack(pixels: Pixels) -> NDArray[np.uint8]:
    """[H, W] to [H, W, 4]: red, green, blue, 255."""
    height, width = pixels.shape
    return np.ascontiguousarray(pixels).view(np.uint8).reshape(height, width, 4)


def mix(a: Pixels, b: Pixels | np.uint32, weight: NDArray[np.uint32] | np.uint32) -> Pixels:
    """`a` where weight is 0, `b` where it is 256. Two colours share one multiplication; no lane overflows."""
    low = a & _LANES
    high = (a >> _EIGHT) & _LANES
    with np.errstate(over="ignore"):  # a lane that borrows gets it back in the sum
        low = (((b & _LANES) - low) * weight + (low << _EIGHT)) >> _EIGHT
        high = (((b >> _EIGHT) & _LANES) - high) * weight + (high << _EIGHT)
    return (low & _LANES) | (high & ~_LANES)


def weight(share: float) -> np.uint32:
    """A share 0..1 as the weight of `mix`."""
    return np.uint32(round(256 * min(max(share, 0.0), 1.0)))


def brighten(pixels: Pixels, gain: float) -> Pixels:
    """Times `gain`, clipped at 255."""
    table = np.minimum(np.arange(256) * gain + 0.5, 255).astype(np.uint8)
    out = table[unpack(pixels)]
    out[..., 3] = 255
    packed: Pixels = out.view(np.uint32)[..., 0]
    return packed
