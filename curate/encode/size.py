"""What latents weigh: bytes of a tensor, and of a second, by contract, before anything is encoded."""

import math
from dataclasses import dataclass

from curate.encode.bucket import Bucket
from curate.encode.contract import DType, EncoderSpec
from curate.encode.encoder import PICTURE_ENCODERS, SOUND_ENCODERS
from curate.encode.family import PICTURES, SOUNDS
from curate.encode.stored import ITEM_BYTES, SCALE_BYTES


@dataclass(frozen=True, slots=True)
class Footprint:
    """What of an encoder's contract tells the size of its tensors."""

    channels: int
    time_stride: int
    space_stride: int | None  # None: sound
    dtype: DType


Measured = Footprint | EncoderSpec


def footprint(name: str, stored: DType = "float16", log_variance: bool = False) -> Footprint:
    """Of an encoder of `encode.picture` or `encode.sound`, without its weights."""
    halves = 2 if log_variance else 1
    if name in PICTURES:
        family = PICTURES[name]
        return Footprint(family.channels * halves, family.time_stride, family.space_stride, stored)
    if name in SOUNDS:
        sound = SOUNDS[name]
        return Footprint(sound.channels * halves, sound.hop, None, "int16" if sound.codes else stored)
    spec = PICTURE_ENCODERS[name]().spec if name in PICTURE_ENCODERS else SOUND_ENCODERS[name]().spec
    return Footprint(spec.channels, spec.time_stride, spec.space_stride, spec.dtype)


def picture_bytes(spec: Measured, bucket: Bucket) -> int:
    """Of the tensor of a clip or still; shards add some 300 bytes to each."""
    stride = spec.space_stride or 1
    steps = 1 + math.ceil((bucket.frames - 1) / spec.time_stride)
    return _bytes(spec.channels, steps * (bucket.height // stride) * (bucket.width // stride), spec.dtype)


def sound_bytes(spec: Measured, samples: int) -> int:
    """Of the tensor of so many samples; the embedded transform has one frame more."""
    return _bytes(spec.channels, math.ceil(samples / spec.time_stride), spec.dtype)


def _bytes(channels: int, cells: int, dtype: DType) -> int:
    return channels * cells * ITEM_BYTES[dtype] + (SCALE_BYTES * channels if dtype == "int8" else 0)


def bytes_per_s(spec: Measured, bucket: Bucket, rate_hz: float) -> float:
    """Of a second of video in clips of that bucket, seen `rate_hz` times a second."""
    return picture_bytes(spec, bucket) / (bucket.frames / rate_hz)


def sound_bytes_per_s(spec: Measured, rate_hz: int) -> float:
    """Of a second of sound."""
    return _bytes(spec.channels, 1, spec.dtype) * rate_hz / spec.time_stride
