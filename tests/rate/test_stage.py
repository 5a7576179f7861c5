"""The stage without weights: which frames it looks at, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from curate.errors import RecipeError
from curate.rate.frames import ClipFrames, Frames
from curate.rate.rating import Pictures, Rater, Values
from curate.rate.stage import Rate, rated
from curate.stage import fingerprint
from curate.weights import checked, sha256
from schemas.clip import Clip
from tests.rate.clips import made, second, unseen


def red(clips: list[Pictures]) -> list[dict[str, Values]]:
    """A rater for the test: how red each frame is."""
    return [{"red": one[..., 0].mean((1, 2)).astype(np.float32)} for one in clips]


def span(start_us: int, end_us: int) -> Clip:
    return Clip("m/c", "m", start_us, end_us, 1, "edge", "edge", 0, False, 0, 0, 64, 48)


def test_frames_lie_in_the_middles_of_equal_parts() -> None:
    frames = Frames(rate_hz=1.0, max_frames=4, short_side_px=448)
    assert frames.instants(span(1_000_000, 3_000_000)) == [1_500_000, 2_500_000]
    assert frames.instants(span(0, 100_000)) == [50_000]
    assert len(frames.instants(span(0, 60_000_000))) == 4


def test_a_clip_is_decoded_apart_and_a_bad_one_is_a_failure_of_its_own(tmp_path: Path) -> None:
    row = second(made(tmp_path / "red.avi", (200, 30, 30)))
    outcomes = Rate().open()([row, unseen(row), row])
    assert sorted(one.failure.kind if one.failure else "rated" for one in outcomes) == ["no_video", "rated", "rated"]


def test_a_value_is_the_mean_of_its_frames() -> None:
    pixels = np.zeros((2, 4, 6, 3), np.uint8)
    pixels[1, ..., 0] = 100
    clips = [ClipFrames("one", 4, 6, pixels.tobytes()), ClipFrames("two", 4, 6, pixels[:1].tobytes())]
    one, two = rated(clips, [red])
    assert (one.input_id, one.rows[0].metric, one.rows[0].value) == ("one", "red", 50.0)
    assert json.loads(one.rows[0].detail or "") == {"frames": 2, "least": 0.0, "most": 100.0}
    assert two.rows[0].value == 0.0


def test_where_weights_lie_is_not_what_they_are() -> None:
    here, there = (Rate(raters=(Rater("nsfw", "a" * 64, folder, labels=("x",)),)) for folder in ("/here", "/there"))
    other = Rate(raters=(Rater("nsfw", "b" * 64, "/here", labels=("x",)),))
    assert fingerprint(here, {}) == fingerprint(there, {}) != fingerprint(other, {})


def test_weights_are_known_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = sha256(tmp_path)
    (tmp_path / "README.md").write_text("not read")
    assert sha256(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"2")
    with pytest.raises(RecipeError, match=before):
        checked(str(tmp_path), before, "rater")
    assert checked(str(tmp_path), sha256(tmp_path), "rater") == tmp_path


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (Rate(raters=(Rater("nsfw", "", "/a"), Rater("nsfw", "", "/b"))), "several raters are called nsfw"),
        (Rate(rate_hz=0.0), "more than 0"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(stage: Rate, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        stage.open()
