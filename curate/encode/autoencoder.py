"""A VAE of pictures with weights, run by the row of its family: the same code for all of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from curate.encode.contract import EncoderSpec, Normalisation
from curate.encode.encoder import Values
from curate.encode.family import PICTURES, PictureFamily
from curate.encode.loading import DTYPES, device, loaded
from curate.encode.model import EncoderModel
from curate.errors import RecipeError
from curate.weights import checked

VERSION = 1
KEY = "encode.picture_model"


class Autoencoder:
    """Frames of several clips of one bucket to tensors, and back.

    Whole: nothing is cut in space or time but by what a model does itself, which is causal and loses nothing (Wan and
    Qwen-Image keep features from one group of frames to the next, CogVideoX those of convolutions).
    """

    def __init__(self, name: str, model: EncoderModel) -> None:
        family = PICTURES[name]
        _possible(name, family, model)
        folder = checked(model.folder, model.sha256, KEY)
        self._vae = loaded(folder, "diffusers", family.class_name, family.config, model.compute, KEY)
        if model.compute == "float16" and getattr(self._vae.config, "force_upcast", False):
            raise RecipeError(
                f"{KEY}.compute: {name} overflows in float16 (force_upcast); bfloat16 or float32 is wanted"
            )
        self._family, self._model = family, model
        self._dtype, self._device = DTYPES[model.compute], device()
        self._flat = family.class_name == "AutoencoderKL"  # pictures have no time
        if family.singly:
            self._vae.enable_slicing()
        constants = _constants(self._vae, family, model.normalised)
        self._shift, self._scale = (self._by_channel(part) for part in (constants.shift, constants.scale))
        self.spec = EncoderSpec(
            id=name,
            version=VERSION,
            weights_hash=model.sha256,
            channels=family.channels * (2 if model.log_variance else 1),
            time_stride=family.time_stride,
            space_stride=family.space_stride,
            frame_rule=f"1+{family.frame_step}n" if family.frame_step else "1",
            causal=family.causal,
            compute=model.compute,
            dtype=model.stored,
            tiling=_tiling(self._vae, model.tiled),
            normalisation=constants,
            posterior="mean, log-variance" if model.log_variance else "mean" if family.has_variance else "exact",
        )

    def _by_channel(self, values: Sequence[float]) -> torch.Tensor:
        """[1, C or 1, frames or 1, 1, 1]"""
        channels = self._family.channels if len(values) > 1 else 1
        return torch.tensor(values, dtype=torch.float32, device=self._device).view(1, channels, -1, 1, 1)

    def _constants(self, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Shift and scale of so many latent frames."""
        known = self._shift.shape[2]
        if known == 1:
            return self._shift, self._scale
        if steps > known:
            raise RecipeError(f"encode.frames: {self.spec.id} has constants for {known} latent frames, not for {steps}")
        return self._shift[:, :, :steps], self._scale[:, :, :steps]

    def encode(self, frames: NDArray[np.uint8]) -> Values:
        """frames: [B, T, H, W, 3] to [B, C, T', H', W']."""
        pixels = torch.from_numpy(np.ascontiguousarray(frames)).to(self._device)
        pixels = (pixels.permute(0, 4, 1, 2, 3).float() / 127.5 - 1).to(self._dtype)
        with torch.inference_mode():
            try:
                found = self._vae.encode(pixels[:, :, 0] if self._flat else pixels).latent_dist
            except torch.OutOfMemoryError as error:
                raise RecipeError(f"{KEY}: {error}; lower encode.batch_pixels, or set {KEY}.tiled") from error
            tensor = self._normalised(self._timed(found.mode()))
            if self._model.log_variance:
                tensor = torch.cat([tensor, self._log_variance(self._timed(found.logvar))], 1)
        return np.asarray(tensor.cpu().numpy(), np.float32)

    def _timed(self, tensor: Any) -> torch.Tensor:
        return (tensor[:, :, None] if self._flat else tensor).float()

    def _normalised(self, tensor: torch.Tensor) -> torch.Tensor:
        shift, scale = self._constants(tensor.shape[2])
        return (tensor - shift) * scale if self._model.normalised else tensor

    def _log_variance(self, tensor: torch.Tensor) -> torch.Tensor:
        _, scale = self._constants(tensor.shape[2])
        return tensor + 2 * scale.abs().log() if self._model.normalised else tensor

    def decode(self, latents: Values) -> NDArray[np.uint8]:
        """[B, C, T', H', W'] to frames [B, T, H, W, 3]."""
        tensor = torch.from_numpy(np.ascontiguousarray(latents[:, : self._family.channels])).to(self._device)
        if self._model.normalised:
            shift, scale = self._constants(tensor.shape[2])
            tensor = tensor / scale + shift
        tensor = tensor.to(self._dtype)
        # decoders of LTX-Video 0.9.1 and later want to know how much noise is left: none
        noise = (torch.zeros(len(tensor), device=self._device, dtype=self._dtype),)
        more = noise if getattr(self._vae.config, "timestep_conditioning", False) else ()
        with torch.inference_mode():
            found = self._vae.decode(tensor[:, :, 0] if self._flat else tensor, *more).sample
            pixels = ((self._timed(found) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        return np.asarray(pixels.permute(0, 2, 3, 4, 1).cpu().numpy(), np.uint8)


def _possible(name: str, family: PictureFamily, model: EncoderModel) -> None:
    if model.log_variance and not family.has_variance:
        raise RecipeError(f"{KEY}.log_variance: {name} gives no distribution")
    if model.tiled and not family.tiles:
        raise RecipeError(f"{KEY}.tiled: tiling changes nothing in {name}; leave it out")


def _constants(vae: Any, family: PictureFamily, applied: bool) -> Normalisation:
    if family.constants == "scale":
        shift = getattr(vae.config, "shift_factor", None)
        return Normalisation(applied, (shift or 0.0,), (vae.config.scaling_factor,))
    holder = vae.config if family.constants == "config" else vae
    mean, std = (
        tuple(torch.as_tensor(getattr(holder, name)).double().flatten().tolist())
        for name in ("latents_mean", "latents_std")
    )
    if len(mean) % family.channels or len(std) != len(mean) or min(std, default=0.0) <= 0:
        raise RecipeError(
            f"{KEY}: {family.class_name} has {len(mean)} means and {len(std)} deviations of {family.channels} channels"
        )
    return Normalisation(applied, mean, tuple(1 / value for value in std))


def _tiling(vae: Any, tiled: bool) -> str | None:
    """Tile as the library does, and say how; or not at all: HunyuanVideo blends windows of time if it is let."""
    if not tiled:
        for name in ("use_framewise_encoding", "use_framewise_decoding"):
            if hasattr(vae, name):
                setattr(vae, name, False)
        return None
    vae.enable_tiling()
    names = sorted(name for name in vars(vae) if name.startswith(("tile_", "use_framewise_")))
    return ", ".join(f"{name}={getattr(vae, name)}" for name in names)
