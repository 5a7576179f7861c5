"""Tiny encoders with random weights, saved as real ones are, with the channels and strides of the real ones.

Run in .venv-models: `python -m tests.encode.tiny FOLDER [NAME...]`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

EIGHT = {"block_out_channels": (8,) * 4, "norm_num_groups": 4, "layers_per_block": 1}
DOWN, UP = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4


def wan(**more: Any) -> Any:
    return diffusers.AutoencoderKLWan(base_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1, **more)


def wan_2_2() -> Any:
    rest = {"decoder_base_dim": 8, "is_residual": True, "patch_size": 2, "in_channels": 12, "out_channels": 12}
    constants = {"latents_mean": [0.01 * n for n in range(48)], "latents_std": [0.5 + 0.01 * n for n in range(48)]}
    return wan(z_dim=48, scale_factor_spatial=16, **rest, **constants)


def still(channels: int, scale: float, shift: float | None = None) -> Any:
    quant = channels == 4
    return diffusers.AutoencoderKL(
        down_block_types=DOWN, up_block_types=UP, latent_channels=channels, scaling_factor=scale, shift_factor=shift,
        use_quant_conv=quant, use_post_quant_conv=quant, **EIGHT,
    )  # fmt: skip


def ltx() -> Any:
    model = diffusers.AutoencoderKLLTXVideo(
        block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4, layers_per_block=(1,) * 5,
        decoder_layers_per_block=(1,) * 5,
    )  # fmt: skip
    model.latents_mean.copy_(torch.linspace(-0.5, 0.5, 128))
    model.latents_std.copy_(torch.linspace(0.5, 2, 128))
    return model


def mochi() -> Any:
    return diffusers.AutoencoderKLMochi(
        encoder_block_out_channels=(32,) * 4, decoder_block_out_channels=(32,) * 4, layers_per_block=(1,) * 5
    )


def cosmos() -> Any:
    return diffusers.AutoencoderKLCosmos(
        encoder_block_out_channels=(8,) * 4, decode_block_out_channels=(8,) * 4, num_layers=1,
        attention_resolutions=(8,), resolution=64,
    )  # fmt: skip


def oobleck() -> Any:
    return diffusers.AutoencoderOobleck(
        encoder_hidden_size=128, channel_multiples=[1] * 5, decoder_channels=8, decoder_input_channels=64
    )


def encodec() -> Any:
    config = transformers.EncodecConfig(num_filters=4, hidden_size=16, codebook_dim=16, num_lstm_layers=1)
    model = transformers.EncodecModel(config)
    for layer in model.quantizer.layers:  # they come as zeros
        layer.codebook.embed.normal_(0, 0.1)
    return model


def dac() -> Any:
    config = {"encoder_hidden_size": 8, "decoder_hidden_size": 64, "n_codebooks": 9, "sampling_rate": 44100}
    return transformers.DacModel(transformers.DacConfig(**config))


MODELS: dict[str, Callable[[], Any]] = {
    "wan-2.1": wan,
    "wan-2.2": wan_2_2,
    "hunyuan-video": lambda: diffusers.AutoencoderKLHunyuanVideo(latent_channels=16, **EIGHT),
    "hunyuan-video-1.5": lambda: diffusers.AutoencoderKLHunyuanVideo15(
        block_out_channels=(16, 16, 32, 64, 64), layers_per_block=1
    ),
    "cogvideox-2b": lambda: diffusers.AutoencoderKLCogVideoX(latent_channels=16, **EIGHT),
    "cogvideox-5b": lambda: diffusers.AutoencoderKLCogVideoX(latent_channels=16, scaling_factor=0.7, **EIGHT),
    "cosmos-1.0": cosmos,
    "ltx-video": ltx,
    "mochi": mochi,
    "flux": lambda: still(16, 0.3611, 0.1159),
    "sd3": lambda: still(16, 1.5305, 0.0609),
    "sdxl": lambda: still(4, 0.13025),
    "qwen-image": lambda: diffusers.AutoencoderKLQwenImage(base_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
    "oobleck": oobleck,
    "dac-44khz": dac,
    "encodec-24khz": encodec,
}


def main() -> None:
    root, *names = sys.argv[1:]
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    for name in names or MODELS:
        torch.manual_seed(0)
        MODELS[name]().eval().save_pretrained(Path(root) / name)


if __name__ == "__main__":
    main()
