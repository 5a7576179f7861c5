import json

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.pick.fingerprints import MIRROR
from curate.score.clip_strip import ClipStrip
from curate.score.duplicate import MOST, like, lowest, packed, spans_within
from curate.score.stage import scores
from tests.score.windows import clip, measure, plain, value
from tests.split.strips import Pictures, hold, media, scene, strip

A = hold(scene(1), 25)


def frames(pictures: Pictures, crop: tuple[int, int, int, int] | None = None) -> list[int]:
    measured = strip(pictures)
    row = ClipStrip(clip(measured, crop=crop), media(still=len(pictures) == 1), measured)
    (score,) = scores(row, ("duplicate",))
    detail = json.loads(score.detail or "")
    assert len(detail["frames"]) == len(detail["ms"])
    assert all(len(frame) == 16 for frame in detail["frames"])
    return [int(frame, 16) for frame in detail["frames"]]


def far(a: Pictures, b: Pictures, turned: int = 0) -> int:
    (one,), (other,) = frames(a), frames(b)
    return (one ^ other ^ turned).bit_count()


def test_a_fingerprint_stays_with_brightness_noise_and_a_logo_and_differs_between_pictures() -> None:
    noise = np.random.default_rng(0).normal(0, 4, A.shape)
    logo = A.copy()
    logo[:, 5:13, 104:121] = 250
    assert far(A, np.clip(A * 0.8 + 12 + noise, 0, 255).astype(np.uint8)) <= 6
    assert far(A, logo) <= 8
    assert far(A, hold(scene(9), 25)) >= 18


def test_a_mirrored_picture_turns_the_bits_of_odd_horizontal_frequencies() -> None:
    odd = lowest(16) % 2 == 1
    assert packed(odd)[0] == MIRROR
    assert far(A, A[:, :, ::-1], int(MIRROR)) <= 1
    assert far(A, A[:, :, ::-1]) > 12


def test_a_fingerprint_is_of_the_picture_inside_its_borders() -> None:
    boxed = np.zeros_like(A)
    boxed[:, 9:63] = np.stack([np.asarray(one)[np.linspace(0, 71, 54).astype(int)] for one in A])
    (inside,) = frames(boxed, crop=(0, 45, 640, 270))
    (whole,) = frames(A)
    assert (inside ^ whole).bit_count() <= 8


def test_borders_that_are_not_black_or_have_a_logo_are_left_out_as_others_are() -> None:
    boxed = np.zeros_like(A)
    boxed[:, 9:63] = np.stack([np.asarray(one)[np.linspace(0, 71, 54).astype(int)] for one in A])
    (inside,) = frames(boxed, crop=(0, 45, 640, 270))
    for lifted, logo in ((24, 24), (0, 240), (20, 240)):
        worse = np.maximum(boxed, lifted)
        worse[:, 2:8, 104:121] = logo
        (found,) = frames(worse)
        assert (found ^ inside).bit_count() <= 4


def test_pictures_are_chosen_by_what_is_seen_not_by_the_clock() -> None:
    shots = [hold(scene(seed), length) for seed, length in ((1, 50), (2, 10), (3, 90))]
    film = np.concatenate(shots)
    trimmed = film[17:-23]
    assert frames(film) == frames(trimmed)
    assert len(frames(film)) == 3
    found = measure("duplicate", strip(film))
    assert found is not None
    assert found.detail["ms"] == pytest.approx([2000, 400, 3600], abs=130)  # type: ignore[call-overload,index]


def test_flat_pictures_have_no_fingerprint() -> None:
    assert frames(plain(0, 30)) == []
    titled = plain(0, 30)
    titled[:, 30:34, 40:60] = 230
    assert frames(titled) == []
    assert len(frames(np.concatenate([plain(0, 30), A, plain(255, 30)]))) == 1


def test_many_pictures_are_thinned_out_and_flashes_do_not_make_it_endless() -> None:
    chance = np.random.default_rng(0)
    hashes = chance.integers(0, 2**64, 200, np.uint64)
    flat = np.zeros(200, np.bool_)
    assert len(spans_within(hashes, flat, 8)) == 200
    assert 1 <= len(like(hashes, flat)) <= MOST
    flat[::2] = True
    assert len(like(hashes, flat)) == MOST


def test_pictures_within_a_span_are_like_its_first() -> None:
    hashes: NDArray[np.uint64] = np.array([0, 1, 3, 0xFFFF, 0xFFFE, 0], np.uint64)
    flat = np.array([0, 0, 0, 0, 0, 1], np.bool_)
    assert spans_within(hashes, flat, 2) == [(0, 3), (3, 5)]
    assert spans_within(hashes, flat, 1) == [(0, 2), (2, 3), (3, 5)]


def test_a_change_of_picture_is_known_from_a_picture_that_stays() -> None:
    assert value("duplicate", strip(A)) == 0
    changing = np.concatenate([hold(scene(seed), 5) for seed in range(5)])
    assert value("duplicate", strip(changing)) > 0.25


def test_a_still_has_one_fingerprint() -> None:
    assert len(frames(A[:1])) == 1
