"""Measures of sound against known signals and against pyloudnorm."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray

from curate.media.silero import load
from curate.media.sound import waves
from curate.scan.sound import SoundRows, SoundTrack, channel_weights, edges


@pytest.fixture(scope="module")
def vad() -> Any:
    return load()


def measured(vad: Any, wave: NDArray[np.float32], rate_hz: int, layout: str = "mono", step: int = 1024) -> SoundRows:
    """wave: [C, N]."""
    track = SoundTrack(vad)
    for start in range(0, wave.shape[1], step):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[:, start : start + step]), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        track.add(frame)
    return track.rows()


def lufs(k_power: NDArray[np.float32]) -> float:
    """BS.1770-4 gated loudness of blocks of 100 ms: 400 ms gates that overlap by three quarters."""
    power = np.convolve(k_power, np.full(4, 0.25), "valid")
    loud = power[-0.691 + 10 * np.log10(np.maximum(power, 1e-12)) > -70]
    gate = -0.691 + 10 * np.log10(loud.mean()) - 10
    return float(-0.691 + 10 * np.log10(loud[-0.691 + 10 * np.log10(loud) > gate].mean()))


def tone(hz: float, level: float, seconds: float, rate_hz: int) -> NDArray[np.float32]:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)[None]


def test_hops_are_exact_where_the_rate_does_not_divide() -> None:
    starts = edges(11_025, 11_025, 100)
    assert len(starts) == 100
    assert starts[:4].tolist() == [0, 110, 220, 330]
    assert starts[50] == 5512


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 48_000])
def test_clocks_have_their_lengths(vad: Any, rate_hz: int) -> None:
    rows = measured(vad, tone(440, 0.5, 5.0, rate_hz), rate_hz)
    assert (len(rows.rms_db), len(rows.flux), len(rows.clipped), len(rows.k_power)) == (500, 500, 500, 50)
    assert len(rows.speech) == 157
    assert rows.rms_db[10:490] == pytest.approx(-9.03, abs=0.1)


def test_a_standard_tone_has_its_loudness(vad: Any) -> None:
    """EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS."""
    wave = np.repeat(tone(1000, 10 ** (-23 / 20), 5, 48_000), 2, 0)
    assert lufs(measured(vad, wave, 48_000, "stereo").k_power) == pytest.approx(-23, abs=0.1)


def test_a_knock_is_where_flux_peaks(vad: Any) -> None:
    wave = np.zeros((1, 48_000 * 3), np.float32)
    wave[0, 72_000:72_480] = np.random.default_rng(0).normal(0, 0.3, 480)
    rows = measured(vad, wave, 48_000)
    assert abs(int(rows.flux.argmax()) - 150) <= 2
    assert int(rows.rms_db.argmax()) == 150
    assert rows.rms_db[0] == -120
    assert rows.flux.min() == 0


def test_clipping_is_a_share_of_samples(vad: Any) -> None:
    wave = np.clip(tone(100, 2.0, 1, 48_000), -1, 1)
    rows = measured(vad, np.concatenate([wave, wave * 0.9], 1), 48_000)
    assert rows.clipped[:100].mean() == pytest.approx(2 / 3, abs=0.02)
    assert rows.clipped[100:].max() == 0


def test_the_size_of_frames_does_not_matter(vad: Any) -> None:
    wave = np.random.default_rng(5).normal(0, 0.1, (2, 44_100 * 5)).astype(np.float32)
    one, other = (measured(vad, wave, 44_100, "stereo", step) for step in (1024, 9999))
    for name in ("rms_db", "flux", "clipped", "speech", "k_power"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-5)


def test_surround_channels_weigh_as_the_standard_says() -> None:
    names = [channel.name for channel in av.AudioLayout("5.1").channels]
    assert channel_weights(names) == pytest.approx([1, 1, 1, 0, 1.41, 1.41])


@pytest.mark.golden
@pytest.mark.parametrize("name", ["v2d_slides_1080p_122s.mp4", "friday_bw_480p.mp4", "nasa_13013_180p.mp4"])
def test_loudness_agrees_with_pyloudnorm(media: Path, vad: Any, name: str) -> None:
    track, parts = SoundTrack(vad), []
    with av.open(str(media / "good" / name)) as container:
        for frame in container.decode(container.streams.best("audio")):
            assert isinstance(frame, av.AudioFrame)
            parts.append(waves(frame))
            rate_hz = frame.sample_rate
            track.add(frame)
            if len(parts) == 700:
                break
    expected = pyloudnorm.Meter(rate_hz).integrated_loudness(np.concatenate(parts, 1).T.astype(np.float64))
    assert lufs(track.rows().k_power) == pytest.approx(expected, abs=0.2)


@pytest.mark.golden
def test_speech_is_heard_and_silence_is_not(media: Path, vad: Any) -> None:
    track = SoundTrack(vad)
    with av.open(str(media / "good" / "jfk_11s.flac")) as container:
        for frame in container.decode(audio=0):
            track.add(frame)
    rows = track.rows()
    assert (rows.speech > 0.5).mean() > 0.6
    quiet = measured(vad, np.random.default_rng(0).normal(0, 1e-3, (1, 80_000)).astype(np.float32), 16_000)
    assert quiet.speech.max() < 0.5


@pytest.mark.golden
def test_the_model_is_run_as_its_package_runs_it(media: Path, vad: Any) -> None:
    from faster_whisper.vad import get_vad_model

    with av.open(str(media / "good" / "silero_test_60s.wav")) as container:
        frames = list(container.decode(audio=0))
    track = SoundTrack(vad)
    for frame in frames:
        track.add(frame)
    wave = np.concatenate([waves(frame)[0] for frame in frames])
    whole = len(wave) // 512 * 512
    expected = get_vad_model()(wave[:whole]).reshape(-1)
    assert track.rows().speech[: len(expected)] == pytest.approx(expected, abs=0.02)
