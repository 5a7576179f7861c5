"""Borders, sharpness and motion of pictures of which they are known."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.media.planes import Planes
from curate.scan.camera import UNIT, motion, optical_flow, small_size
from curate.scan.samples import Borders, SampleTrack, borders, sharpness


def texture(height: int, width: int) -> NDArray[np.uint8]:
    """Smooth noise at several sizes, 0..255."""
    random = np.random.default_rng(3)
    layers = [
        cv2.resize(random.random((height // size, width // size)), (width, height), interpolation=cv2.INTER_CUBIC)
        * size
        for size in (4, 8, 16, 32)
    ]
    total = np.sum(layers, 0)
    return np.asarray(np.clip((total - total.min()) / np.ptp(total) * 255, 0, 255), np.uint8)


def grey(luma: NDArray[np.uint8], *, full: bool = True) -> Planes:
    return Planes(luma, None, None, 8, full, "bt709")


def test_borders_are_found_to_the_line() -> None:
    picture = texture(120, 160) // 2 + 100
    framed = np.full((140, 200), 17, np.uint8)
    framed[12:132, 30:190] = picture
    assert borders(framed, 16, 255 / 219) == Borders(12, 8, 30, 10)
    assert borders(picture, 16, 255 / 219) == Borders(0, 0, 0, 0)


def test_a_black_picture_has_no_borders_to_tell() -> None:
    assert borders(np.full((40, 60), 16, np.uint8), 16, 255 / 219) is None


def test_bright_letters_are_not_a_border() -> None:
    framed = np.full((100, 100), 16, np.uint8)
    framed[20:80] = 150
    framed[90, 40:60] = 235
    assert borders(framed, 16, 255 / 219) == Borders(20, 9, 0, 0)


@pytest.mark.parametrize(("rotation", "expected"), [(0, 0), (90, 3), (180, 1), (270, 2)])
def test_borders_turn_with_the_picture(rotation: int, expected: int) -> None:
    """A border at the coded top is displayed at the right after a quarter turn clockwise."""
    framed = texture(100, 100) // 2 + 100
    framed[:20] = 0
    track = SampleTrack(rotation, 1.0, 5.0)
    track.add(0, grey(framed))
    found = track.samples[0].borders
    assert found is not None
    shares = [0.0] * 4
    shares[expected] = 0.2  # top, bottom, left, right
    assert found == pytest.approx(shares)


def test_sharpness_is_the_variance_of_the_laplacian_inside_the_borders() -> None:
    picture = texture(90, 160) // 2 + 100
    inside = cv2.Laplacian(picture, cv2.CV_64F).var()
    assert sharpness(picture, 1.0) == pytest.approx(inside, rel=1e-4)
    framed = np.zeros((150, 160), np.uint8)
    framed[30:120] = picture
    track = SampleTrack(0, 160 / 150, 5.0)
    track.add(0, grey(framed))
    assert track.samples[0].sharpness == pytest.approx(inside, rel=0.02)
    assert sharpness(cv2.GaussianBlur(picture, (0, 0), 3), 1.0) < inside


def test_samples_are_a_fifth_of_a_second_apart() -> None:
    track, times = SampleTrack(0, 1.0, 5.0), []
    for frame in range(60):
        pts_us = round(frame * 1e6 / 24)
        if track.due(pts_us):
            track.add(pts_us, grey(np.zeros((32, 32), np.uint8)))
            times.append(pts_us)
    assert len(times) == 13
    assert all(150_000 <= step <= 250_000 for step in np.diff(times))


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (480, 480)])
@pytest.mark.parametrize(
    ("right", "down", "zoom", "roll"),
    [
        (10.0, 0.0, 0.0, 0.0),
        (0.0, -6.0, 0.0, 0.0),
        (0.0, 0.0, 0.03, 0.0),
        (0.0, 0.0, 0.0, 2.0),
        (4.0, 3.0, -0.02, -1.0),
    ],
)
def test_the_camera_is_measured(size: tuple[int, int], right: float, down: float, zoom: float, roll: float) -> None:
    """The picture moves against the camera; speeds are at 256 px of short side, a fifth of a second between."""
    width, height = size
    world = texture(height * 2, width * 2)

    def seen(move: float) -> NDArray[np.uint8]:
        view = cv2.getRotationMatrix2D((width, height), roll * move, np.exp(zoom * move))
        view[:, 2] -= [width / 2 + right * move, height / 2 + down * move]
        return np.asarray(cv2.warpAffine(world, view, (width, height)), np.uint8)

    track = SampleTrack(0, width / height, 5.0)
    track.add(0, grey(seen(0)))
    track.add(200_000, grey(seen(1)))
    found = track.samples[1].motion
    assert found is not None
    unit = UNIT / min(width, height) * 5
    assert found.pan_x_px == pytest.approx(right * unit, abs=1.5)
    assert found.pan_y_px == pytest.approx(down * unit, abs=1.5)
    assert found.zoom == pytest.approx(zoom * 5, abs=0.02)
    assert found.roll_deg == pytest.approx(roll * 5, abs=1)
    assert found.fit > 0.9
    assert found.local_px < found.motion_px


def test_a_thing_moving_before_a_still_camera_is_local() -> None:
    before = texture(360, 640)
    after = before.copy()
    before[100:260, 100:260] = after[100:260, 120:280] = texture(160, 160)
    track = SampleTrack(0, 640 / 360, 5.0)
    track.add(0, grey(before))
    track.add(200_000, grey(after))
    found = track.samples[1].motion
    assert found is not None
    assert abs(found.pan_x_px) < 3
    assert found.local_px == pytest.approx(found.motion_px, rel=0.5)
    assert found.motion_px > 2
    assert 0.6 < found.fit < 1


def test_without_texture_there_is_no_camera() -> None:
    flat = np.full((72, 128), 90, np.uint8)
    found = motion(flat, flat, optical_flow().calc(flat, flat, None), 0.2)
    assert found.motion_px == 0
    assert np.isnan([found.local_px, found.pan_x_px, found.zoom, found.roll_deg, found.fit]).all()


def test_long_pictures_are_kept_small() -> None:
    assert small_size(16, 9) == (128, 72)
    assert small_size(9, 16) == (72, 128)
    assert small_size(100, 1) == (288, 72)


@pytest.mark.golden
def test_high_bit_depth_is_on_the_scale_of_eight(media: Path) -> None:
    from curate.media.planes import planes

    shares = []
    with av.open(str(media / "good" / "flower_540p.mp4")) as container:
        frame = next(container.decode(video=0))
    for made in (frame, frame.reformat(format="yuv420p10le")):
        track = SampleTrack(0, 16 / 9, 5.0)
        track.add(0, planes(made))
        shares.append(track.samples[0].sharpness)
    assert shares[1] == pytest.approx(shares[0], rel=0.05)
