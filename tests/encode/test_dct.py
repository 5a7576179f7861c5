import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.encode.dct import Dct
from curate.encode.fidelity import picture_psnr_db
from curate.errors import Unsupported


def encode(video: np.ndarray) -> np.ndarray:
    """One clip, as it comes back from a float16."""
    return Dct().encode(video[None])[0].astype(np.float16)


def decode(latent: np.ndarray) -> np.ndarray:
    return Dct().decode(latent[None])[0]


def smooth(frames: int, height: int = 64, width: int = 96) -> np.ndarray:
    """A soft coloured wave that moves slowly."""
    t, y, x = np.mgrid[:frames, :height, :width].astype(np.float64)
    planes = [128 + 90 * np.sin((x + t) / 29 + c / 2) * np.cos(y / 31) for c in range(3)]
    return np.stack(planes, -1).round().astype(np.uint8)


def moving(frames: int, speed: int) -> np.ndarray:
    """A photograph-like random field, shifted by `speed` pixels a frame."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft2(rng.normal(size=(64, 256))) / (1 + np.hypot(*np.mgrid[:64, :129])) ** 1.2
    field = np.fft.irfft2(spectrum)
    field = (field - field.min()) / np.ptp(field) * 255
    return (
        np.stack([np.roll(field, -speed * t, 1)[:, :96] for t in range(frames)])
        .astype(np.uint8)[..., None]
        .repeat(3, -1)
    )


@pytest.mark.parametrize("frames", [1, 5, 17])
def test_smooth_video_comes_back_above_30_db(frames: int) -> None:
    video = smooth(frames)
    latent = encode(video)
    assert latent.shape == (16, 1 + (frames - 1) // 4, 8, 12)
    assert latent.dtype == np.float16
    assert picture_psnr_db(video, decode(latent)) > 30


def test_faster_motion_comes_back_worse() -> None:
    psnr = [picture_psnr_db(v := moving(9, speed), decode(encode(v))) for speed in (0, 1, 3, 8)]
    assert psnr == sorted(psnr, reverse=True)
    assert psnr[0] > psnr[-1] + 1


def test_a_flat_colour_comes_back_exactly_and_white_is_one() -> None:
    white = np.full((5, 16, 16, 3), 255, np.uint8)
    latent = encode(white)
    assert np.allclose(latent[0], 1, atol=2e-3)
    assert np.allclose(latent[1:], 0, atol=1e-3)
    assert picture_psnr_db(white, decode(latent)) == 100.0


def test_the_error_is_the_energy_that_was_left_out() -> None:
    video = np.random.default_rng(1).integers(90, 165, (5, 32, 32, 3), np.uint8)
    signal = video.astype(np.float64) / 127.5 - 1
    latent = encode(video).astype(np.float64)
    kept = 192 * (latent[:, 0] ** 2).sum() + 768 * (latent[:, 1] ** 2).sum()
    error = ((decode(encode(video)) / 127.5 - 1 - signal) ** 2).sum()
    assert error == pytest.approx((signal**2).sum() - kept, rel=0.02)


def test_it_is_causal() -> None:
    video = smooth(13)
    assert np.array_equal(encode(video)[:, :2], encode(video[:5]))
    changed = video.copy()
    changed[9:] = 0
    assert np.array_equal(encode(changed)[:, :3], encode(video)[:, :3])
    assert not np.array_equal(encode(changed)[:, 3], encode(video)[:, 3])


@given(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_encoding_what_was_decoded_changes_little(n: int, rows: int, columns: int, seed: int) -> None:
    video = np.random.default_rng(seed).integers(100, 155, (1 + 4 * n, 8 * rows, 8 * columns, 3), np.uint8)
    latent = encode(video)
    assert np.array_equal(latent, encode(video))
    assert np.allclose(encode(decode(latent)), latent, atol=3e-3)


@pytest.mark.parametrize("shape", [(4, 16, 16, 3), (5, 12, 16, 3), (5, 16, 20, 3)])
def test_other_shapes_are_refused_by_name(shape: tuple[int, ...]) -> None:
    with pytest.raises(Unsupported, match=f"not {shape[0]} of {shape[2]}x{shape[1]}"):
        encode(np.zeros(shape, np.uint8))
