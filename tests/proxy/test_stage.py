"""What an annotator is shown is what there is: frame for frame, click for click."""

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from curate.errors import NoFrames, NoVideo, RecipeError
from curate.media.file import ClipFile
from curate.proxy.stage import Proxy, make_proxy
from curate.proxy.told import Told
from curate.stage import Heavy
from schemas.clip import Clip
from schemas.proxy import Proxy as Row
from tests.encode.clips import clip_of
from tests.media.rows import media_file
from tests.proxy.films import Spec, click_us, film, number_of, numbers

STAGE = Proxy(sample_share=0.0)


def proxied(path: Path, start_us: int, end_us: int, folder: Path, stage: Proxy = STAGE) -> tuple[Row, Path]:
    """The row of a proxy, and its film."""
    heavy = make_proxy(clip_of(path, start_us, end_us), stage)
    assert isinstance(heavy.body, bytes)
    made = folder / "proxy.mp4"
    made.write_bytes(heavy.body)
    return heavy.row, made


SAME = {
    "plain": Spec(),
    "NTSC": Spec(rate=Fraction(30000, 1001)),
    "60 fps": Spec(rate=Fraction(60)),
    "stamps in ms": Spec(rate=Fraction(24000, 1001), suffix="mkv"),
    "turned": Spec(turns=1),
    "on its head": Spec(turns=2),
    "turned back": Spec(turns=3),
    "interlaced": Spec(options=(("x264-params", "tff=1"),)),
    "anamorphic": Spec(width=180, aspect=Fraction(64, 45)),
    "10 bits": Spec(pixels="yuv420p10le"),
    "4:4:4": Spec(pixels="yuv444p"),
    "odd": Spec(width=255, height=143, codec="ffv1", pixels="yuv444p", suffix="mkv"),
    "RGB": Spec(codec="ffv1", pixels="bgr0", suffix="mkv"),
    "frames that wait for later ones": Spec(options=(("bf", "3"), ("g", "250"))),
    "large": Spec(width=1600, height=1200, frames=6),
    "tiny": Spec(width=24, height=16),
}


@pytest.mark.parametrize("name", SAME)
def test_frame_k_shows_frame_k(name: str, tmp_path: Path) -> None:
    spec = SAME[name]
    path = film(tmp_path, spec)
    row, made = proxied(path, 0, round(spec.frames * 1e6 / spec.rate), tmp_path)
    assert numbers(made) == list(range(spec.frames))
    assert row.frames == spec.frames
    assert abs(row.width / row.height - 16 / 9) < 0.1 or name in {"large", "tiny"}
    assert Fraction(row.rate_num, row.rate_den) == spec.rate
    assert (row.sound, row.still) == (False, False)


@pytest.mark.parametrize("name", ["plain", "stamps in ms", "frames that wait for later ones"])
def test_a_clip_begins_with_its_first_frame_and_ends_with_its_last(name: str, tmp_path: Path) -> None:
    spec = replace(SAME[name], frames=200)
    path = film(tmp_path, spec)
    start_us, end_us = (round(n * 1e6 / spec.rate) for n in (130, 171))
    _, made = proxied(path, start_us, end_us, tmp_path)
    assert numbers(made) == list(range(130, 171))


def test_frames_of_a_variable_rate_are_shown_when_they_were(tmp_path: Path) -> None:
    pts_ms = (0, 33, 40, 200, 1000, 1033, 1067, 1500)
    path = film(tmp_path, Spec(frames=len(pts_ms), rate=Fraction(30), pts_ms=pts_ms, suffix="mkv"))
    row, made = proxied(path, 0, 1_600_000, tmp_path)
    step_ms = 1000 * row.rate_den / row.rate_num
    seen = numbers(made)
    assert len(seen) == row.frames == round(1600 / step_ms)
    for k, number in enumerate(seen):
        assert pts_ms[number] <= (k + 0.5) * step_ms + 0.5
        later = [pts for pts in pts_ms[number + 1 :] if pts <= (k - 0.5) * step_ms - 0.5]
        assert not later, f"frame {k} is behind: {number=}"
    assert set(range(8)) - set(seen) <= {1, 2}  # two frames 7 ms apart are nearest to one instant


def test_a_slow_film_is_held_evenly(tmp_path: Path) -> None:
    path = film(tmp_path, Spec(frames=20, rate=Fraction(10)))
    row, made = proxied(path, 0, 2_000_000, tmp_path)
    assert (row.rate_num, row.rate_den) == (30, 1)
    assert numbers(made) == [n for n in range(20) for _ in range(3)]


def test_of_a_fast_film_every_second_frame_is_shown(tmp_path: Path) -> None:
    path = film(tmp_path, Spec(frames=60, rate=Fraction(120)))
    row, made = proxied(path, 0, 500_000, tmp_path)
    assert (row.rate_num, row.rate_den) == (60, 1)
    assert numbers(made) == list(range(0, 60, 2))


def test_a_film_of_one_frame_is_one(tmp_path: Path) -> None:
    row, made = proxied(film(tmp_path, Spec(frames=1)), 0, 41_667, tmp_path)
    assert (row.frames, numbers(made), row.thumbs) == (1, [0], 1)


