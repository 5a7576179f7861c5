import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.encode.bucket import FRAMES, SIZES, Bucket, centre_crop, fit_frames, fit_size
from curate.media.picture import Box


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        ((1920, 1080), (256, 448)),
        ((1080, 1920), (448, 256)),
        ((640, 480), (288, 384)),
        ((720, 720), (320, 320)),
        ((320, 180), (128, 224)),
        ((176, 144), (128, 160)),
        ((64, 48), (128, 160)),
    ],
)
def test_a_picture_goes_to_the_size_that_loses_least(picture: tuple[int, int], size: tuple[int, int]) -> None:
    assert fit_size(Box(0, 0, *picture), SIZES) == size


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 4000), st.integers(1, 4000), st.sampled_from(SIZES))
def test_a_crop_is_inside_its_box_and_centred(x: int, y: int, w: int, h: int, size: tuple[int, int]) -> None:
    crop = centre_crop(Box(x, y, w, h), size)
    assert 1 <= crop.width <= w
    assert 1 <= crop.height <= h
    assert crop.width == w or crop.height == h
    assert abs((crop.x - x) - (x + w - crop.x - crop.width)) <= 1
    assert abs((crop.y - y) - (y + h - crop.y - crop.height)) <= 1


@pytest.mark.parametrize(
    ("duration_us", "frames", "covered_us"),
    [
        (30_000, 1, 30_000),
        (40_000, 1, 41_667),
        (166_667, 1, 41_667),
        (208_333, 5, 208_333),
        (708_300, 17, 708_333),
        (1_000_000, 17, 708_333),
        (2_708_330, 65, 2_708_333),
        (60_000_000, 257, 10_708_333),
    ],
)
def test_a_clip_gives_the_most_frames_that_a_bucket_holds(duration_us: int, frames: int, covered_us: int) -> None:
    assert fit_frames(duration_us, 24.0, FRAMES) == (frames, covered_us)


def test_the_frames_of_all_buckets_keep_the_causal_rule() -> None:
    assert all((n - 1) % 4 == 0 for n in FRAMES)
    assert str(Bucket(17, 256, 384)) == "17x256x384"
