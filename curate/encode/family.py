"""The learned encoders that are known, one row each: what their models have in common, whatever the weights.

A folder's own configuration is held against its row when it is loaded. Licences are those of the weights as first
published; what comes with a folder is what counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Plain = str | int | float | bool | None
Config = tuple[tuple[str, Plain | tuple[Plain, ...]], ...]


@dataclass(frozen=True, slots=True)
class PictureFamily:
    """A VAE of diffusers. `config`: what its configuration must say, key by key."""

    class_name: str
    channels: int
    time_stride: int
    space_stride: int
    frame_step: int  # it takes 1 + frame_step * n frames, and gives as many back; 0: stills alone
    causal: bool
    constants: Literal["config", "buffers", "scale"]  # mean and std by channel, there; or one shift and scale
    config: Config
    licence: str
    psnr_db: float  # a shard whose mean is below this was encoded wrongly
    ssim: float
    has_variance: bool = True
    tiles: bool = True  # whether its tiling does anything
    singly: bool = False  # its code takes one clip at a time


@dataclass(frozen=True, slots=True)
class SoundFamily:
    """A VAE of diffusers, or a codec of transformers, whose codes are stored."""

    library: Literal["diffusers", "transformers"]
    class_name: str
    channels: int  # codes: codebooks
    hop: int
    rate_hz: int
    layout: Literal["mono", "stereo"]
    causal: bool
    config: Config
    licence: str
    bandwidth_kbps: float | None = None  # EnCodec: how many of its codebooks are used

    @property
    def codes(self) -> bool:
        return self.library == "transformers"


def _wan(channels: int, space_stride: int, *more: tuple[str, Plain]) -> Config:
    sizes = (("z_dim", channels), ("scale_factor_spatial", space_stride), ("scale_factor_temporal", 4))
    return *sizes, *more


def _still(channels: int, scale: float, shift: float | None = None) -> Config:
    return ("latent_channels", channels), ("scaling_factor", scale), ("shift_factor", shift)


PICTURES: Mapping[str, PictureFamily] = MappingProxyType(
    {
        "wan-2.1": PictureFamily(  # Wan 2.2's A14B models use it too
            "AutoencoderKLWan", 16, 4, 8, 4, True, "config", _wan(16, 8, ("is_residual", False)), "Apache-2.0", 24, 0.7,
        ),
        "wan-2.2": PictureFamily(  # of the 5B model
            "AutoencoderKLWan", 48, 4, 16, 4, True, "config", _wan(48, 16, ("is_residual", True), ("patch_size", 2)),
            "Apache-2.0", 24, 0.7,
        ),
        "hunyuan-video": PictureFamily(
            "AutoencoderKLHunyuanVideo", 16, 4, 8, 4, False, "scale",  # its group norms see all frames
            (("latent_channels", 16), ("temporal_compression_ratio", 4), ("spatial_compression_ratio", 8),
             ("scaling_factor", 0.476986)),
            "Tencent Hunyuan Community License", 24, 0.7,
        ),
        "hunyuan-video-1.5": PictureFamily(
            "AutoencoderKLHunyuanVideo15", 32, 4, 16, 4, True, "scale",
            (("latent_channels", 32), ("temporal_compression_ratio", 4), ("spatial_compression_ratio", 16),
             ("scaling_factor", 1.03682)),
            "Tencent Hunyuan Community License", 24, 0.7, singly=True,
        ),
        "cogvideox-2b": PictureFamily(  # takes frames eight at a time; of the 2 latent frames of 5 it would give 8 back
            "AutoencoderKLCogVideoX", 16, 4, 8, 8, False, "scale",
            (("latent_channels", 16), ("temporal_compression_ratio", 4), ("scaling_factor", 1.15258426)),
            "Apache-2.0", 24, 0.7,
        ),
        "cogvideox-5b": PictureFamily(
            "AutoencoderKLCogVideoX", 16, 4, 8, 8, False, "scale",
            (("latent_channels", 16), ("temporal_compression_ratio", 4), ("scaling_factor", 0.7)),
            "CogVideoX License", 24, 0.7,
        ),
        "cosmos-1.0": PictureFamily(
            "AutoencoderKLCosmos", 16, 8, 8, 8, True, "config",
            (("latent_channels", 16), ("temporal_compression_ratio", 8), ("spatial_compression_ratio", 8)),
            "NVIDIA Open Model License", 22, 0.6, has_variance=False, tiles=False,
        ),
        "ltx-video": PictureFamily(
            "AutoencoderKLLTXVideo", 128, 8, 32, 8, True, "buffers",
            (("latent_channels", 128), ("patch_size", 4), ("encoder_causal", True), ("scaling_factor", 1.0)),
            "LTX-Video Open Weights License", 22, 0.6,
        ),
        "mochi": PictureFamily(
            "AutoencoderKLMochi", 12, 6, 8, 6, True, "config",
            (("latent_channels", 12), ("temporal_expansions", (1, 2, 3)), ("spatial_expansions", (2, 2, 2)),
             ("scaling_factor", 1.0)),
            "Apache-2.0", 24, 0.7,
        ),
        "flux": PictureFamily(
            "AutoencoderKL", 16, 1, 8, 0, True, "scale", _still(16, 0.3611, 0.1159), "Apache-2.0 (schnell)", 24, 0.7,
        ),
        "sd3": PictureFamily(
            "AutoencoderKL", 16, 1, 8, 0, True, "scale", _still(16, 1.5305, 0.0609), "Stability AI Community License",
            24, 0.7,
        ),
        "sdxl": PictureFamily(
            "AutoencoderKL", 4, 1, 8, 0, True, "scale", _still(4, 0.13025), "CreativeML Open RAIL++-M", 22, 0.6,
        ),
        "qwen-image": PictureFamily(
            "AutoencoderKLQwenImage", 16, 1, 8, 0, True, "config", (("z_dim", 16),), "Apache-2.0", 24, 0.7,
        ),
    }
)  # fmt: skip
"""By the name that a recipe gives: `encode.picture`."""

SOUNDS: Mapping[str, SoundFamily] = MappingProxyType(
    {
        "oobleck": SoundFamily(
            "diffusers", "AutoencoderOobleck", 64, 2048, 44_100, "stereo", False,
            (("decoder_input_channels", 64), ("downsampling_ratios", (2, 4, 4, 8, 8)), ("audio_channels", 2),
             ("sampling_rate", 44_100)),
            "Stability AI Community License",
        ),
        "dac-44khz": SoundFamily(
            "transformers", "DacModel", 9, 512, 44_100, "mono", False,
            (("n_codebooks", 9), ("codebook_size", 1024), ("downsampling_ratios", (2, 4, 8, 8)),
             ("sampling_rate", 44_100)),
            "MIT",
        ),
        "encodec-24khz": SoundFamily(
            "transformers", "EncodecModel", 8, 320, 24_000, "mono", True,
            (("codebook_size", 1024), ("upsampling_ratios", (8, 5, 4, 2)), ("sampling_rate", 24_000),
             ("audio_channels", 1), ("normalize", False), ("use_causal_conv", True)),
            "MIT", bandwidth_kbps=6.0,
        ),
    }
)  # fmt: skip
"""By the name that a recipe gives: `encode.sound`."""
