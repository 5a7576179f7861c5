"""What a tensor was made under: all that would change it, as data, and the key that is the hash of that."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from curate.encode.bucket import Bucket
from curate.media.picture import Box

DType = Literal["float16", "float32", "bfloat16", "int8", "int16"]
Precision = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class Normalisation:
    """The constants of an encoder: normalised = (z - shift) * scale, where z is what the model gives.

    One number for all channels, or one for each; or, channel by channel, one for each of its first latent frames.
    """

    applied: bool  # whether the tensor holds normalised values, or z
    shift: tuple[float, ...]
    scale: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """The part of a contract that is the encoder's own; equal specs give equal tensors for equal input."""

    id: str
    version: int
    weights_hash: str | None  # sha256 of the weight files; None: analytic, there are none
    channels: int
    time_stride: int  # input frames (or samples) a latent frame
    space_stride: int | None  # input pixels a latent cell, both ways; None: sound
    frame_rule: str  # which lengths of input it takes: "1+4n" frames; "1": stills
    causal: bool  # a latent frame depends on nothing after its own input frames
    compute: Precision | None  # what the model calculated in; None: analytic
    dtype: DType  # int8: float32 scales, one a channel, then the values
    tiling: str | None  # None: the picture was encoded whole
    normalisation: Normalisation | None  # None: the encoder has no constants
    posterior: Literal["exact", "mean", "mean, log-variance", "codes"]  # log-variances are the later half of channels

    @property
    def frame_step(self) -> int:
        """n in a frame rule "1+n"; 0: stills."""
        return int(self.frame_rule[2:-1]) if self.frame_rule.startswith("1+") else 0


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
