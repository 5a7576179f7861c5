"""What is asked of a model and what it replies, whoever runs it.

An engine is a stage from `Ask` to `Reply`: one outcome for each ask, in any order, by its id; nothing is dropped.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Pictures:
    """Frames in order of time. `pixels`: [T, height, width, 3] RGB, 0..255. `at_s`: T seconds on the clock of the clip.

    As "images" the time of each is written before it; as "video" the model's own processor is told the times.
    """

    at_s: tuple[float, ...]
    height: int
    width: int
    pixels: bytes
    shown_as: Literal["images", "video"] = "images"


@dataclass(frozen=True, slots=True)
class Wave:
    """One channel of sound. `samples`: float32, little-endian, -1..1."""

    rate_hz: int
    samples: bytes


Part = str | Pictures | Wave


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; temperature 0 takes the likeliest."""

    max_tokens: int = 4096  # of an answer, at most
    temperature: float = 0.0  # 0: the likeliest token
    top_p: float = 1.0  # drawn from the likeliest that make up this share
    seed: int = 0  # of the drawing


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `parts` are what the user says, in order; the answer is JSON of `schema` where there is one."""

    id: str
    parts: tuple[Part, ...]
    system: str | None = None
    schema: str | None = None  # JSON schema
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered. `whole` is False where it was cut off at `max_tokens` or at the end of its context."""

    ask_id: str
    text: str
    whole: bool
    tokens_in: int
    tokens_out: int
