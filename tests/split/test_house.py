"""The house's detector on pictures of known make."""

import numpy as np
import pytest

from curate.split.boundary import Boundary
from curate.split.frames import frames_of
from curate.split.house import house
from tests.split.strips import Pictures, blend, hold, scene, strip

Span = tuple[int, int, str, str]


def found(pictures: Pictures, pts_us: "np.typing.NDArray[np.int64] | None" = None) -> list[Span]:
    return [(b.start, b.end, b.before, b.after) for b in house(frames_of(strip(pictures, pts_us)), 0.55)]


A, B = hold(scene(1), 40), hold(scene(2), 40)


def black(count: int) -> Pictures:
    return np.zeros((count, 72, 128, 3), np.uint8)


def fade(pictures: Pictures, colour: float = 0.0) -> Pictures:
    """Every frame nearer to one colour; the last is one step from it."""
    share = (np.arange(len(pictures), 0, -1) / (len(pictures) + 1))[:, None, None, None]
    return np.round(pictures * share + colour * (1 - share)).astype(np.uint8)


def test_a_cut_is_its_first_frame() -> None:
    assert found(np.concatenate([A, B])) == [(40, 40, "cut", "cut")]


def test_a_cut_is_found_at_a_variable_rate() -> None:
    rng = np.random.default_rng(0)
    pts = np.cumsum(rng.integers(5_000, 120_000, 80))
    assert found(np.concatenate([A, B]), pts - pts[0]) == [(40, 40, "cut", "cut")]


def test_a_cut_between_two_pans_is_found() -> None:
    pans = np.concatenate([hold(scene(3), 30, speed=3.0), hold(scene(4), 30, speed=-3.0, x=90)])
    assert found(pans) == [(30, 30, "cut", "cut")]


@pytest.mark.parametrize("speed", [0.5, 2.0, 5.0])
def test_a_pan_is_no_boundary(speed: float) -> None:
    assert found(hold(scene(3, width=768), 100, speed=speed)) == []


def test_a_shaking_camera_is_no_boundary() -> None:
    rng = np.random.default_rng(1)
    frames = [hold(scene(5), 1, x=float(x))[0] for x in 40 + rng.uniform(-4, 4, 80)]
    assert found(np.stack(frames)) == []


def test_a_picture_that_stands_still_is_no_boundary() -> None:
    assert found(A) == []


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_flash_is_no_boundary(frames: int) -> None:
    lit = A.copy()
    lit[20 : 20 + frames] = 250
    assert found(lit) == []


def test_a_step_of_brightness_is_no_boundary() -> None:
    step = np.concatenate([A, np.clip(A.astype(np.int16) * 1.3 + 20, 0, 255).astype(np.uint8)])
    assert found(step) == []


@pytest.mark.parametrize("length", [8, 15, 30, 50])
def test_a_dissolve_is_the_frames_that_show_both(length: int) -> None:
    mixed = blend(hold(scene(6), length), hold(scene(7), length))
    pictures = np.concatenate([hold(scene(6), 40), mixed, hold(scene(7), 40)])
    ((start, end, before, after),) = found(pictures)
    assert (before, after) == ("dissolve", "dissolve")
    assert abs(start - 40) <= 1
    assert abs(end - (40 + length)) <= 1


def test_a_dissolve_between_moving_pictures_is_found() -> None:
    a, b = hold(scene(8, width=512), 80, speed=0.3), hold(scene(9, width=512), 80, speed=-0.3, x=60)
    ((start, end, before, _),) = found(np.concatenate([a[:60], blend(a[60:], b[:20]), b[20:]]))
    assert before == "dissolve"
    assert abs(start - 60) <= 3
    assert abs(end - 80) <= 3


def test_text_that_is_faded_in_is_no_boundary() -> None:
    titled = A.copy()
    titled[:, 30:42, 20:108] = 255
    assert found(np.concatenate([A, blend(A[:15], titled[:15]), titled])) == []


def test_a_fade_out_and_in_is_one_boundary() -> None:
    pictures = np.concatenate([A, fade(A[:12]), black(6), fade(B[:15])[::-1], B])
    ((start, end, before, after),) = found(pictures)
    assert (before, after) == ("fade", "fade")
    assert abs(start - 40) <= 1
    assert abs(end - 73) <= 1


def test_a_fade_through_white_in_a_letterbox_is_one_boundary() -> None:
    pictures = np.concatenate(
        [A, fade(A[:12], 255), np.full((4, 72, 128, 3), 255, np.uint8), fade(B[:12], 255)[::-1], B]
    )
    pictures[:, :9] = pictures[:, -9:] = 0
    ((start, end, before, after),) = found(pictures)
    assert (before, after) == ("fade", "fade")
    assert abs(start - 40) <= 1
    assert abs(end - 68) <= 1


def test_a_fade_to_white_of_one_step_in_a_picture_that_moves_is_one_boundary() -> None:
    half = fade(hold(scene(1), 1, x=8.0), 255)
    white = np.full((1, 72, 128, 3), 255, np.uint8)
    ((start, end, before, after),) = found(np.concatenate([A, half, white, fade(B[:10], 255)[::-1], B]))
    assert (start, before, after) == (40, "fade", "fade")
    assert abs(end - 52) <= 1


def test_the_two_sides_of_black_may_differ() -> None:
    pictures = np.concatenate([A, black(8), fade(B[:12])[::-1], B])
    ((start, end, before, after),) = found(pictures)
    assert (start, before, after) == (40, "cut", "fade")
    assert abs(end - 60) <= 1


def test_a_fade_in_at_the_start_has_an_edge_before_it() -> None:
    pictures = np.concatenate([black(5), fade(A[:12])[::-1], A])
    ((start, end, before, after),) = found(pictures)
    assert (start, before, after) == (0, "edge", "fade")
    assert abs(end - 17) <= 1


def test_short_black_between_cuts_belongs_to_no_shot_and_long_black_is_one() -> None:
    assert found(np.concatenate([A, black(10), B])) == [(40, 50, "cut", "cut")]
    assert found(np.concatenate([A, black(30), B])) == [(40, 40, "cut", "cut"), (70, 70, "cut", "cut")]


def test_boundaries_are_sorted_and_apart() -> None:
    shots = [hold(scene(seed), 12) for seed in range(10, 22)]
    cuts = house(frames_of(strip(np.concatenate(shots))), 0.55)
    assert [b.start for b in cuts] == list(range(12, 144, 12))
    assert all(isinstance(b, Boundary) and b.strength >= 1 for b in cuts)
