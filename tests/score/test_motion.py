"""Metrics of motion."""

import json

import numpy as np
import pytest

from curate.score.camera import middle, unsteadiness
from curate.score.clip_strip import ClipStrip
from curate.score.stage import ScoreClip
from schemas.truth import Shot
from tests.score.windows import measure, moving, value
from tests.split.films import film
from tests.split.strips import hold, scene, strip


@pytest.mark.parametrize(
    ("flow", "kind"),
    [
        ({"pan_x_px_s": 20.0}, "pan right"),
        ({"pan_x_px_s": -20.0}, "pan left"),
        ({"pan_y_px_s": 20.0}, "tilt down"),
        ({"pan_y_px_s": -20.0}, "tilt up"),
        ({"zoom_per_s": 0.1}, "zoom in"),
        ({"zoom_per_s": -0.1}, "zoom out"),
        ({"roll_deg_s": 8.0}, "roll clockwise"),
        ({"roll_deg_s": -8.0}, "roll counterclockwise"),
        ({"pan_x_px_s": 20.0, "pan_y_px_s": 18.0}, "mixed"),
        ({"pan_x_px_s": 2.0}, "static"),
    ],
)
def test_the_camera_is_named_by_its_own_movement(flow: dict[str, float], kind: str) -> None:
    found = measure("camera", moving(**flow))
    assert found is not None
    assert found.detail["kind"] == kind  # type: ignore[call-overload,index]


def test_a_camera_that_goes_to_and_fro_shakes() -> None:
    samples = np.array([np.nan, 20, -20, 20, -20, 20, -20, 20, -20, 20], np.float32)
    flow = {name: np.zeros(10, np.float32) for name in ("pan_y_px_s", "zoom_per_s", "roll_deg_s", "local_px_s")}
    flow |= {"pan_x_px_s": samples, "motion_px_s": np.abs(samples), "camera_fit": np.ones(10, np.float32)}
    found = measure("camera", strip(hold(scene(1), 50), motion=flow))
    assert found is not None
    assert found.detail["kind"] == "shake"  # type: ignore[call-overload,index]


def test_a_short_clip_says_nothing_of_the_camera_and_a_little_longer_one_nothing_of_shaking() -> None:
    panning = moving(pan_x_px_s=20.0)
    assert measure("camera", panning, end_us=600_000) is None
    assert measure("camera", panning, end_us=800_000) is not None
    samples = np.array([np.nan, 20, -20, 20, -20, 20, -20, 20, -20, 20], np.float32)
    flow = {name: np.zeros(10, np.float32) for name in ("pan_y_px_s", "zoom_per_s", "roll_deg_s", "local_px_s")}
    flow |= {"pan_x_px_s": samples, "motion_px_s": np.abs(samples), "camera_fit": np.ones(10, np.float32)}
    assert measure("camera", strip(hold(scene(1), 50), motion=flow), end_us=1_200_000) is None


def test_a_flow_that_no_camera_explains_gives_no_row() -> None:
    assert measure("camera", moving(camera_fit=0.1, pan_x_px_s=50.0)) is None
    assert measure("local_motion", moving(local_px_s=float("nan"))) is None


def test_motion_is_measured_at_flows_within_the_clip() -> None:
    speeds = np.array([np.nan, 5, 5, 5, 500, 7, 7, 7, 7, 7], np.float32)
    measured = strip(hold(scene(1), 50), motion={"motion_px_s": speeds, "local_px_s": speeds})
    assert value("motion", measured, start_us=800_000) == pytest.approx(7)
    assert value("local_motion", measured, end_us=800_000) == pytest.approx(5)
    assert measure("motion", measured, end_us=200_000) is None


def test_middle_leaves_out_what_passes() -> None:
    values = np.array([0, 0, 0, 0, 0, 0, 40, 40], np.float32)
    assert middle(values, np.ones(8)) == 0
    assert middle(np.array([3.0], np.float32), np.ones(1)) == 3


def test_an_even_acceleration_is_steady() -> None:
    assert unsteadiness(np.arange(10, dtype=np.float32)) == 0


def expected(shot: Shot) -> str:
    camera = shot.camera
    signed = {
        "pan": ("pan left", "pan right", camera.pan_x_px_s),
        "tilt": ("tilt up", "tilt down", camera.pan_y_px_s),
        "zoom": ("zoom out", "zoom in", camera.zoom_per_s),
        "roll": ("roll counterclockwise", "roll clockwise", camera.roll_deg_s),
    }
    if camera.kind not in signed:
        return camera.kind
    less, more, speed = signed[camera.kind]
    return more if speed > 0 else less


@pytest.mark.parametrize(("seed", "vfr"), [(10, False), (11, True), (13, False)])
def test_camera_kinds_of_a_film(seed: int, vfr: bool) -> None:
    """At most one shot in five is not read, and none as the opposite direction; a black shot has no row."""
    scanned, truth = film(seed, vfr)
    wrong = shots = 0
    for clip, shot in zip(truth.clips, truth.shots, strict=True):
        (outcome,) = ScoreClip().open()([ClipStrip(clip, scanned.media, scanned.strip)])
        rows = {row.metric: row for row in outcome.rows}
        if shot.scene == "black":
            assert "camera" not in rows
            assert rows["black_share"].value == 1
            continue
        shots += 1
        kind = json.loads(rows["camera"].detail or "{}")["kind"] if "camera" in rows else "unknown"
        wrong += kind != expected(shot)
        assert rows["black_share"].value == 0
        if shot.camera.kind in ("pan", "tilt", "zoom", "roll"):
            opposite = {"left": "right", "right": "left", "up": "down", "down": "up", "in": "out", "out": "in"}
            name, _, way = expected(shot).partition(" ")
            assert kind != f"{name} {opposite.get(way)}"
    assert shots >= 5
    assert wrong <= shots // 5


@pytest.mark.parametrize(("seed", "vfr"), [(10, False), (11, True)])
def test_frozen_stretches_of_a_film(seed: int, vfr: bool) -> None:
    scanned, truth = film(seed, vfr)
    frozen = [stretch for stretch in truth.stretches if stretch.kind == "frozen"]
    for clip, shot in zip(truth.clips, truth.shots, strict=True):
        (outcome,) = ScoreClip(metrics=("frozen_share",)).open()([ClipStrip(clip, scanned.media, scanned.strip)])
        held = sum(one.end_us - one.start_us for one in frozen if clip.start_us <= one.start_us < clip.end_us)
        share = held / (clip.end_us - clip.start_us)
        if shot.scene != "black":
            assert outcome.rows[0].value == pytest.approx(share, abs=0.05)
