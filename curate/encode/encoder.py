"""The seam of encoders, and the list of those there are."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec
from curate.encode.dct import Dct
from curate.encode.mdct import Mdct


class PictureEncoder(Protocol):
    """Frames to a tensor and back."""

    @property
    def spec(self) -> EncoderSpec: ...

    def encode(self, frames: NDArray[np.uint8]) -> NDArray[np.float16]:
        """frames: [T, H, W, 3] RGB 0..255, T by the frame rule, H and W multiples of the stride; to [C, T', H', W']."""
        ...

    def decode(self, latent: NDArray[np.float16]) -> NDArray[np.uint8]:
        """[C, T', H', W'] to frames [T, H, W, 3]."""
        ...


class SoundEncoder(Protocol):
    """Samples to a tensor and back."""

    @property
    def spec(self) -> EncoderSpec: ...

    @property
    def sample_rate_hz(self) -> int: ...

    def encode(self, samples: NDArray[np.float32]) -> NDArray[np.float16]:
        """samples: [N] mono -1..1; to [C, T']."""
        ...

    def decode(self, latent: NDArray[np.float16], samples: int) -> NDArray[np.float32]:
        """[C, T'] to the first `samples` samples, [N]."""
        ...

    def step_us(self, steps: int) -> NDArray[np.int64]:
        """When each of `steps` latent frames begins, from the first sample: [T']."""
        ...


PICTURE_ENCODERS: Mapping[str, Callable[[], PictureEncoder]] = MappingProxyType(
    {
        "dct-4x8x8-c16": Dct,
    }
)
SOUND_ENCODERS: Mapping[str, Callable[[], SoundEncoder]] = MappingProxyType(
    {
        "mdct-10ms-c80": Mdct,
    }
)
