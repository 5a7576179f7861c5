"""What a rater is: how it is named in a recipe, and what it becomes when its weights are loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curate.stage import OPERATIONAL

RaterKind = Literal["clip", "aesthetic", "nsfw", "quality"]
Pictures = NDArray[np.uint8]
"""Frames of one clip: [T, H, W, 3] RGB, 0..255."""
Values = NDArray[np.float32]
"""[T], one for each frame; [1] from a model that sees all frames at once."""
Rating = Callable[[Sequence[Pictures]], Sequence[Mapping[str, Values]]]
"""Some clips to the values of each, by metric."""


@dataclass(frozen=True)
class Rater:
    """One model. `sha256` is that of the weights (`curate/weights.py`), wherever they lie."""

    kind: RaterKind  # what it says: how well it fits prompts, how fair it is, how naked, how good
    sha256: str  # of what is in the folder
    model: str = field(metadata=OPERATIONAL)  # a folder as transformers saves it, with safetensors
    name: str | None = None  # of its metric, or what its metrics begin with; None: its kind
    prompts: tuple[str, ...] = ()  # clip: what a picture is compared with
    labels: tuple[str, ...] = ()  # nsfw, quality: whose probabilities are added
    head: str | None = field(default=None, metadata=OPERATIONAL)  # aesthetic: a file of linear layers
    head_sha256: str | None = None  # of that file

    @property
    def metric(self) -> str:
        return self.name or self.kind


def by_clip(values: Values, clips: Sequence[Pictures]) -> list[Values]:
    """values: [N, ...] of the frames of all clips in a row. The part of each clip."""
    return np.split(values, np.cumsum([len(clip) for clip in clips])[:-1])
