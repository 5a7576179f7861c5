"""How each family of models is shown a clip: data, one entry a model.

Pixels and frames are what the model was made for, from its published processor; licences are those of its model card.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sight:
    """What a model is shown of one window of a clip. In a recipe, None is what the model's profile says.

    The pixels of a frame are `budget_pixels` shared by the frames of the window, from `min_pixels` to `max_pixels`. A
    clip that would have fewer pixels a frame, or more than `max_frames`, is shown in several windows.
    """

    rate_hz: float | None = None  # frames a second; the first and the last of a window are always among them
    max_frames: int | None = None  # of a window; as all of this table, None: as the profile says
    min_pixels: int | None = None  # of a frame
    max_pixels: int | None = None  # of a frame
    budget_pixels: int | None = None  # of all frames together
    multiple_px: int | None = None  # of width and height
    shown_as: Literal["images", "video"] | None = None  # how frames are given to the model
    clock: Literal["named", "burnt"] | None = None  # burnt: the time stands in the picture too
    sound: bool | None = None  # whether the model hears

    def over(self, other: "Sight") -> "Sight":
        """`other`, with all that is not None here laid over it."""
        said = {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}
        return replace(other, **said)


@dataclass(frozen=True, slots=True)
class Profile:
    """A model: how it is best shown a clip, how much it can take, and under which licence its weights are given."""

    sight: Sight
    context_tokens: int
    licence: str
    source: str


_QWEN3 = Sight(2.0, 256, 32 * 32 * 96, 32 * 32 * 768, 25_165_824, 32, "video", "named", sound=False)
_QWEN25 = Sight(2.0, 256, 28 * 28 * 128, 28 * 28 * 768, 16_000_000, 28, "video", "named", sound=False)
_INTERN = Sight(2.0, 32, 448 * 448, 448 * 448, 32 * 448 * 448, 448, "images", "named", sound=False)
_APACHE = "Apache-2.0"

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "qwen3-vl-2b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-2B-Instruct"),
        "qwen3-vl-4b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-4B-Instruct"),
        "qwen3-vl-8b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-8B-Instruct"),
        "qwen3-vl-32b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-32B-Instruct"),
        "qwen3-vl-30b-a3b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-30B-A3B-Instruct"),
        "qwen3-vl-235b-a22b": Profile(_QWEN3, 262_144, _APACHE, "Qwen/Qwen3-VL-235B-A22B-Instruct"),
        "qwen2.5-vl-7b": Profile(_QWEN25, 128_000, _APACHE, "Qwen/Qwen2.5-VL-7B-Instruct"),
        "qwen2.5-vl-32b": Profile(_QWEN25, 128_000, _APACHE, "Qwen/Qwen2.5-VL-32B-Instruct"),
        "qwen2.5-vl-72b": Profile(_QWEN25, 128_000, "Qwen licence", "Qwen/Qwen2.5-VL-72B-Instruct"),
        "internvl3.5-8b": Profile(_INTERN, 40_960, _APACHE, "OpenGVLab/InternVL3_5-8B-HF"),
        "internvl3.5-38b": Profile(_INTERN, 40_960, _APACHE, "OpenGVLab/InternVL3_5-38B-HF"),
        "qwen2.5-omni-7b": Profile(replace(_QWEN25, sound=True), 32_768, _APACHE, "Qwen/Qwen2.5-Omni-7B"),
        "qwen3-omni-30b-a3b": Profile(replace(_QWEN3, sound=True), 65_536, _APACHE, "Qwen/Qwen3-Omni-30B-A3B-Instruct"),
    }
)
