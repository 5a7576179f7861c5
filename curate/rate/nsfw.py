"""What should not be shown at work, by any classifier of pictures."""

from collections.abc import Mapping, Sequence

from curate.errors import RecipeError
from curate.rate.rating import Pictures, Rater, Rating, Values, by_clip
from curate.weights import checked


def nsfw(rater: Rater) -> Rating:
    """Metric `<name>`: probability of the labels together, 0..1; high: the picture is one of those."""
    from curate.rate.transformer import Classifier  # noqa: PLC0415  torch, where it is used

    model = Classifier(checked(rater.model, rater.sha256, f"rate: rater {rater.metric}"))
    at = places(rater, model.labels)

    def rate(clips: Sequence[Pictures]) -> list[Mapping[str, Values]]:
        answers = model.answers([frame for one in clips for frame in one])[:, at].sum(1)
        return [{rater.metric: part} for part in by_clip(answers, clips)]

    return rate


def places(rater: Rater, labels: Sequence[str]) -> list[int]:
    """Where the rater's labels stand among those of its model."""
    wrong = [label for label in rater.labels if label not in labels]
    if wrong or not rater.labels:
        said = f"has no label {', '.join(wrong)}" if wrong else "needs labels"
        raise RecipeError(f"rate: rater {rater.metric} {said}; its model has {', '.join(labels)}")
    return [labels.index(label) for label in rater.labels]
