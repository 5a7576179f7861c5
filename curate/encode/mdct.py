"""An analytic sound codec with the shape of a sound VAE: 100 latent frames a second, 80 channels.

The modified discrete cosine transform (Princen, Johnson, Bradley, 1987) of 16 kHz mono sound with a sine window and a
hop of 10 ms; the 80 lower of its 160 bands are kept, so that the sound below 4 kHz comes back and nothing above it.
The transform is orthonormal: the error is the energy of what was left out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec

SAMPLE_RATE_HZ, HOP, CHANNELS = 16_000, 160, 80
HOP_US = HOP * 1_000_000 // SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Mdct:
    """Latent frame i is centred on sample 160 i and overlaps both neighbours by half."""

    @property
    def spec(self) -> EncoderSpec:
        return EncoderSpec(
            id="mdct-10ms-c80", version=1, weights_hash=None, channels=CHANNELS, time_stride=HOP, space_stride=None,
            frame_rule="160n", causal=False, compute=None, dtype="float16", tiling=None, normalisation=None,
            posterior="exact",
        )  # fmt: skip

    @property
    def rate_hz(self) -> int:
        return SAMPLE_RATE_HZ

    @property
    def layout(self) -> str:
        return "mono"

    @cached_property
    def _basis(self) -> NDArray[np.float32]:
        """Windowed cosines, [band 80, position 320]; rows and their shifts by a hop are orthonormal."""
        band, position = np.arange(CHANNELS)[:, None], np.arange(2 * HOP)[None, :]
        window = np.sin(np.pi * (position + 0.5) / (2 * HOP))
        cosines = np.cos(np.pi / HOP * (position + 0.5 + HOP / 2) * (band + 0.5))
        return np.asarray(window * cosines * np.sqrt(2 / HOP), np.float32)

    def encode(self, waves: NDArray[np.float32]) -> NDArray[np.float32]:
        """[B, 1, N] to [B, 80, T']. Silence is added up to a whole hop, and a hop of it before and after."""
        count = waves.shape[-1]
        padded = np.zeros((len(waves), (-(-count // HOP) + 2) * HOP), np.float32)
        padded[:, HOP : HOP + count] = waves[:, 0]
        blocks = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP, axis=1)[:, ::HOP]
        return np.ascontiguousarray((blocks @ self._basis.T).transpose(0, 2, 1))

    def decode(self, latents: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
        """[B, 80, T'] to the first `samples` samples, [B, 1, N]."""
        blocks = latents.transpose(0, 2, 1).astype(np.float32) @ self._basis
        hops = np.zeros((len(blocks), blocks.shape[1] + 1, HOP), np.float32)
        hops[:, :-1] += blocks[..., :HOP]
        hops[:, 1:] += blocks[..., HOP:]
        return hops.reshape(len(hops), 1, -1)[..., HOP : HOP + samples]

    def step_us(self, steps: int) -> NDArray[np.int64]:
        """A latent frame begins half a hop before its centre; the first one at 0."""
        starts = np.arange(steps, dtype=np.int64) * HOP_US - HOP_US // 2
        return np.maximum(starts, 0)
