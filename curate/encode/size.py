"""What latents weigh: bytes of a tensor, and of a second, by contract, before anything is encoded."""

import math

from curate.encode.bucket import Bucket
from curate.encode.contract import DType, EncoderSpec
from curate.encode.stored import ITEM_BYTES, SCALE_BYTES


def picture_bytes(spec: EncoderSpec, bucket: Bucket) -> int:
    """Of the tensor of a clip or still; shards add some 300 bytes to each."""
    stride = spec.space_stride or 1
    steps = 1 + math.ceil((bucket.frames - 1) / spec.time_stride)
    return _bytes(spec.channels, steps * (bucket.height // stride) * (bucket.width // stride), spec.dtype)


def sound_bytes(spec: EncoderSpec, samples: int) -> int:
    """Of the tensor of so many samples; the embedded transform has one frame more."""
    return _bytes(spec.channels, math.ceil(samples / spec.time_stride), spec.dtype)


def _bytes(channels: int, cells: int, dtype: DType) -> int:
    return channels * cells * ITEM_BYTES[dtype] + (SCALE_BYTES * channels if dtype == "int8" else 0)


def bytes_per_s(spec: EncoderSpec, bucket: Bucket, rate_hz: float) -> float:
    """Of a second of video in clips of that bucket, seen `rate_hz` times a second."""
    return picture_bytes(spec, bucket) / (bucket.frames / rate_hz)


def sound_bytes_per_s(spec: EncoderSpec, rate_hz: int) -> float:
    """Of a second of sound."""
    return _bytes(spec.channels, 1, spec.dtype) * rate_hz / spec.time_stride
