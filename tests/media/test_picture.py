"""Frames of a span: which, when, and how they look."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.errors import NoVideo, TooLarge
from curate.media.clock import PictureClock
from curate.media.file import LocalFile, MediaFile
from curate.media.picture import Box, frames_rgb, range_us
from tests.media.rows import media_file

# First, second and last pts in µs, and frames, as
# `ffprobe -show_entries frame=best_effort_timestamp_time` has them, minus the first.
TIMES = {
    "nasty/non_zero_start.mp4": (0, 33_333, 366_667, 12),
    "nasty/edit_list_positive_shift.mp4": (0, 33_333, 8_966_667, 270),
    "nasty/discard_first_keyframe.mp4": (0, 40_000, 960_000, 25),
    "nasty/vfr_increasing_640x360.mp4": (0, 33_327, 17_029_984, 512),
    "nasty/no_duration.webm": (0, 67_000, 4_872_000, 74),
    "nasty/animated_newtonscradle.gif": (0, 50_000, 800_000, 36),
    "nasty/skateboarder_mpeg4.avi": (0, 125_125, 4_045_708, 96),
    "nasty/mpeg2_ts_1080p.ts": (0, 125_000, 2_458_333, 58),
}


def every(row: MediaFile, size: tuple[int, int] = (32, 18)) -> dict[int, NDArray[np.uint8]]:
    return dict(frames_rgb(row.file, row.media, 0, 10**12, size=size))


def test_a_frame_without_a_time_stamp_follows_the_one_before() -> None:
    clock = PictureClock(1000.0, 40_000)
    frames = [av.VideoFrame(16, 16, "gray") for _ in range(4)]
    for frame, pts in zip(frames, (500, None, 580, 560), strict=True):
        frame.pts = pts
    assert [clock.shown_us(frame) for frame in frames] == [0, 40_000, 80_000, None]
    assert clock.end_us == 120_000
    assert clock.origin_us == 500_000


def test_instants_at_a_rate_do_not_drift() -> None:
    instants = range_us(7, 7 + 1_000_000, 30_000 / 1001)
    assert instants[0] == 7
    assert instants[29] == 7 + round(29 * 1001e6 / 30_000)
    assert len(instants) == 30


@pytest.mark.golden
@pytest.mark.parametrize("name", TIMES)
def test_time_stamps_are_exact(media: Path, name: str) -> None:
    row = media_file(media / name)
    times = sorted(every(row))
    assert (times[0], times[1], times[-1], len(times)) == TIMES[name]


@pytest.mark.golden
@pytest.mark.parametrize(
    "name",
    ["good/sintel_trailer_480p_30s.mp4", "good/flower_540p_vp8.webm", "nasty/cockatoo_444_bad_seek.mp4",
     "nasty/mpeg2_ts_1080p.ts", "nasty/corrupted_midstream.mp4"],
)  # fmt: skip
def test_a_span_is_what_decoding_from_the_start_gives(media: Path, name: str) -> None:
    row = media_file(media / name)
    whole = every(row)
    times = sorted(whole)
    start, end = times[len(times) * 3 // 4] - 1, times[-1]
    span = dict(frames_rgb(row.file, row.media, start, end, size=(32, 18)))
    assert list(span) == [t for t in times if start <= t < end]
    assert all(np.array_equal(picture, whole[t]) for t, picture in span.items())


@pytest.mark.golden
def test_a_media_inside_a_shard_is_opened_in_place(media: Path, tmp_path: Path) -> None:
    row = media_file(media / "nasty" / "non_zero_start.mp4")
    shard = tmp_path / "name, with # signs.tar"
    data = Path(row.file.path).read_bytes()
    shard.write_bytes(b"x" * 1000 + data + b"y" * 1000)
    inside = LocalFile(str(shard), 1000, len(data))
    assert sorted(dict(frames_rgb(inside, row.media, 0, 10**9))) == sorted(every(row))


@pytest.mark.golden
def test_an_instant_shows_the_last_frame_that_is_not_later(media: Path) -> None:
    row = media_file(media / "nasty" / "dj_fern_1fps.mp4")
    instants = [0, 999_999, 1_000_000, 1_500_000, 19_500_000, 99_000_000]
    shown = list(frames_rgb(row.file, row.media, 0, 1, at_us=instants, size=(16, 12)))
    assert [t // 1_000_000 for t, _ in shown] == [0, 0, 1, 1, 19, 19]
    assert np.array_equal(shown[2][1], shown[3][1])
    assert not np.array_equal(shown[0][1], shown[2][1])


@pytest.mark.golden
def test_a_rate_repeats_frames_that_last(media: Path) -> None:
    row = media_file(media / "nasty" / "dj_fern_1fps.mp4")
    shown = [t for t, _ in frames_rgb(row.file, row.media, 2_000_000, 4_000_000, rate_hz=4, size=(16, 12))]
    assert shown == [2_000_000] * 4 + [3_000_000] * 4


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "turns"), [("nasty/rot90_iphone.mov", -1), ("nasty/rot180_720p_5s.mp4", 2), ("good/asl_book_480p.mkv", 0)]
)
def test_frames_stand_upright(media: Path, name: str, turns: int) -> None:
    row = media_file(media / name)
    _, picture = next(frames_rgb(row.file, row.media, 0, 1))
    with av.open(str(media / name)) as container:
        coded = next(container.decode(video=0)).to_ndarray(format="rgb24")
    upright = np.rot90(coded, turns)
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).mean() < 3


@pytest.mark.golden
def test_pixels_become_square(media: Path) -> None:
    row = media_file(media / "nasty" / "name with spaces é中 #1.mp4")
    _, picture = next(frames_rgb(row.file, row.media, 0, 1))
    assert picture.shape == (240, 427, 3)


@pytest.mark.golden
def test_a_crop_is_the_same_part_of_the_whole(media: Path) -> None:
    row = media_file(media / "nasty" / "portrait_4k60_rot.mp4")
    _, whole = next(frames_rgb(row.file, row.media, 0, 1, size=(216, 384)))
    _, part = next(frames_rgb(row.file, row.media, 0, 1, size=(80, 100), crop=Box(200, 1000, 800, 1000)))
    assert np.abs(part.astype(int) - whole[100:200, 20:100]).mean() < 1


def write(path: Path, frames: list[av.VideoFrame], codec: str, pixel_format: str, **options: str) -> MediaFile:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=10, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, pixel_format
        stream.codec_context.time_base = Fraction(1, 10)
        for pts, frame in enumerate(frames):
            frame.pts, frame.time_base = pts, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return media_file(path)


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name"),
    [("ffv1", "yuv444p", "a.mkv"), ("ffv1", "yuv420p10le", "a.mkv"), ("ffv1", "gray", "a.mkv"),
     ("ffv1", "bgra", "a.mkv"), ("libx264", "yuv420p", "a.mp4"), ("mjpeg", "yuvj420p", "a.jpg"),
     ("png", "rgb24", "a.png"), ("gif", "rgb8", "a.gif")],
)  # fmt: skip
def test_colours_survive_every_pixel_format(tmp_path: Path, codec: str, pixel_format: str, name: str) -> None:
    colours = np.array([[200, 40, 40], [40, 180, 60]], np.uint8)
    picture = np.repeat(np.repeat(colours[None], 48, 0), 32, 1)
    if pixel_format == "gray":
        picture[:] = picture.mean(2, keepdims=True)
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format)
    row = write(tmp_path / name, [frame], codec, pixel_format)
    _, shown = next(frames_rgb(row.file, row.media, 0, 1))
    assert shown.shape == (48, 64, 3)
    for half in (slice(0, 24), slice(40, 64)):
        colour = shown[8:-8, half].mean((0, 1))
        assert colour == pytest.approx(picture[8:-8, half].mean((0, 1)), abs=16 if codec == "gif" else 6)


@pytest.mark.golden
def test_a_frame_over_the_cap_is_refused(media: Path) -> None:
    row = media_file(media / "good" / "flower_540p.mp4")
    with pytest.raises(TooLarge, match="960x540 is over the cap of 1000 pixels"):
        next(frames_rgb(row.file, row.media, 0, 1, max_pixels=1000))


@pytest.mark.golden
def test_sound_alone_has_no_frames(media: Path) -> None:
    row = media_file(media / "good" / "jfk_11s.flac")
    with pytest.raises(NoVideo):
        next(frames_rgb(row.file, row.media, 0, 1))
