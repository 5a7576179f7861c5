"""Where an encoded tensor lies, and the cuts and plans that lead to it."""

from dataclasses import dataclass
from typing import Literal

from schemas.media import Blob
from schemas.row import volatile


@dataclass(frozen=True, slots=True)
class Latent:
    """One clip encoded under one contract. The tensor is the bytes of `blob`: raw, C order, little endian."""

    clip_id: str
    encoder: str
    content_key: str  # sha256 over clip, crop and the whole contract: a stale latent cannot be read by accident
    contract: str  # JSON
    modality: Literal["video", "still", "audio"]
    bucket: str  # "17x256x384": frames x height x width of the encoder's input
    shape: tuple[int, ...]  # of the tensor; video [C, T, H, W], audio [C, T]
    dtype: Literal["float16", "float32", "bfloat16", "int8", "int16"]  # int8: after a float32 scale for each channel
    start_us: int  # the span that the tensor covers
    end_us: int
    step_us: tuple[int, ...]  # start time of each latent frame, media time
    psnr_db: float | None  # decoded back against the input; None: not tried
    sha256: str  # of the tensor's bytes
    blob: Blob | None = volatile(default=None)  # None until a sink has stored the bytes


@dataclass(frozen=True, slots=True)
class Pick:
    """One clip in one named cut."""

    cut: str
    cut_hash: str  # content of the whole cut: what a paper pins
    clip_id: str
    kept: bool
    reason: str | None  # the first rule that dropped it
    reasons: tuple[str, ...]  # all of them
    side: Literal["train", "validation"]
    group: str | None  # the clip that is kept of its near-duplicates, or the evaluation clip that it resembles
    bucket: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """One slot of one step of one training plan."""

    plan_hash: str
    step: int
    slot: int
    epoch: int
    clip_id: str
    bucket: str
    caption_id: str | None
    variant: Literal["dense", "medium", "short", "tags", "none"]
    content_key: str
    audio_content_key: str | None
    bytes: int
