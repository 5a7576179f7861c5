"""The offset of sound and picture: on strips made here, and on films with a ball that knocks where it hits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from curate.film.ball import hits
from curate.film.director import clock
from curate.film.film import shoot
from curate.film.script import Crop, Move, Script, Take
from curate.film.spec import FilmSpec
from curate.score.av_sync import av_sync
from curate.score.clip_strip import ClipStrip
from curate.score.measured import Measured
from curate.score.window import window
from schemas.strip import Strip
from tests.score.windows import clip
from tests.split.films import scanned
from tests.split.strips import media, strip

FPS = 25
Pictures = NDArray[np.uint8]


def sync(measured: Strip, **where: int) -> Measured | None:
    return av_sync(window(ClipStrip(clip(measured, **where), media(audio=True), measured)))


def offset_ms(found: Measured | None) -> int | None:
    assert found is not None
    assert isinstance(found.detail, dict)
    offset, state = found.detail["offset_ms"], found.detail["state"]
    assert (state == "synchronisable") is (offset is not None) is (found.value >= 0.3)
    assert 0 <= found.value <= 1
    return None if offset is None else int(str(offset))


def knocks(times_s: NDArray[np.float64], seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Levels of hops: each knock dies away in 120 ms, in the noise of a room."""
    hops = (np.arange(round(seconds * 100)) + 0.5) / 100
    level = np.full(len(hops), -52.0) + np.random.default_rng(seed).normal(0, 1.5, len(hops))
    for at_s in times_s:
        since = hops - at_s
        level = np.where((since >= 0) & (since < 0.2), np.maximum(level, -12 - since * 250), level)
    return level.astype(np.float32)


def flashes(times_s: NDArray[np.float64], seconds: float, seed: int = 0) -> Pictures:
    """A lamp in a corner that is lit for 0.1 to 0.4 s, in light that trembles."""
    rng = np.random.default_rng(seed)
    frames = rng.integers(80, 100, (1, 72, 128, 3)).repeat(round(seconds * FPS), 0) + rng.integers(0, 6, (1,))
    frames = frames + rng.integers(-4, 5, (len(frames), 1, 1, 1))
    for at_s in times_s:
        lit_s = rng.uniform(0.1, 0.4)
        frames[round(np.ceil(at_s * FPS)) : round(np.ceil((at_s + lit_s) * FPS)), 8:24, 8:24] = 230
    return frames.astype(np.uint8)


def seldom(seconds: float, seed: int) -> NDArray[np.float64]:
    return np.cumsum(np.random.default_rng(seed).uniform(0.5, 1.1, round(seconds * 2)))


def strip_of(pictures: Pictures, level: NDArray[np.float32], audio_start_us: int = 0) -> Strip:
    return strip(pictures, sound={"rms_db": level}, audio_start_us=audio_start_us)


@pytest.mark.parametrize("late_s", [-0.6, -0.13, 0.0, 0.21, 0.8])
def test_lamps_that_click(late_s: float) -> None:
    times_s = seldom(12, 3)
    times_s = times_s[times_s < 11]
    found = sync(strip_of(flashes(times_s, 12), knocks(times_s + late_s, 12)))
    assert offset_ms(found) == pytest.approx(1000 * late_s, abs=30)


def test_a_clip_in_the_middle_and_a_track_that_begins_late_have_the_same_offset() -> None:
    times_s = seldom(20, 5)
    times_s = times_s[times_s < 19]
    pictures, level = flashes(times_s, 20), knocks(times_s + 0.2, 20)
    late = strip_of(pictures, level[37:], audio_start_us=370_000)
    assert offset_ms(sync(late)) == pytest.approx(200, abs=30)
    assert offset_ms(sync(late, start_us=6_000_000, end_us=18_000_000)) == pytest.approx(200, abs=30)


@pytest.mark.parametrize("seed", range(6))
def test_sounds_of_something_else_are_not_synchronisable(seed: int) -> None:
    lamp, other = seldom(12, seed), seldom(12, 100 + seed)
    found = sync(strip_of(flashes(lamp[lamp < 11], 12), knocks(other[other < 11], 12)))
    assert offset_ms(found) is None


def test_what_is_as_regular_as_a_clock_fits_at_many_offsets() -> None:
    times_s = np.arange(0.5, 11.4, 0.5)
    assert offset_ms(sync(strip_of(flashes(times_s, 12), knocks(times_s, 12)))) is None


def test_silence_stillness_and_short_clips_are_not_synchronisable() -> None:
    times_s = seldom(12, 3)
    times_s = times_s[times_s < 11]
    pictures, level = flashes(times_s, 12), knocks(times_s, 12)
    silent = strip_of(pictures, np.full(1200, -120, np.float32))
    still = strip_of(pictures[:1].repeat(300, 0), level)
    whole = strip_of(pictures, level)
    for found in (sync(silent), sync(still), sync(whole, start_us=0, end_us=3_900_000)):
        assert offset_ms(found) is None
        assert found is not None
        assert found.value == 0


def test_no_sound_track_and_one_frame_have_no_score() -> None:
    pictures = flashes(seldom(4, 1), 4)
    assert sync(strip(pictures)) is None
    assert sync(strip(pictures[:1], sound={"rms_db": knocks(np.array([0.5]), 4)}, audio_start_us=0)) is None


def one_shot(seed: int, late_ms: int, pan_px_s: float) -> Script:
    """Twelve seconds of one scene with a ball in it."""
    spec = FilmSpec(seed=seed, seconds=12, width=320, height=180, ball=True, late_ms=late_ms)
    pts_us, end_us = clock(spec, np.random.default_rng(seed))
    move = Move("pan", pan_x_px_s=pan_px_s) if pan_px_s else Move()
    take = Take(0, len(pts_us), "hills", Crop(0, 0, *spec.size), seed=seed, move=move)
    return Script(spec, pts_us, end_us, (take,), (), hits_us=hits(seed, end_us))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("seed", "late_ms", "pan_px_s"), [(1, 0, 0.0), (2, -300, 0.0), (3, 120, 0.0), (4, 500, 6.0), (5, 0, 15.0)]
)
def test_a_ball_that_knocks(tmp_path: Path, seed: int, late_ms: int, pan_px_s: float) -> None:
    path = tmp_path / "ball.mp4"
    film = shoot(path, one_shot(seed, late_ms, pan_px_s))
    knocked = {sound.start_us for sound in film.sounds if sound.label == "knock"}
    assert knocked <= {at_us + late_ms * 1000 for at_us in film.hits_us}
    assert len(knocked) >= len(film.hits_us) - 2
    measured = scanned(path).strip
    assert offset_ms(sync(measured)) == pytest.approx(late_ms, abs=40)
    shuffled = np.random.default_rng(seed).permutation(measured.rms_db.to_numpy()[:1200].reshape(-1, 50)).reshape(-1)
    assert offset_ms(sync(replace(measured, rms_db=pa.array(shuffled)))) is None
