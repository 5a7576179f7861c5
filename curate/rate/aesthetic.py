"""Aesthetic quality: a small head on CLIP's view of the picture, as LAION's predictors are."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curate.errors import RecipeError
from curate.rate.rating import Pictures, Rater, Rating, Values, by_clip
from curate.weights import checked

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]


def aesthetic(rater: Rater) -> Rating:
    """Metric `<name>`: what the head says, on the scale it was trained on (LAION's: 1..10); high: people like it."""
    from curate.rate.transformer import ClipModel  # noqa: PLC0415  torch, where it is used

    key = f"rate: rater {rater.metric}"
    if rater.head is None:
        raise RecipeError(f"{key} needs a head: a safetensors file of linear layers")
    layers = linear_layers(checked(rater.head, rater.head_sha256, f"{key}, head"))
    model = ClipModel(checked(rater.model, rater.sha256, key))

    def rate(clips: Sequence[Pictures]) -> list[Mapping[str, Values]]:
        seen = model.pictures([frame for one in clips for frame in one])
        for weight, bias in layers:
            if seen.shape[1] != weight.shape[1]:
                raise RecipeError(
                    f"{key}: a layer of the head takes {weight.shape[1]} numbers and gets {seen.shape[1]}"
                )
            seen = seen @ weight.T + bias
        return [{rater.metric: part} for part in by_clip(seen[:, 0], clips)]

    return rate


def linear_layers(path: Path) -> list[Layer]:
    """`*.weight` and `*.bias`, in the order of the numbers in their names, with nothing between them."""
    from safetensors.numpy import load_file  # noqa: PLC0415  comes with transformers

    tensors = load_file(path)
    names = sorted((name for name in tensors if name.endswith("weight")), key=_numbers)
    layers = [(tensors[name], tensors[name.removesuffix("weight") + "bias"]) for name in names]
    if not layers or layers[-1][0].shape[0] != 1:
        raise RecipeError(f"{path} is no head: linear layers that end in one number are wanted, it has {list(tensors)}")
    return layers


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]
