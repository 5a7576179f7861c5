"""What a tensor was made under: all that would change it, as data, and the key that is the hash of that."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from curate.encode.bucket import Bucket
from curate.media.picture import Box

DType = Literal["float16", "float32", "bfloat16", "int8"]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """The part of a contract that is the encoder's own; equal specs give equal tensors for equal input."""

    id: str
    version: int
    weights_hash: str | None  # sha256 of the weight files; None: analytic, there are none
    channels: int
    time_stride: int  # input frames (or samples) a latent frame
    space_stride: int | None  # input pixels a latent cell, both ways; None: sound
    frame_rule: str  # which lengths of input it takes: "1+4n" frames
    causal: bool  # a latent frame depends on nothing after its own input frames
    dtype: DType
    tiling: str | None  # None: the picture was encoded whole
    normalisation: str | None  # what was applied to the latents; None: they are raw
    posterior: Literal["exact", "mean", "sample"]  # exact: the encoder has no distribution


@dataclass(frozen=True, slots=True)
class Contract:
    """How one clip became one tensor."""

    encoder: EncoderSpec
    span: str  # the rule that chose the span inside the clip
    rate_hz: float  # frames or samples a second of the encoder's input
    input: str  # how the input was brought to size: colour, filter, channels
    bucket: Bucket
    crop: Box | None  # the part of the displayed picture that was used; None: sound

    def json(self) -> str:
        """Canonical JSON: the same contract is the same text."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_key(media_id: str, start_us: int, end_us: int, contract: str) -> str:
    """The name of a tensor: sha256 over the bytes it came from, the span, and the whole contract."""
    return hashlib.sha256(json.dumps([media_id, start_us, end_us, contract]).encode()).hexdigest()