def test_a_still_is_a_film_of_one_frame_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    Image.fromarray(np.full((99, 201, 3), (200, 30, 90), np.uint8)).save(path)
    row, made = proxied(path, 0, 1, tmp_path)
    assert (row.still, row.sound, row.frames, row.width, row.height) == (True, False, 1, 200, 100)
    with av.open(str(made)) as container:
        (frame,) = container.decode(video=0)
    assert np.allclose(frame.to_ndarray(format="rgb24").mean(axis=(0, 1)), (200, 30, 90), atol=4)


@pytest.mark.parametrize("span", [(0, 2_500_000), (500_000, 2_000_000), (1_041_667, 1_250_000)])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_is_in_sync(span: tuple[int, int], channels: int, tmp_path: Path) -> None:
    path = film(tmp_path, Spec(click_us=1_200_000, channels=channels))
    row, made = proxied(path, *span, tmp_path)
    assert row.sound
    assert abs(click_us(made) - (1_200_000 - span[0])) < 5_000
    with av.open(str(made)) as container:
        audio = container.streams.audio[0]
        assert (audio.rate, audio.channels, audio.codec.name) == (48_000, channels, "aac")


def test_sound_that_starts_late_does(tmp_path: Path) -> None:
    path = film(tmp_path, Spec(click_us=1_200_000, sound_from_us=700_000, suffix="mkv"))
    row, made = proxied(path, 0, 2_500_000, tmp_path)
    assert abs(click_us(made) - 1_200_000) < 5_000
    pairs = np.frombuffer(row.peaks, np.int8).reshape(-1, 2)
    assert row.peaks_hz == 100
    assert len(pairs) == 250
    assert abs(int(np.argmax(pairs[:, 1])) - 120) <= 1
    assert pairs[:, 1].max() > 100
    assert not pairs[:60].any()


def test_each_seek_finds_its_frame(tmp_path: Path) -> None:
    _, made = proxied(film(tmp_path, Spec()), 0, 2_500_000, tmp_path)
    with av.open(str(made)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.size]
        keys = [n for n, packet in enumerate(packets) if packet.is_keyframe]
        assert max(b - a for a, b in zip(keys, [*keys[1:], len(packets)], strict=True)) <= 12
        assert [p.pts for p in packets] == [p.dts for p in packets]


def test_a_player_needs_no_more_than_its_beginning(tmp_path: Path) -> None:
    _, made = proxied(film(tmp_path, Spec(click_us=1_000_000)), 0, 2_500_000, tmp_path)
    body = made.read_bytes()
    assert 0 < body.find(b"moov") < body.find(b"mdat")


def test_the_thumbnails_are_those_of_equal_steps(tmp_path: Path) -> None:
    row, _ = proxied(film(tmp_path, Spec()), 0, 2_500_000, tmp_path)
    strip = np.asarray(Image.open(io.BytesIO(row.thumbs_jpeg)))
    assert row.thumbs == 16
    assert strip.shape == (54, 16 * 96, 3)
    assert len(row.thumbs_jpeg) < 30_000
    seen = [number_of(strip[:, n * 96 : (n + 1) * 96]) for n in range(16)]
    assert seen == [(2 * n + 1) * 60 // 32 for n in range(16)]


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    path = film(tmp_path, Spec(click_us=1_000_000))
    first, second = (make_proxy(clip_of(path, 0, 2_500_000), STAGE) for _ in range(2))
    assert first == second


def test_a_crop_is_not_applied(tmp_path: Path) -> None:
    path = film(tmp_path, Spec())
    row = make_proxy(clip_of(path, 0, 1_000_000, crop=(10, 10, 100, 100)), STAGE).row
    assert (row.width, row.height) == (256, 144)


def test_nothing_is_made_where_nobody_looks(tmp_path: Path) -> None:
    clip = clip_of(film(tmp_path, Spec(frames=5)), 0, 200_000)
    told = Told("caption", "pass", clip.clip, clip.media, None)
    (outcome,) = STAGE.open()([told])
    assert (outcome.input_id, outcome.rows, outcome.failure) == ("caption", (), None)
    (outcome,) = STAGE.open()([replace(told, file=clip.file)])
    (heavy,) = outcome.rows
    assert isinstance(heavy, Heavy)
    assert heavy.row.clip_id == clip.clip.clip_id


def test_flagged_clips_are_wanted_and_a_share_of_the_others() -> None:
    stage = Proxy(sample_share=0.1)
    ids = [f"media/{n:012d}" for n in range(4000)]
    assert all(stage.wants("flagged", one) for one in ids)
    chosen = [one for one in ids if stage.wants("pass", one)]
    assert 320 < len(chosen) < 480
    assert chosen == [one for one in ids if stage.wants("repaired", one)]
    assert not any(Proxy(sample_share=0.0).wants("pass", one) for one in ids)
    assert all(Proxy(sample_share=1.0).wants("pass", one) for one in ids)


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(RecipeError, match="sample_share"):
        Proxy(sample_share=2)
    with pytest.raises(RecipeError, match=r"proxy\.gop"):
        Proxy(gop=0)


@pytest.mark.golden
def test_sound_alone_has_no_proxy(media: Path) -> None:
    with pytest.raises((NoVideo, NoFrames)):
        make_proxy(_any_clip(media / "nasty" / "audio_only_92s.mp4"), STAGE)


def _any_clip(path: Path) -> ClipFile:
    row = media_file(path)
    end_us = min(row.media.duration_us or 1_000_000, 1_000_000)
    clip = Clip(f"{row.id}/0-1", row.id, 0, end_us, 1, "edge", "edge", 0, row.media.still, 0, 0, 1, 1)
    return ClipFile(clip, row.media, row.file)
