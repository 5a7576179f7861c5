"""The stage ScoreClip."""

import json
import math
import pickle
from pathlib import Path

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
    sound = {
        "loudness", "loudness_range", "level_peak", "silence_share", "clipping_share", "speech_share",
        "audio_bandwidth", "stereo_width", "audio_offset", "av_sync", "sound_coverage",
    }  # fmt: skip
    details = {"noise", "blockiness", "combed_share", "dark_share", "bright_share", "detail_resolution"}
    unknown = sound | details | {"bits_per_pixel", "overlay_share", "repeat_share", "drift"}
    assert set(names) == set(METRICS) - unknown
    for row in outcome.rows:
        assert row.clip_id == outcome.input_id
        assert math.isfinite(row.value)
        assert row.detail is None or json.loads(row.detail) is not None


def test_the_metrics_of_a_recipe_are_measured_in_its_order() -> None:
    measured = strip(hold(scene(1), 10))
    (outcome,) = ScoreClip(metrics=("contrast", "brightness")).open()([ClipStrip(clip(measured), media(), measured)])
    assert [row.metric for row in outcome.rows] == ["contrast", "brightness"]


def test_an_unknown_metric_is_refused_with_the_choice() -> None:
    with pytest.raises(RecipeError, match=r"'beauty'; choose from motion, "):
        ScoreClip(metrics=("beauty",))


def test_every_metric_says_what_it_means() -> None:
    for name, metric in METRICS.items():
        assert metric.__name__ == name
        assert metric.__doc__
        assert len(metric.__doc__) > 40


README = Path(__file__).resolve().parents[2] / "curate" / "score" / "README.md"


def test_the_readme_lists_every_metric_once() -> None:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(METRICS)
    assert all(len(row.split("|")) == 5 and all(cell.strip() for cell in row.split("|")[1:4]) for row in rows)


def test_the_stage_is_plain_data() -> None:
    assert pickle.loads(pickle.dumps(ScoreClip())) == ScoreClip()  # noqa: S301
