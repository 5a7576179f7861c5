"""Sound of a span, on the clock of the picture."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from curate.media.sound import SoundLine, place, samples, waves
from tests.media.rows import media_file


def frame(values: list[float] | np.ndarray, pts: int | None, rate_hz: int = 8000) -> av.AudioFrame:
    made = av.AudioFrame.from_ndarray(np.asarray(values, np.float32)[None], "fltp", "mono")
    made.sample_rate, made.pts, made.time_base = rate_hz, pts, Fraction(1, rate_hz)
    return made


def test_gaps_become_silence_and_overlaps_are_cut() -> None:
    line = SoundLine()
    line.add(frame(np.full(800, 0.1), 4000))
    line.add(frame(np.full(800, 0.2), 4000 + 1600))  # 100 ms late
    assert line.add(frame(np.full(800, 0.3), 4000 + 2000)) == 2800  # 50 ms early
    wave = line.read(2800)[0]
    assert line.start_us == 500_000
    levels = wave.reshape(-1, 400).mean(1)
    assert levels == pytest.approx([0.1, 0.1, 0, 0, 0.2, 0.2, 0.3], abs=1e-6)


def test_jitter_of_time_stamps_changes_nothing() -> None:
    line = SoundLine()
    for index in range(10):
        line.add(frame(np.full(800, 0.1), index * 800 + (-1) ** index * 80))
    assert line.read(99_999).shape == (1, 8000)


def test_a_clock_that_jumps_is_followed_without_a_day_of_silence() -> None:
    line = SoundLine()
    line.add(frame(np.full(800, 0.1), 0))
    assert line.add(frame(np.full(800, 0.1), 8000 * 86_400)) == 1600
    assert line.add(frame(np.full(800, 0.1), 8000 * 86_400 + 800)) == 2400


def test_another_rate_in_midstream_is_brought_to_the_first() -> None:
    line = SoundLine()
    line.add(frame(np.full(8000, 0.1), 0))
    other = frame(np.full(16_000, 0.1), None, 16_000)
    assert 15_900 <= line.add(other) <= 16_000


@pytest.mark.parametrize(("kind", "scale"), [("s16", 32767), ("s32", 2147483647), ("flt", 1.0), ("dbl", 1.0)])
def test_every_sample_format_is_full_scale_one(kind: str, scale: float) -> None:
    types = {"s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}
    values = (np.array([[0.5, -0.5, 0.25, -1.0]]) * scale).astype(types[kind])
    made = av.AudioFrame.from_ndarray(values, kind, "stereo")
    assert waves(made) == pytest.approx(np.array([[0.5, 0.25], [-0.5, -1.0]]), abs=1e-4)


def test_a_wave_is_placed_where_it_overlaps() -> None:
    out = np.zeros((1, 4), np.float32)
    assert place(out, np.array([[1, 2, 3]], np.float32), -2) == 1
    assert place(out, np.array([[4, 5]], np.float32), 3) == 5
    assert out.tolist() == [[3, 0, 0, 4]]


@pytest.mark.golden
@pytest.mark.parametrize(
    "name", ["good/bbb_480p_30s.mp4", "good/v2d_slides_1080p_122s.mp4", "good/jfk_11s.flac", "good/nasa_13013_180p.mp4"]
)
def test_a_span_is_the_same_sound_from_wherever_it_is_read(media: Path, name: str) -> None:
    row = media_file(media / name)
    whole = samples(row.file, row.media, 0, 8_000_000, 16_000)
    span = samples(row.file, row.media, 5_000_000, 6_000_000, 16_000)
    assert whole.shape == (1, 128_000)
    assert span.shape == (1, 16_000)
    assert np.abs(span - whole[:, 80_000:96_000]).max() < 1e-4
    assert np.abs(span).max() > 0.001


@pytest.mark.golden
def test_sound_is_on_the_clock_of_the_picture(media: Path) -> None:
    """The edit list shows the first frame one second after the first sample."""
    row = media_file(media / "nasty" / "edit_list_positive_shift.mp4")
    with av.open(str(media / "nasty" / "edit_list_positive_shift.mp4")) as container:
        raw = np.concatenate([waves(f).mean(0) for f in container.decode(audio=0)])
    found = samples(row.file, row.media, 0, 1_000_000, 48_000)[0]
    assert np.abs(found - raw[48_000:96_000]).max() < 1e-3
    before = samples(row.file, row.media, -1_500_000, 0, 48_000)[0]
    assert not before[:23_990].any()
    assert np.abs(before[24_000:] - raw[:48_000]).max() < 1e-3


@pytest.mark.golden
def test_stereo_and_silence_after_the_end(media: Path) -> None:
    row = media_file(media / "good" / "jfk_11s.flac")
    found = samples(row.file, row.media, 10_500_000, 12_000_000, 44_100, "stereo")
    assert found.shape == (2, 66_150)
    assert found[:, :20_000].any()
    assert not found[:, 23_000:].any()


@pytest.mark.golden
def test_a_media_without_sound_is_silent(media: Path) -> None:
    row = media_file(media / "nasty" / "no_audio.mp4")
    assert not samples(row.file, row.media, 0, 1_000_000, 16_000).any()
