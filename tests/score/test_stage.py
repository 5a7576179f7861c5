"""The stage ScoreClip."""

import json
import math
import pickle

import pytest

from curate.errors import RecipeError
from curate.score.clip_strip import ClipStrip
from curate.score.metrics import METRICS
from curate.score.stage import ScoreClip
from tests.score.windows import clip, moving
from tests.split.strips import hold, media, scene, strip


def test_each_metric_that_can_be_measured_is_one_row() -> None:
    measured = moving(pan_x_px_s=20.0, motion_px_s=20.0)
    (outcome,) = ScoreClip().open()([ClipStrip(clip(measured), media(), measured)])
    names = [row.metric for row in outcome.rows]
    assert outcome.failure is None
    assert len(set(names)) == len(names)
    sound = {"loudness", "level_peak", "silence_share", "clipping_share", "speech_share", "bits_per_pixel"}
    assert set(names) == set(METRICS) - sound
    for row in outcome.rows:
        assert row.clip_id == outcome.input_id
        assert math.isfinite(row.value)
        assert row.detail is None or json.loads(row.detail) is not None


def test_the_metrics_of_a_recipe_are_measured_in_its_order() -> None:
    measured = strip(hold(scene(1), 10))
    (outcome,) = ScoreClip(metrics=("contrast", "brightness")).open()([ClipStrip(clip(measured), media(), measured)])
    assert [row.metric for row in outcome.rows] == ["contrast", "brightness"]


def test_an_unknown_metric_is_refused_with_the_choice() -> None:
    with pytest.raises(RecipeError, match=r"beauty; choose from motion, "):
        ScoreClip(metrics=("beauty",)).open()


def test_every_metric_says_what_it_means() -> None:
    for name, metric in METRICS.items():
        assert metric.__name__ == name
        assert metric.__doc__
        assert len(metric.__doc__) > 40


def test_the_stage_is_plain_data() -> None:
    assert pickle.loads(pickle.dumps(ScoreClip())) == ScoreClip()  # noqa: S301
