import numpy as np
import pytest

from curate.encode.bucket import Bucket
from curate.encode.dct import Dct
from curate.encode.size import bytes_per_s, footprint, picture_bytes, sound_bytes, sound_bytes_per_s


@pytest.mark.parametrize(
    ("name", "frames", "mb_per_s"),
    [
        ("wan-2.1", 81, 2.76 * 21 / 20.25),
        ("wan-2.2", 81, 2.07 * 21 / 20.25),
        ("hunyuan-video-1.5", 81, 1.38 * 21 / 20.25),
        ("cosmos-1.0", 81, 1.38 * 11 / 10.125),
        ("mochi", 79, 1.38 * 14 / (79 / 6)),
    ],
)
def test_a_second_of_720p_weighs_what_others_have_computed(name: str, frames: int, mb_per_s: float) -> None:
    found = bytes_per_s(footprint(name), Bucket(frames, 720, 1280), 24.0) / 1e6
    assert found == pytest.approx(mb_per_s, rel=0.01)


@pytest.mark.parametrize(
    ("name", "size"), [("sdxl", 131_072), ("sd3", 524_288), ("flux", 524_288), ("wan-2.2", 393_216)]
)
def test_a_still_of_1024_pixels_weighs_what_others_have_computed(name: str, size: int) -> None:
    assert picture_bytes(footprint(name), Bucket(1, 1024, 1024)) == size


def test_sound_weighs_what_its_hops_do() -> None:
    assert sound_bytes_per_s(footprint("oobleck"), 44_100) == pytest.approx(2756, abs=1)
    assert sound_bytes_per_s(footprint("dac-44khz"), 44_100) == pytest.approx(9 * 2 * 44_100 / 512)
    assert sound_bytes(footprint("encodec-24khz"), 24_001) == 76 * 8 * 2


def test_int8_is_half_and_its_scales() -> None:
    bucket = Bucket(17, 256, 448)
    assert picture_bytes(footprint("wan-2.1", "int8"), bucket) == picture_bytes(footprint("wan-2.1"), bucket) // 2 + 64
    assert picture_bytes(footprint("wan-2.1", "float32"), bucket) == 2 * picture_bytes(footprint("wan-2.1"), bucket)


def test_the_embedded_encoder_weighs_the_same_as_its_tensors() -> None:
    latent = Dct().encode(np.zeros((1, 17, 64, 96, 3), np.uint8))[0].astype(np.float16)
    assert picture_bytes(Dct().spec, Bucket(17, 64, 96)) == latent.nbytes
    assert picture_bytes(footprint("dct-4x8x8-c16"), Bucket(17, 64, 96)) == latent.nbytes
