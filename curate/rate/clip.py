"""CLIP: how well each prompt describes the picture."""

from collections.abc import Mapping, Sequence

import numpy as np

from curate.errors import RecipeError
from curate.rate.rating import Pictures, Rater, Rating, Values, by_clip
from curate.weights import checked


def clip(rater: Rater) -> Rating:
    """Metric `<name>/<prompt>`: cosine of picture and prompt, -1..1; high: it describes the picture."""
    from curate.rate.transformer import ClipModel  # noqa: PLC0415  torch, where it is used

    if not rater.prompts:
        raise RecipeError(f"rate: rater {rater.metric} needs prompts to compare pictures with")
    model = ClipModel(checked(rater.model, rater.sha256, f"rate: rater {rater.metric}"))
    texts = model.texts(rater.prompts)
    metrics = [f"{rater.metric}/{prompt}" for prompt in rater.prompts]

    def rate(clips: Sequence[Pictures]) -> list[Mapping[str, Values]]:
        alike = model.pictures([frame for one in clips for frame in one]) @ texts.T
        return [dict(zip(metrics, np.ascontiguousarray(part.T), strict=True)) for part in by_clip(alike, clips)]

    return rate
