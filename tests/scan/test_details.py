"""Details of pictures of which they are known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.media.planes import Planes
from curate.scan.details import DetailTrack, bands, blockiness, combed, detail, noise, spectrum
from curate.scan.overlay import Persistence
from curate.scan.samples import Borders
from schemas.strip import SPECTRUM
from tests.scan.test_samples import grey, texture

Luma = NDArray[np.uint8]


def noisy(luma: Luma, sigma: float) -> Luma:
    random = np.random.default_rng(1).normal(0, sigma, luma.shape)
    return np.asarray(np.clip(np.rint(luma + random), 0, 255), np.uint8)


def plane() -> Luma:
    """A picture with an even slope, as skies and walls have."""
    return np.asarray(np.add.outer(np.linspace(80, 120, 360), np.linspace(0, 60, 640)), np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0, 8.0])
def test_noise_is_its_standard_deviation(sigma: float) -> None:
    assert noise(bands(noisy(plane(), sigma))) == pytest.approx(sigma, rel=0.15)
    assert noise(bands(plane())) < 0.4


def test_texture_is_not_noise_where_a_tenth_is_flat() -> None:
    picture = texture(360, 640)
    picture[:, :128] = 120
    assert noise(bands(picture)) < 0.5
    assert noise(bands(noisy(picture, 3.0))) == pytest.approx(3.0, rel=0.2)


def test_what_is_cut_off_at_black_says_nothing_of_noise() -> None:
    assert np.isnan(noise(bands(np.full((360, 640), 16, np.uint8))))


def moved(luma: Luma, pixels: int) -> Luma:
    return np.ascontiguousarray(np.roll(luma, pixels, 1))


def test_two_fields_of_a_moving_picture_are_combed_and_frames_are_not() -> None:
    picture = texture(360, 640)
    picture[100:200, 200:300] = 230  # a thing with edges
    woven = picture.copy()
    woven[1::2] = moved(picture, 8)[1::2]
    assert combed(bands(woven)) > 0.05
    assert combed(bands(picture)) < 0.001
    assert combed(bands(noisy(picture, 3.0))) < 0.001


def test_lines_and_letters_are_not_combed() -> None:
    drawn = np.full((360, 640), 60, np.uint8)
    drawn[::3] = 200
    drawn[100:140, 100:400] = 60
    cv2.putText(drawn, "COMB", (100, 135), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2)
    assert combed(bands(drawn)) < 0.001


def blocked(luma: Luma, share: float) -> Luma:
    """`share` of what differs within blocks of 8 x 8 is gone."""
    means = cv2.resize(luma, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(means, luma.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.rint(luma * (1 - share) + coarse * share), np.uint8)


def test_blocks_are_seen_the_more_the_harder_they_are() -> None:
    picture = moved(texture(360, 640), 3)  # its own grid lies elsewhere
    levels = [blockiness(bands(blocked(picture, share))) for share in (0.0, 0.3, 0.6, 0.9)]
    assert levels[0] == pytest.approx(1, abs=0.1)
    assert levels == sorted(levels)
    assert levels[3] > 3


def test_blocks_elsewhere_than_on_the_grid_do_not_count() -> None:
    shifted = moved(blocked(texture(360, 640), 0.6), 4)
    assert blockiness(bands(shifted)) < 1.1


def test_the_spectrum_says_where_detail_ends() -> None:
    rows = np.arange(640) * np.pi
    for part in (4, 12, 25):
        wave = np.rint(128 + 60 * np.sin(rows * (part + 0.5) / SPECTRUM)).astype(np.uint8)
        assert int(spectrum(bands(np.tile(wave, (360, 1)))).argmax()) == part


def test_exposure_is_counted_in_full_range() -> None:
    picture = np.full((200, 320), 128, np.uint8)
    picture[:, :32] = 20
    picture[:, 32:48] = 234
    video = detail(0, bands(picture), 16.0, 255 / 219)
    assert (video.dark_share, video.bright_share) == pytest.approx((0.1, 0.05))
    full = detail(0, bands(picture), 0.0, 1.0)
    assert (full.dark_share, full.bright_share) == (0, 0)


def test_borders_are_left_out() -> None:
    framed = np.full((300, 640), 16, np.uint8)
    framed[60:240] = plane()[:180]
    track = DetailTrack()
    track.add(0, grey(framed, full=False), Borders(60, 60, 0, 0))
    assert track.details[0].dark_share == 0


@pytest.mark.parametrize("shape", [(6, 10), (16, 320), (300, 40)])
def test_tiny_pictures_have_no_details(shape: tuple[int, int]) -> None:
    track = DetailTrack()
    track.add(0, Planes(np.zeros(shape, np.uint8), None, None, 8, True, "bt709"), None)
    assert np.isnan(track.details[0].noise)
    assert np.isnan(track.details[0].spectrum).all()


def test_a_deblocked_frame_is_waited_for_half_a_second() -> None:
    track, taken = DetailTrack(), []
    for frame in range(100):
        pts_us = frame * 40_000
        if track.due(pts_us, deblocked=frame < 50 and frame % 8 == 3):
            track.add(pts_us, grey(plane()), None)
            taken.append(frame)
    assert taken == [3, 27, 63, 88]


def test_a_logo_stays_and_scenes_do_not() -> None:
    track = Persistence()
    for seed in range(12):
        random = np.random.default_rng(seed)
        scene = cv2.resize(random.uniform(0, 255, (9, 16)).astype(np.float32), (128, 72), interpolation=cv2.INTER_CUBIC)
        scene = np.clip(scene, 0, 255).astype(np.uint8)
        scene[6:14, 108:122] = 235
        track.add(scene)
        track.add(scene)  # shown for longer: counts once
    found = track.map()
    assert found.shape == (36, 64)
    at = np.argwhere(found > 204)
    assert len(at) >= 6
    assert at.min(0).tolist() >= [1, 52]
    assert at.max(0).tolist() <= [8, 62]


def test_a_picture_that_does_not_change_tells_nothing() -> None:
    track = Persistence()
    for _ in range(30):
        track.add(texture(72, 128))
    assert track.map().size == 0
