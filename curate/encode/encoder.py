"""The seam of encoders, and the lists of those there are."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec
from curate.encode.dct import Dct
from curate.encode.family import PICTURES, SOUNDS
from curate.encode.mdct import Mdct
from curate.encode.model import EncoderModel
from curate.errors import RecipeError

Frames = NDArray[np.uint8]
"""[B, T, H, W, 3] RGB 0..255, T by the frame rule, H and W multiples of the stride."""
Values = NDArray[np.float32]
"""Tensors before they are stored: [B, C, T', H', W'] of pictures, [B, C, T'] of sound."""
Waves = NDArray[np.float32]
"""[B, C, N] -1..1."""


class PictureEncoder(Protocol):
    """Frames of clips to tensors and back; not for several threads at once."""

    @property
    def spec(self) -> EncoderSpec: ...

    def encode(self, frames: Frames) -> Values: ...

    def decode(self, latents: Values) -> Frames: ...


class SoundEncoder(Protocol):
    """Samples to tensors and back; not for several threads at once."""

    @property
    def spec(self) -> EncoderSpec: ...

    @property
    def rate_hz(self) -> int: ...

    @property
    def layout(self) -> str: ...  # "mono" or "stereo": the channels that it takes

    def encode(self, waves: Waves) -> Values: ...

    def decode(self, latents: Values, samples: int) -> Waves:
        """The first `samples` samples."""
        ...

    def step_us(self, steps: int) -> NDArray[np.int64]:
        """When each of `steps` latent frames begins, from the first sample: [T']."""
        ...


PICTURE_ENCODERS: Mapping[str, Callable[[], PictureEncoder]] = MappingProxyType({"dct-4x8x8-c16": Dct})
SOUND_ENCODERS: Mapping[str, Callable[[], SoundEncoder]] = MappingProxyType({"mdct-10ms-c80": Mdct})
"""The embedded ones, without weights. Those with weights are rows in `family.py`."""


def picture_encoder(name: str, model: EncoderModel | None) -> PictureEncoder:
    """Load an encoder of pictures; `settled` has seen to it that the two belong together."""
    if model is None:
        return PICTURE_ENCODERS[name]()
    from curate.encode.autoencoder import Autoencoder  # noqa: PLC0415  torch, where it is used

    return Autoencoder(name, model)


def sound_encoder(name: str, model: EncoderModel | None) -> SoundEncoder:
    """The same for sound."""
    if model is None:
        return SOUND_ENCODERS[name]()
    from curate.encode.codec import Codec  # noqa: PLC0415  torch

    return Codec(name, model)


def settled(what: str, name: str, model: EncoderModel | None) -> None:
    """RecipeError where there is no encoder `what` ("picture" or "sound") of that name, or it lacks its weights."""
    embedded, learned = (PICTURE_ENCODERS, PICTURES) if what == "picture" else (SOUND_ENCODERS, SOUNDS)
    if name not in embedded and name not in learned:
        raise RecipeError(f"no encoder {name!r} of {what}; there are: {', '.join([*embedded, *learned])}")
    if (name in learned) != (model is not None):
        wants = "needs weights: give their folder and sha256 in" if name in learned else "has no weights: leave out"
        raise RecipeError(f"encode.{what}: {name} {wants} encode.{what}_model")
