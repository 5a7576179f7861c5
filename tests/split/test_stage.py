"""The stage Split."""

import pickle
from typing import Any

import numpy as np
import pytest

from curate.errors import RecipeError
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from curate.stage import config
from schemas.clip import Clip
from tests.split.strips import hold, media, scene, strip

A, B = hold(scene(1), 40), hold(scene(2), 40)


def clips(row: MediaStrip, split: Split | None = None) -> tuple[Clip, ...]:
    (outcome,) = (split or Split()).open()([row])
    assert outcome.failure is None
    return outcome.rows


def test_two_shots_are_two_clips_with_their_crop() -> None:
    measured = strip(np.concatenate([A, B]), borders=(0.125, 0.125, 0, 0))
    first, second = clips(MediaStrip(media(), measured))
    assert (first.start_us, first.end_us, second.end_us) == (0, 1_600_000, 3_200_000)
    assert (first.start_kind, first.end_kind, second.start_kind, second.end_kind) == ("edge", "cut", "cut", "edge")
    assert (first.frames, second.frames, first.shot, second.shot) == (40, 40, 0, 1)
    assert (first.crop_x, first.crop_y, first.crop_width, first.crop_height) == (0, 46, 640, 268)


def test_a_still_is_a_clip_of_one_frame() -> None:
    (clip,) = clips(MediaStrip(media(still=True), strip(A[:1], end_us=1)))
    assert (clip.still, clip.frames, clip.start_us, clip.end_us) == (True, 1, 0, 1)


def test_a_black_media_is_one_clip() -> None:
    (clip,) = clips(MediaStrip(media(), strip(np.zeros((50, 72, 128, 3), np.uint8))))
    assert clip.frames == 50


def test_a_shot_over_the_limit_is_divided_under_one_number() -> None:
    pieces = clips(MediaStrip(media(), strip(A)), Split(max_us=500_000))
    assert [(one.frames, one.shot) for one in pieces] == [(10, 0)] * 4
    assert [one.end_kind for one in pieces] == ["length", "length", "length", "edge"]


def test_sound_alone_has_no_clips() -> None:
    (outcome,) = Split().open()([MediaStrip(media(picture=False, audio=True), strip(A))])
    assert outcome.failure is not None
    assert outcome.failure.kind == "no_video"


@pytest.mark.parametrize("settings", [{"detector": "nose"}, {"min_us": 5, "max_us": 4}, {"min_us": -1}])
def test_a_configuration_that_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="split"):
        Split(**settings)


def test_the_stage_is_plain_data() -> None:
    assert pickle.loads(pickle.dumps(Split(threshold=0.6))) == Split(threshold=0.6)  # noqa: S301
    assert '"detector":"house"' in config(Split())
