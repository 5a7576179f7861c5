import numpy as np
import pytest

from curate.encode.fidelity import sound_psnr_db
from curate.encode.mdct import Mdct


def encode(samples: np.ndarray) -> np.ndarray:
    """One sound, as it comes back from a float16."""
    return Mdct().encode(samples[None, None])[0].astype(np.float16)


def decode(latent: np.ndarray, samples: int) -> np.ndarray:
    return Mdct().decode(latent[None], samples)[0, 0]


def tone(hz: float, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(16000 * seconds)) / 16000)).astype(np.float32)


def snr_db(samples: np.ndarray) -> float:
    back = decode(encode(samples), len(samples))
    return float(10 * np.log10(np.square(samples).sum() / np.square(samples - back).sum()))


@pytest.mark.parametrize("hz", [100, 440, 1000, 3000])
def test_sound_below_4_khz_comes_back(hz: float) -> None:
    assert snr_db(tone(hz)) > 30


def test_sound_above_4_khz_does_not() -> None:
    assert snr_db(tone(6000)) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("samples", [1, 159, 160, 161, 8000])
def test_every_length_comes_back_whole(samples: int) -> None:
    sound = tone(440)[:samples]
    latent = encode(sound)
    assert latent.shape == (80, -(-samples // 160) + 1)
    assert len(decode(latent, samples)) == samples


def test_silence_is_zero_and_comes_back_exactly() -> None:
    silence = np.zeros(1600, np.float32)
    latent = encode(silence)
    assert not latent.any()
    assert sound_psnr_db(silence, decode(latent, 1600)) == 100.0


def test_a_click_is_in_the_latent_frame_of_its_time() -> None:
    for at in (100, 2405, 4000, 7000):
        click = np.zeros(8000, np.float32)
        click[at] = 1
        latent = encode(click)
        steps = Mdct().step_us(latent.shape[1])
        index = int(np.searchsorted(steps, at / 16000 * 1e6, side="right")) - 1
        assert int(np.argmax(np.square(latent, dtype=np.float32).sum(0))) == index
