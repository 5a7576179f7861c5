"""A VAE or codec of sound with weights, run by the row of its family."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec
from curate.encode.encoder import Values, Waves
from curate.encode.family import SOUNDS, SoundFamily
from curate.encode.loading import DTYPES, device, loaded
from curate.encode.model import EncoderModel
from curate.errors import RecipeError
from curate.weights import checked

VERSION = 1
KEY = "encode.sound_model"


class Codec:
    """Sounds of one length to tensors, and back. Silence is added up to a whole hop."""

    def __init__(self, name: str, model: EncoderModel) -> None:
        family = SOUNDS[name]
        _possible(name, family, model)
        folder = checked(model.folder, model.sha256, KEY)
        self._model = loaded(folder, family.library, family.class_name, family.config, model.compute, KEY)
        self._family, self._log_variance = family, model.log_variance
        self._dtype, self._device = DTYPES[model.compute], device()
        self.rate_hz, self.layout = family.rate_hz, family.layout
        self.spec = EncoderSpec(
            id=name,
            version=VERSION,
            weights_hash=model.sha256,
            channels=family.channels * (2 if model.log_variance else 1),
            time_stride=family.hop,
            space_stride=None,
            frame_rule=f"{family.hop}n",
            causal=family.causal,
            compute=model.compute,
            dtype="int16" if family.codes else model.stored,
            tiling=None,
            normalisation=None,
            posterior="codes" if family.codes else "mean, log-variance" if model.log_variance else "mean",
        )

    def encode(self, waves: Waves) -> Values:
        """waves: [B, C, N] -1..1 to [B, C', T']; codes are whole numbers."""
        short = -waves.shape[-1] % self._family.hop
        padded = np.pad(waves, ((0, 0), (0, 0), (0, short)))
        with torch.inference_mode():
            found = self._encoded(torch.from_numpy(padded).to(self._device, self._dtype))
        return np.asarray(found.float().cpu().numpy(), np.float32)

    def _encoded(self, waves: torch.Tensor) -> Any:
        if self._family.bandwidth_kbps is not None:
            return self._model.encode(waves, bandwidth=self._family.bandwidth_kbps).audio_codes[0]
        if self._family.codes:
            return self._model.encode(waves).audio_codes
        found = self._model.encode(waves).latent_dist
        return torch.cat([found.mean, found.logvar], 1) if self._log_variance else found.mean

    def decode(self, latents: Values, samples: int) -> Waves:
        """[B, C', T'] to the first `samples` samples, [B, C, N]."""
        tensor = torch.from_numpy(np.ascontiguousarray(latents[:, : self._family.channels])).to(self._device)
        with torch.inference_mode():
            waves = self._decoded(tensor).float().cpu().numpy()
        waves = waves.reshape(len(waves), -1, waves.shape[-1])[..., :samples]
        out = np.zeros((*waves.shape[:-1], samples), np.float32)  # a decoder may stop some samples short
        out[..., : waves.shape[-1]] = waves
        return out

    def _decoded(self, tensor: torch.Tensor) -> Any:
        if self._family.bandwidth_kbps is not None:
            return self._model.decode(tensor.long()[None], [None])[0]
        if self._family.codes:
            return self._model.decode(audio_codes=tensor.long()).audio_values
        return self._model.decode(tensor.to(self._dtype)).sample

    def step_us(self, steps: int) -> NDArray[np.int64]:
        """A latent frame begins with its hop."""
        hop_us = self._family.hop * 1e6 / self._family.rate_hz
        return np.asarray(np.rint(np.arange(steps) * hop_us), np.int64)


def _possible(name: str, family: SoundFamily, model: EncoderModel) -> None:
    if model.tiled:
        raise RecipeError(f"{KEY}.tiled: sound is encoded whole; leave it out")
    if family.codes and model.log_variance:
        raise RecipeError(f"{KEY}.log_variance: {name} gives codes, not a distribution")
