"""Technical or overall quality, by any model of pictures or videos that gives a number or names classes."""

from collections.abc import Mapping, Sequence

from curate.rate.nsfw import places
from curate.rate.rating import Pictures, Rater, Rating, Values, by_clip
from curate.weights import checked


def quality(rater: Rater) -> Rating:
    """Metric `<name>`: the model's own number, or the probability of the labels, 0..1; high: as the model means it."""
    from curate.rate.transformer import Classifier, VideoClassifier, sees_videos  # noqa: PLC0415  torch

    folder = checked(rater.model, rater.sha256, f"rate: rater {rater.metric}")
    if sees_videos(folder):
        video = VideoClassifier(folder)
        wanted = _wanted(rater, video.labels)
        return lambda clips: [{rater.metric: video.answers(list(one))[:, wanted].sum(1)} for one in clips]
    model = Classifier(folder)
    at = _wanted(rater, model.labels)

    def rate(clips: Sequence[Pictures]) -> list[Mapping[str, Values]]:
        answers = model.answers([frame for one in clips for frame in one])[:, at].sum(1)
        return [{rater.metric: part} for part in by_clip(answers, clips)]

    return rate


def _wanted(rater: Rater, labels: Sequence[str]) -> list[int]:
    return [0] if len(labels) == 1 and not rater.labels else places(rater, labels)
