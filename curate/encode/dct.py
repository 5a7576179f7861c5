"""An analytic picture codec with the shape of a video VAE: 4x in time, 8x8 in space, 16 channels, causal.

The first frame alone is one latent frame; each further one stands for four frames. A cell of 8x8 pixels (and 4 frames)
is projected on 16 cosines of its luma and chroma. The projection is orthonormal, so decoding is its transpose, and the
squared error is exactly the energy of what was left out. Latents are scaled to -1..1 (a flat white cell is 1).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec
from curate.errors import Unsupported

GROUP, BLOCK, CHANNELS = 4, 8, 16

# Ohta's colours (1980), which are close to the principal axes of photographs: luma, red-blue, green-magenta.
_COLOURS = np.array([[1, 1, 1], [1, 0, -1], [-1, 2, -1]]) / np.sqrt([[3], [2], [6]])

# (colour, time, vertical, horizontal) frequency of each channel: those with the most energy in twenty real videos, and
# the two that tell which way something moves. The first eight mean the same in both tables.
_SHARED = (
    (0, 0, 0, 0),
    (1, 0, 0, 0),
    (2, 0, 0, 0),
    (0, 0, 0, 1),
    (0, 0, 1, 0),
    (0, 0, 1, 1),
    (0, 0, 0, 2),
    (0, 0, 2, 0),
)
_STILL = (
    (0, 0, 0, 3),
    (0, 0, 3, 0),
    (0, 0, 1, 2),
    (0, 0, 2, 1),
    (0, 0, 0, 4),
    (0, 0, 4, 0),
    (1, 0, 0, 1),
    (1, 0, 1, 0),
)
_MOVING = (
    (0, 0, 0, 3),
    (0, 0, 3, 0),
    (0, 0, 1, 2),
    (0, 0, 2, 1),
    (0, 1, 0, 0),
    (0, 2, 0, 0),
    (0, 1, 0, 1),
    (0, 1, 1, 0),
)


def _cosines(size: int) -> NDArray[np.float64]:
    """The orthonormal DCT-II: [frequency, position]."""
    frequency, position = np.arange(size)[:, None], np.arange(size)[None, :]
    rows: NDArray[np.float64] = np.cos(np.pi * (position + 0.5) * frequency / size) * np.sqrt(2 / size)
    rows[0] /= np.sqrt(2)
    return rows


def _basis(frames: int, channels: tuple[tuple[int, int, int, int], ...]) -> NDArray[np.float32]:
    """Orthonormal rows, [16, frames * 8 * 8 * 3]: one cosine of one colour each."""
    time, space = _cosines(frames), _cosines(BLOCK)
    rows = [np.einsum("t,y,x,c->tyxc", time[t], space[v], space[u], _COLOURS[c]).ravel() for c, t, v, u in channels]
    return np.array(rows, np.float32)


def _cells(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[T, H, W, 3] 0..255 to one row per cell, [H/8 * W/8, T * 8 * 8 * 3], -1..1."""
    t, h, w, _ = frames.shape
    blocks = frames.reshape(t, h // BLOCK, BLOCK, w // BLOCK, BLOCK, 3).transpose(1, 3, 0, 2, 4, 5)
    return blocks.reshape(-1, t * BLOCK * BLOCK * 3).astype(np.float32) / np.float32(127.5) - np.float32(1)


def _frames(cells: NDArray[np.float32], t: int, h: int, w: int) -> NDArray[np.uint8]:
    """The inverse of `_cells`, rounded and clipped."""
    values: NDArray[np.uint8] = np.clip(np.rint((cells + np.float32(1)) * np.float32(127.5)), 0, 255).astype(np.uint8)
    blocks = values.reshape(h // BLOCK, w // BLOCK, t, BLOCK, BLOCK, 3).transpose(2, 0, 3, 1, 4, 5)
    return blocks.reshape(t, h, w, 3)


@dataclass(frozen=True)
class Dct:
    """Every value of a tensor is a sum over one cell; nothing is learned, nothing is random."""

    @property
    def spec(self) -> EncoderSpec:
        return EncoderSpec(
            id="dct-4x8x8-c16", version=1, weights_hash=None, channels=CHANNELS, time_stride=GROUP, space_stride=BLOCK,
            frame_rule="1+4n", causal=True, compute=None, dtype="float16", tiling=None, normalisation=None,
            posterior="exact",
        )  # fmt: skip

    @cached_property
    def _still(self) -> NDArray[np.float32]:
        return _basis(1, _SHARED + _STILL)

    @cached_property
    def _moving(self) -> NDArray[np.float32]:
        return _basis(GROUP, _SHARED + _MOVING)

    def encode(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """[B, T, H, W, 3] to [B, 16, T', H', W']; Unsupported where T is not 1 + 4n, or a side not 8n."""
        clips, t, h, w, _ = frames.shape
        if (t - 1) % GROUP or h % BLOCK or w % BLOCK:
            raise Unsupported(f"dct-4x8x8-c16 takes 1 + 4n frames with sides of 8n pixels, not {t} of {w}x{h}")
        latents = np.empty((clips, CHANNELS, 1 + (t - 1) // GROUP, h // BLOCK, w // BLOCK), np.float32)
        for latent, clip in zip(latents, frames, strict=True):
            for index, (start, end, basis) in enumerate(self._groups(t)):
                coefficients = _cells(clip[start:end]) @ basis.T / _scale(basis)
                latent[:, index] = coefficients.T.reshape(CHANNELS, h // BLOCK, w // BLOCK)
        return latents

    def decode(self, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
        """[B, 16, T', H', W'] to [B, T, H, W, 3]."""
        clips, _, steps, rows, columns = latents.shape
        frames = np.empty((clips, 1 + (steps - 1) * GROUP, rows * BLOCK, columns * BLOCK, 3), np.uint8)
        for latent, clip in zip(latents, frames, strict=True):
            for index, (start, end, basis) in enumerate(self._groups(len(clip))):
                cells = latent[:, index].reshape(CHANNELS, -1).T.astype(np.float32) @ basis * _scale(basis)
                clip[start:end] = _frames(cells, end - start, rows * BLOCK, columns * BLOCK)
        return frames

    def _groups(self, frames: int) -> list[tuple[int, int, NDArray[np.float32]]]:
        rest = range(1, frames, GROUP)
        return [(0, 1, self._still), *((start, start + GROUP, self._moving) for start in rest)]


def _scale(basis: NDArray[np.float32]) -> np.float32:
    """What a flat white cell projects to."""
    return np.float32(np.sqrt(basis.shape[1]))
