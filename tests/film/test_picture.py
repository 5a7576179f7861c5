"""The picture is what the truth says, frame by frame."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.film import FilmSpec, make_film, shoot
from curate.film.script import Crop, Join, Move, Prop, Script, Take, Wipe
from schemas.truth import Film
from tests.film.decoding import pictures

Small = tuple[Path, Film]


def one_shot(spec: FilmSpec, frames: int, **take: object) -> Script:
    whole = Take(0, frames, "cells", Crop(0, 0, *spec.size), hue=0.3, seed=4)
    frame_us = round(1e6 / spec.fps)
    pts_us = tuple(k * frame_us for k in range(frames))
    return Script(spec, pts_us, frames * frame_us, (replace(whole, **take),), ())


def changes(frames: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """[T]: mean difference of each frame to the one before; 0 for the first."""
    return np.array([0.0, *(float(np.abs(a.astype(int) - b).mean()) for a, b in pairwise(frames))])


def shift_px(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, float]:
    """How far the picture moves from a to b: right, down."""
    greys = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY).astype(np.float32) for f in (a, b)]
    window = cv2.createHanningWindow(greys[0].shape[::-1], cv2.CV_32F)
    return cv2.phaseCorrelate(greys[0], greys[1], window)[0]


def test_decoded_times_are_those_of_the_truth(small: Small) -> None:
    pts, _ = pictures(small[0])
    assert tuple(pts) == small[1].pts_us
    with av.open(str(small[0])) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base * 1_000_000 == small[1].end_us


def test_a_cut_is_a_jump_exactly_there(small: Small) -> None:
    _, frames = pictures(small[0])
    change = changes(frames)
    cuts = [t.first_frame for t in small[1].transitions if t.kind == "cut"]
    assert cuts
    for cut in cuts:
        assert change[cut] > 4 * max(change[cut - 2 : cut].max(), change[cut + 1 : cut + 3].max())


def test_a_dissolve_mixes_its_frames_in_equal_steps(small: Small) -> None:
    out, film = small
    _, frames = pictures(out)
    (join,) = [t for t in film.transitions if t.kind == "dissolve"]
    still = film.shots[join.index]  # neither side of this one moves much within the dissolve
    assert still.end_frame == join.first_frame
    old, new = (frames[k].astype(float) for k in (join.first_frame - 1, join.end_frame))
    way = (new - old).ravel()
    shares = [float(((frames[k] - old).ravel() @ way) / (way @ way)) for k in range(join.first_frame, join.end_frame)]
    length = join.end_frame - join.first_frame
    expected = [(k + 1) / (length + 1) for k in range(length)]
    assert np.abs(np.array(shares) - expected).max() < 0.12
    assert 8 <= length <= 25


@pytest.mark.parametrize("soft", [0.0, 0.3])
@pytest.mark.parametrize("towards", ["left", "right", "up", "down"])
def test_a_wipe_is_a_front_that_goes_its_way(tmp_path: Path, towards: str, soft: float) -> None:
    spec = FilmSpec(width=160, height=96, sound=None)
    script = one_shot(spec, 30)
    old = replace(script.takes[0], end_frame=10)
    new = replace(old, first_frame=19, end_frame=30, scene="hills", seed=5)
    join = Join("wipe", 10, 19, wipe=Wipe(towards, soft))  # type: ignore[arg-type]
    film = shoot(tmp_path / "wipe.mp4", replace(script, takes=(old, new), joins=(join,)))
    assert [(t.kind, t.first_frame, t.end_frame) for t in film.transitions] == [("wipe", 10, 19)]
    _, frames = pictures(tmp_path / "wipe.mp4")
    a, b = (frames[k].astype(int) for k in (9, 19))
    for k in range(10, 19):
        nearer = np.abs(frames[k] - b).sum(2) < np.abs(frames[k] - a).sum(2)
        along = nearer.mean(0 if towards in ("left", "right") else 1)
        along = along[::-1] if towards in ("left", "up") else along
        front = (k - 9) / 10
        edge = len(along) * front * (1 + soft) - len(along) * soft / 2
        assert along[: max(0, int(edge - 8))].mean() > 0.9 if edge > 10 else True
        assert along[int(edge + 8) :].mean() < 0.1 if edge < len(along) - 10 else True


def test_a_fade_is_black_where_the_truth_says(small: Small) -> None:
    out, film = small
    _, frames = pictures(out)
    (black,) = [s for s in film.stretches if s.kind == "black"]
    dark = [k for k, frame in enumerate(frames) if frame.max() < 12]
    assert dark == list(range(black.first_frame, black.end_frame))


@pytest.mark.parametrize(
    ("move", "axis", "per_s"),
    [
        (Move("pan", pan_x_px_s=40.0), 0, -40.0),  # the camera goes right, the picture left
        (Move("pan", pan_x_px_s=-25.0), 0, 25.0),
        (Move("tilt", pan_y_px_s=30.0), 1, -30.0),
    ],
)
def test_a_pan_has_its_speed(tmp_path: Path, move: Move, axis: int, per_s: float) -> None:
    spec = FilmSpec(width=320, height=180, sound=None)
    film = shoot(tmp_path / "pan.mp4", one_shot(spec, 12, move=move))
    _, frames = pictures(tmp_path / "pan.mp4")
    moved = shift_px(frames[0], frames[-1])[axis]
    assert moved * spec.fps / 11 * 256 / 180 == pytest.approx(per_s, rel=0.05)
    assert film.shots[0].camera.flow_px_s == pytest.approx(abs(per_s), rel=0.001)


def test_a_zoom_and_a_roll_have_their_speed(tmp_path: Path) -> None:
    spec = FilmSpec(width=320, height=180, sound=None)
    for move in (Move("zoom", zoom_per_s=0.25), Move("roll", roll_deg_s=12.0)):
        shoot(tmp_path / "move.mp4", one_shot(spec, 14, move=move))
        _, frames = pictures(tmp_path / "move.mp4")
        first, last = (cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY) for k in (0, 13))
        spots = cv2.goodFeaturesToTrack(first, 200, 0.01, 6)
        found, good, _ = cv2.calcOpticalFlowPyrLK(first, last, spots, None)
        matrix, _ = cv2.estimateAffinePartial2D(spots[good == 1], found[good == 1])
        scale, turn = np.hypot(matrix[0, 0], matrix[1, 0]), np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
        seconds = 13 / spec.fps
        assert np.log(scale) / seconds == pytest.approx(move.zoom_per_s, abs=0.01)
        assert -turn / seconds == pytest.approx(move.roll_deg_s, abs=0.3)  # turning the camera turns the picture back


def test_a_thing_is_where_its_box_is(tmp_path: Path) -> None:
    spec = FilmSpec(width=320, height=180, sound=None)
    prop = Prop("star", "white", 50.0, 80.0, 90.0, x_per_s=60.0)
    film = shoot(tmp_path / "thing.mp4", one_shot(spec, 40, props=(prop,), scene="clouds", value=0.4))
    shoot(tmp_path / "bare.mp4", one_shot(spec, 1, scene="clouds", value=0.4))
    _, frames = pictures(tmp_path / "thing.mp4")
    bare = pictures(tmp_path / "bare.mp4")[1][0].astype(int)
    (thing,) = film.shots[0].things
    assert (thing.direction, thing.shape, thing.colour) == ("right", "star", "white")
    assert thing.speed_px_s == pytest.approx(60 * 256 / 180)
    assert [box.frame for box in thing.path] == [0, 12, 24, 36, 39]
    for box in thing.path:
        rows, columns = np.nonzero(np.abs(frames[box.frame] - bare).max(2) > 60)
        assert columns.min() == pytest.approx(box.x * 320, abs=2.5)
        assert columns.max() + 1 == pytest.approx((box.x + box.width) * 320, abs=2.5)
        assert rows.min() == pytest.approx(box.y * 180, abs=4)  # a pointed tip
        assert rows.max() + 1 == pytest.approx((box.y + box.height) * 180, abs=2.5)


def test_words_stand_out_in_their_box_and_only_then(small: Small) -> None:
    out, film = small
    pts, frames = pictures(out)
    assert film.texts
    for text in film.texts:
        x, y = round(text.x * film.width), round(text.y * film.height)
        area = (slice(y, y + round(text.height * film.height)), slice(x, x + round(text.width * film.width)))
        contrast = [np.ptp(frame[area].astype(int).sum(2)) for frame in frames]
        shown = [k for k, at in enumerate(pts) if text.start_us <= at < text.end_us]
        assert min(contrast[k] for k in shown) > 450
        first, end = shown[0], shown[-1] + 1
        assert np.abs(frames[first][area].astype(int) - frames[first - 1][area]).mean() > 20
        assert np.abs(frames[end][area].astype(int) - frames[end - 1][area]).mean() > 20


def test_borders_are_black_and_the_crop_is_not(small: Small) -> None:
    out, film = small
    _, frames = pictures(out)
    (boxed,) = [s for s in film.shots if s.crop_height < film.height]
    frame = frames[boxed.first_frame]
    assert frame[: boxed.crop_y - 1].max() < 24
    assert frame[boxed.crop_y + boxed.crop_height + 1 :].max() < 24
    assert frame[boxed.crop_y : boxed.crop_y + boxed.crop_height].mean(2).std() > 10


def test_the_luma_and_palette_of_a_shot_are_measured(small: Small) -> None:
    out, film = small
    _, frames = pictures(out)
    for shot in film.shots:
        picture = frames[(shot.first_frame + shot.end_frame) // 2]
        inside = picture[shot.crop_y : shot.crop_y + shot.crop_height, shot.crop_x : shot.crop_x + shot.crop_width]
        assert (inside @ np.array([0.299, 0.587, 0.114])).mean() == pytest.approx(shot.luma_mean, abs=2)
        assert 0.3 < sum(s.share for s in shot.palette) <= 1


def test_a_variable_rate_keeps_its_times_and_speeds(tmp_path: Path) -> None:
    spec = FilmSpec(seed=5, seconds=3, width=160, height=96, vfr=True, sound=None)
    film = make_film(tmp_path / "vfr.mp4", spec)
    pts, _ = pictures(tmp_path / "vfr.mp4")
    assert tuple(pts) == film.pts_us
    assert len({b - a for a, b in pairwise(pts)}) > 3
    assert film.end_us >= 3_000_000


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_film_shows_the_same_picture(tmp_path: Path, rotation: int) -> None:
    plain = FilmSpec(seed=2, seconds=1, width=160, height=96, sound=None)
    make_film(tmp_path / "plain.mp4", plain)
    film = make_film(tmp_path / "turned.mp4", replace(plain, rotation_deg=rotation))
    with av.open(str(tmp_path / "turned.mp4")) as container:
        frame = next(container.decode(video=0))
        assert -frame.rotation % 360 == rotation == film.rotation_deg  # PyAV counts counter-clockwise
        shown = np.rot90(frame.to_ndarray(format="rgb24"), -rotation // 90)
    upright = pictures(tmp_path / "plain.mp4")[1][0]
    assert shown.shape == upright.shape
    assert np.abs(shown.astype(int) - upright).mean() < 4


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    film = make_film(tmp_path / "odd.mp4", FilmSpec(seconds=1, width=161, height=97, sound=None))
    _, frames = pictures(tmp_path / "odd.mp4")
    assert frames[0].shape == (97, 161, 3) == (film.height, film.width, 3)


def test_a_flash_is_white_and_no_cut(tmp_path: Path) -> None:
    film = make_film(
        tmp_path / "flash.mp4", FilmSpec(seed=3, seconds=4, width=160, height=96, flashes=True, sound=None)
    )
    _, frames = pictures(tmp_path / "flash.mp4")
    flashed = {k for s in film.stretches if s.kind == "flash" for k in range(s.first_frame, s.end_frame)}
    assert flashed == {k for k, frame in enumerate(frames) if frame.mean() > 225}
    assert not flashed & {t.first_frame for t in film.transitions}
