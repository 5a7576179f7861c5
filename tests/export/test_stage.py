"""A file holds the frames of its clip, from the first to the last, and the sound of its span; and nothing else."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from curate.errors import RecipeError
from curate.export.stage import Cut
from curate.media.sandbox import isolated
from tests.export.cutting import clip, cut, length_s, pictures, pictures_between, stamps
from tests.proxy.films import Spec, click_us, film, numbers

CLOSED = (("g", "24"), ("sc_threshold", "0"), ("x264-params", "open-gop=0"))
OPEN = (("g", "24"), ("sc_threshold", "0"), ("bf", "2"), ("b_strategy", "0"), ("x264-params", "open-gop=1"))
LONG = 120
RATE = Fraction(24)
DRY = Cut(dry=True)


def at(frame: int, rate: Fraction = RATE) -> int:
    """When a frame of a film is shown, in µs."""
    return round(frame * 1_000_000 / rate)


COPIED = {
    "B-frames": Spec(frames=LONG, options=(*CLOSED, ("bf", "3"))),
    "no B-frames": Spec(frames=LONG, options=(*CLOSED, ("bf", "0"))),
    "NTSC": Spec(frames=LONG, rate=Fraction(30000, 1001), options=CLOSED),
    "Matroska": Spec(frames=LONG, options=(*CLOSED, ("bf", "0")), suffix="mkv"),
    "Matroska, B-frames": Spec(frames=LONG, options=(*CLOSED, ("bf", "2")), suffix="mkv"),
    "10 bits": Spec(frames=LONG, options=CLOSED, pixels="yuv420p10le"),
    "HEVC": Spec(
        frames=LONG, codec="libx265",
        options=(("x265-params", "keyint=24:min-keyint=24:open-gop=0:scenecut=0:log-level=none"),),
    ),
    "VP9": Spec(
        frames=LONG, codec="libvpx-vp9", suffix="webm",
        options=(("g", "24"), ("cpu-used", "8"), ("deadline", "realtime")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIED)
def test_a_clip_that_begins_and_ends_with_a_group_is_copied(name: str, tmp_path: Path) -> None:
    spec = COPIED[name]
    row = clip(film(tmp_path, spec), at(24, spec.rate), at(72, spec.rate))
    made, path = cut(row, tmp_path)
    assert (made.copied, made.why) == (True, None)
    assert numbers(path) == list(range(24, 72))
    assert made.frames == 48
    for copied, source in zip(pictures(path), pictures_between(row), strict=True):
        assert np.array_equal(copied, source)
    shown = stamps(path)
    assert shown[0] == 0
    assert float(shown[-1]) == pytest.approx(float(47 / spec.rate), abs=0.002)
    assert length_s(path) == pytest.approx(float(48 / spec.rate), abs=0.002)


def test_a_whole_film_is_copied(tmp_path: Path) -> None:
    made, path = cut(clip(film(tmp_path, COPIED["B-frames"]), 0, at(LONG)), tmp_path)
    assert made.copied
    assert numbers(path) == list(range(LONG))


def test_a_clip_may_end_within_a_group_where_nothing_later_comes_first(tmp_path: Path) -> None:
    made, path = cut(clip(film(tmp_path, COPIED["no B-frames"]), at(48), at(65)), tmp_path)
    assert made.copied
    assert numbers(path) == list(range(48, 65))


REFUSED = {
    "within a group": (COPIED["no B-frames"], 30, 72, "does not begin with a key frame"),
    "a later frame is decoded first": (
        Spec(frames=LONG, options=(*CLOSED, ("bf", "3"), ("b_strategy", "0"))), 24, 67, "a frame shown after its end",
    ),
    "an open group": (Spec(frames=LONG, options=OPEN), 24, 72, "group is open|not one that a decoder can begin with"),
    "an open group, HEVC": (
        Spec(
            frames=LONG, codec="libx265",
            options=(("x265-params", "keyint=24:min-keyint=24:open-gop=1:scenecut=0:log-level=none"),),
        ),
        24, 72, "group is open|not one that a decoder can begin with",
    ),
    "a group that recovers bit by bit": (
        Spec(frames=LONG, options=(("g", "24"), ("x264-params", "intra-refresh=1"))), 24, 72,
        "does not begin with a key frame|not one that a decoder can begin with",
    ),
    "a codec that MP4 does not take": (Spec(frames=LONG, codec="ffv1", suffix="mkv"), 24, 72, "MP4 takes no ffv1"),
    "a container without an index": (Spec(frames=LONG, suffix="ts", options=CLOSED), 24, 72, "without an index"),
    "turned": (Spec(frames=LONG, turns=1, options=CLOSED), 24, 72, "turned"),
    "anamorphic": (Spec(frames=LONG, width=180, aspect=Fraction(64, 45), options=CLOSED), 24, 72, "not square"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_copy_would_not_hold_exactly_is_encoded_again(name: str, tmp_path: Path) -> None:
    spec, first, end, why = REFUSED[name]
    made, path = cut(clip(film(tmp_path, spec), at(first), at(end)), tmp_path)
    assert not made.copied
    assert made.why is not None
    assert re.search(why, made.why), made.why
    assert numbers(path) == list(range(first, end))
    assert stamps(path)[0] == 0
    assert abs(made.width / made.height - 16 / 9) < 0.1


def test_frames_of_a_variable_rate_keep_their_stamps(tmp_path: Path) -> None:
    pts_ms = tuple(int(n * 40 + 17 * (n % 3)) for n in range(90))
    path = film(tmp_path, Spec(frames=90, pts_ms=pts_ms, suffix="mkv", options=(("g", "30"), ("sc_threshold", "0"))))
    for first, copied in ((30, True), (35, False)):
        made, file = cut(clip(path, pts_ms[first] * 1000, pts_ms[60] * 1000), tmp_path)
        assert made.copied is copied, made.why
        assert numbers(file) == list(range(first, 60))
        told = [float(stamp) * 1000 for stamp in stamps(file)]
        assert told == pytest.approx([pts_ms[n] - pts_ms[first] for n in range(first, 60)], abs=0.1)
        assert length_s(file) * 1000 == pytest.approx(pts_ms[60] - pts_ms[first], abs=1.5)


def test_a_turned_film_may_be_copied_and_still_says_that_it_is_to_be_turned(tmp_path: Path) -> None:
    row = clip(film(tmp_path, Spec(frames=LONG, turns=1, options=CLOSED)), at(24), at(72))
    made, path = cut(row, tmp_path, Cut(turn=False))
    assert made.copied
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert round(frame.rotation) % 360 == 270
        assert (frame.width, frame.height) == (144, 256)


def test_a_clip_within_borders_is_cropped_unless_told_otherwise(tmp_path: Path) -> None:
    row = clip(film(tmp_path, Spec(frames=LONG, options=CLOSED)), at(24), at(72), (0, 0, 256, 101))
    made, path = cut(row, tmp_path)
    assert (made.copied, made.why, made.width, made.height) == (False, "cropped", 256, 100)
    with av.open(str(path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (256, 100)
    assert cut(row, tmp_path, Cut(crop=False))[0].copied


def test_a_crop_is_where_the_clip_says_it_is(tmp_path: Path) -> None:
    row = clip(film(tmp_path, Spec(frames=30)), 0, at(10), (0, 80, 256, 64))
    _, path = cut(row, tmp_path)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(picture.astype(int) - 100).max() < 12  # the grey of the lower half, and nothing of the squares


def test_sound_is_that_of_the_span_to_the_sample(tmp_path: Path) -> None:
    path = film(tmp_path, Spec(frames=LONG, click_us=2_500_000, options=CLOSED))
    for first, copied in ((24, True), (30, False)):
        made, file = cut(clip(path, at(first), at(72)), tmp_path)
        assert (made.copied, made.sound) == (copied, True)
        assert click_us(file) == pytest.approx(2_500_000 - at(first), abs=100)
        with av.open(str(file)) as container:
            sound = container.streams.audio[0]
            assert sound.codec.name == "aac"
            assert sound.sample_rate == 44_100
            assert float(sound.duration * sound.time_base) == pytest.approx((at(72) - at(first)) / 1e6, abs=0.03)


def test_a_dry_cut_says_the_same_and_makes_nothing(tmp_path: Path) -> None:
    path = film(tmp_path, COPIED["no B-frames"])
    for first in (24, 30):
        row = clip(path, at(first), at(72))
        dry, file = cut(row, tmp_path, DRY)
        assert file.read_bytes() == b""
        made, _ = cut(row, tmp_path)
        assert replace(dry, sha256=made.sha256, size_bytes=made.size_bytes) == made


@pytest.mark.parametrize(("form", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
def test_a_still_is_taken_out_byte_for_byte(form: str, suffix: str, tmp_path: Path) -> None:
    source = tmp_path / f"still.{suffix}"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)).save(source, form)
    made, path = cut(clip(source, 0, 0), tmp_path)
    assert (made.copied, made.suffix, made.frames) == (True, suffix, 1)
    assert path.read_bytes() == source.read_bytes()


def test_a_still_that_is_cropped_turned_or_transparent_is_a_png_of_what_is_shown(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (90, 160, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "still.png")
    made, path = cut(clip(tmp_path / "still.png", 0, 0, (10, 20, 101, 51)), tmp_path)
    assert (made.copied, made.why, made.suffix) == (False, "cropped", "png")
    assert np.array_equal(np.asarray(Image.open(path)), pixels[20:71, 10:111])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    made, path = cut(clip(tmp_path / "turned.png", 0, 0), tmp_path)
    assert made.why == "turned"
    assert np.array_equal(np.asarray(Image.open(path)), np.rot90(pixels, -1))
    Image.fromarray(np.zeros((20, 20, 4), np.uint8)).save(tmp_path / "clear.png")
    made, path = cut(clip(tmp_path / "clear.png", 0, 0), tmp_path)
    assert "transparent" in (made.why or "")
    assert np.asarray(Image.open(path)).min() == 255


def test_it_runs_in_a_disposable_child(tmp_path: Path) -> None:
    row, stage = clip(film(tmp_path, COPIED["no B-frames"]), at(24), at(48)), Cut()
    run = isolated(stage, stage.limits)
    (outcome,) = run([row])
    run.close()
    assert outcome.rows[0].row.copied


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(RecipeError, match="crf"):
        Cut(crf=99)
    with pytest.raises(RecipeError, match="hasty"):
        Cut(preset="hasty")
    with pytest.raises(RecipeError, match="group"):
        Cut(gop=0)
