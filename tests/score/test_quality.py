"""Metrics of how a picture was made and kept: noise, blocks, fields, detail, overlays, repeats, light, colour."""

import json
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.score.colourfulness import colourfulness
from curate.score.detail_resolution import detail_share
from curate.score.overlay_share import STEADY
from curate.score.repeat_share import repeats
from schemas.strip import SPECTRUM
from tests.score.windows import measure, moving, plain, seen, value
from tests.split.films import Scanned, scanned
from tests.split.strips import hold, scene, strip, times

Rows = dict[str, NDArray[np.float32]]
A = hold(scene(1), 75)  # three seconds


def row(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_noise_and_blockiness_are_those_of_the_usual_frame() -> None:
    details: Rows = {"noise": row(1, 9, 2), "blockiness": row(1.2, np.nan, 1.4)}
    assert value("noise", strip(A, details=details)) == 2
    assert value("blockiness", strip(A, details=details)) == pytest.approx(1.3)
    assert measure("noise", strip(A)) is None
    assert measure("noise", strip(A, details=details), start_us=1_040_000, end_us=1_960_000) is None


def test_combed_frames_are_counted_and_a_few_teeth_are_none() -> None:
    assert value("combed_share", strip(A, details={"combed": row(0.08, 0.002, 0.03)})) == pytest.approx(2 / 3)
    assert value("combed_share", strip(A, details={"combed": row(0.002, 0, 0)})) == 0
    assert measure("combed_share", strip(A)) is None


def test_exposure_is_the_mean_of_the_frames() -> None:
    details: Rows = {"dark_share": row(0.2, 0.4, 0.6), "bright_share": row(0, 0, 0.3)}
    assert value("dark_share", strip(A, details=details)) == pytest.approx(0.4)
    assert value("bright_share", strip(A, details=details)) == pytest.approx(0.1)


@pytest.mark.parametrize("end", [10, 16, 24])
def test_detail_ends_where_the_spectrum_falls_off(end: int) -> None:
    power = np.asarray(1e4 / (np.arange(SPECTRUM) + 0.5) ** 2, np.float64)
    assert detail_share(power) == 1
    power[end:] *= 0.01
    assert detail_share(power) == pytest.approx(end / SPECTRUM)


def test_detail_below_the_rounding_of_eight_bits_is_none() -> None:
    power = 30 / (np.arange(SPECTRUM) + 0.5) ** 2
    power[12:] = 0
    assert detail_share(power + 0.1875 / 12) == pytest.approx(12 / SPECTRUM)


def test_detail_is_in_pixels_of_the_shorter_side() -> None:
    levels = (40 - 20 * np.log10(np.arange(SPECTRUM) + 0.5)).astype(np.float32)
    levels[16:] -= 30
    found = measure("detail_resolution", strip(A, details={"row_spectrum": np.tile(levels, 3)}))
    assert found is not None
    assert found.value == 180
    assert found.detail == {"share": 0.5}
    assert measure("detail_resolution", strip(A)) is None


def steady(*boxes: tuple[int, int, int, int]) -> bytes:
    """A map whose boxes (left, top, width, height, cells) hold edges that stay."""
    cells = np.full((36, 64), 60, np.uint8)
    for left, top, width, height in boxes:
        cells[top : top + height, left : left + width] = int(STEADY) + 20
    return cells.tobytes()


def test_a_logo_has_its_share_and_its_box() -> None:
    found = measure("overlay_share", strip(A, overlay=steady((54, 3, 6, 4))))
    assert found is not None
    assert found.value == pytest.approx(24 / (36 * 64))
    assert json.loads(json.dumps(found.detail))["box"] == pytest.approx([54 / 64, 3 / 36, 6 / 64, 4 / 36], abs=1e-4)
    assert value("overlay_share", strip(A, overlay=steady())) == 0


def test_what_stays_is_no_logo_where_it_is_the_scene_or_its_borders() -> None:
    assert measure("overlay_share", strip(A)) is None
    assert measure("overlay_share", strip(A, overlay=steady((5, 5, 40, 20)))) is None
    assert measure("overlay_share", strip(A, overlay=steady((28, 16, 6, 4)))) is None
    edges = steady((0, 8, 64, 1), (0, 27, 64, 1))
    assert value("overlay_share", strip(A, overlay=edges), crop=(0, 90, 640, 180)) == 0  # type: ignore[arg-type]
    still = {name: np.zeros(11, np.float32) for name in ("pan_x_px_s", "pan_y_px_s")}
    still["camera_fit"] = np.ones(11, np.float32)
    assert measure("overlay_share", strip(A[:55], overlay=steady((54, 3, 6, 4)), motion=still)) is None


def test_light_that_trembles_flickers_and_a_fade_a_cut_and_a_flash_hardly() -> None:
    frames = np.arange(100)
    beating = plain(0, 100) + (120 + 6 * np.sin(frames * 2 * np.pi / 4)).astype(np.uint8)[:, None, None, None]
    assert value("flicker", strip(beating)) == pytest.approx(6 / np.sqrt(2), rel=0.2)
    fading = plain(0, 100) + np.linspace(20, 220, 100).astype(np.uint8)[:, None, None, None]
    cut = np.concatenate([plain(60, 50), plain(180, 50)])
    flashed = plain(100, 100)
    flashed[50] = 255
    assert max(value("flicker", strip(one)) for one in (fading, cut, flashed)) < 0.4
    assert measure("flicker", strip(beating[:12])) is None


def hasler(pictures: NDArray[np.uint8]) -> float:
    """Colourfulness as Hasler and Süsstrunk define it, on whole pictures."""
    found = []
    for picture in pictures.astype(np.float64):
        red, green, blue = picture.reshape(-1, 3).T
        rg, yb = red - green, (red + green) / 2 - blue
        found.append(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(4))
def test_colourfulness_is_that_of_its_paper(seed: int) -> None:
    pictures = hold(scene(seed), 5)
    assert colourfulness(seen(strip(pictures))).value == pytest.approx(hasler(pictures), rel=0.15)
    assert value("colourfulness", strip(plain(120, 5))) == pytest.approx(0, abs=0.5)


def test_grey_and_sepia_are_monochrome_and_colours_are_not() -> None:
    grey = np.repeat(A[:10].mean(-1, keepdims=True).astype(np.uint8), 3, -1)
    assert value("monochrome_share", strip(grey)) == 1
    toned = np.clip(grey * 0.8 + np.array([30.0, 10.0, 0.0]), 0, 255).astype(np.uint8)
    assert value("monochrome_share", strip(toned)) == 1
    assert value("monochrome_share", strip(A[:10])) == 0
    assert value("monochrome_share", strip(np.concatenate([grey, A[:10]]))) == pytest.approx(0.5)


def test_white_is_as_black_is() -> None:
    assert value("white_share", strip(np.concatenate([plain(255, 10), A[:10]]))) == pytest.approx(0.5)
    assert value("white_share", strip(plain(0, 10))) == 0


@pytest.mark.parametrize(("held", "share"), [((1,), 0.0), ((2,), 0.5), ((3, 2), 0.6)])
def test_repeated_frames_are_told_from_new_ones(held: tuple[int, ...], share: float) -> None:
    """(3, 2) is 24 frames in 60."""
    new = hold(scene(2), 60, speed=1.5)
    shown = np.repeat(new, np.resize(held, len(new)), axis=0)[:120]
    found = measure("repeat_share", strip(shown, times(len(shown), 60.0)))
    assert found is not None
    assert found.value == pytest.approx(share, abs=0.03)
    assert json.loads(json.dumps(found.detail))["fps"] == pytest.approx(60 * (1 - share), abs=2)


def test_a_picture_that_stands_still_repeats_nothing() -> None:
    assert measure("repeat_share", strip(A)) is None
    moved, repeated = repeats(np.array([3.0, 3.0, 0.0] * 10 + [0.0] * 40, np.float32))
    assert moved[:24].all()
    assert not moved[40:].any()
    assert repeated[:24].sum() == 8


def test_a_camera_that_trembles_shakes_by_so_many_pixels() -> None:
    at = np.arange(11) * 0.2
    hand = np.stack([2 * np.sin(2 * np.pi * 1.9 * at), 1.5 * np.cos(2 * np.pi * 1.6 * at)], 1)
    path = hand + np.stack([30 * at + 4 * at**2, -10 * at], 1)  # and pans, faster and faster
    speed = np.concatenate([[[np.nan, np.nan]], np.diff(path, axis=0) / 0.2]).astype(np.float32)
    flow = {name: np.ones(11, np.float32) for name in ("motion_px_s", "camera_fit")}
    flow |= {"pan_x_px_s": speed[:, 0], "pan_y_px_s": speed[:, 1]}
    shaken = strip(hold(scene(1), 55), motion=flow)
    assert value("shake", shaken) == pytest.approx(np.hypot(2, 1.5) / np.sqrt(2), rel=0.2)
    assert value("shake", moving(pan_x_px_s=40.0, motion_px_s=40.0)) == pytest.approx(0, abs=1e-3)
    assert measure("shake", shaken, end_us=1_000_000) is None


def encoded(path: Path, source: Path, filters: str, *options: str) -> Scanned:
    """Three seconds of a clip through ffmpeg's filters."""
    coder = options or ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22")
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-ss", "2", "-t", "3", "-i", str(source), "-an"]
    subprocess.run([*command, "-vf", filters, *coder, str(path)], check=True)
    return scanned(path)


def of(name: str, found: Scanned) -> float:
    picture = found.media.picture
    assert picture is not None
    return value(name, found.strip, crop=(0, 0, picture.width, picture.height))  # type: ignore[arg-type]


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "size"),
    [("sam2_dog_720p.mp4", "1280:720"), ("sam2_bedroom_540p.mp4", "960:540"), ("dj_great_wall_360p.mp4", "640:360")],
)
def test_what_was_enlarged_has_less_detail_than_the_original(media: Path, tmp_path: Path, name: str, size: str) -> None:
    source = media / "good" / name
    original = encoded(tmp_path / "a.mp4", source, f"scale={size}")
    twice = encoded(tmp_path / "b.mp4", source, f"scale=iw/2:ih/2:flags=area,scale={size}:flags=bicubic")
    height = int(size.split(":")[1])
    assert of("detail_resolution", original) >= 0.8 * height
    assert 0.35 * height <= of("detail_resolution", twice) <= 0.7 * height


def first_luma(path: Path) -> NDArray[np.int16]:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="gray").astype(np.int16)


@pytest.mark.golden
def test_noise_that_is_added_is_measured(media: Path, tmp_path: Path) -> None:
    source = media / "good" / "sam2_dog_720p.mp4"
    lossless = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0")
    clean = of("noise", encoded(tmp_path / "a.mp4", source, "scale=640:360", *lossless))
    assert clean < 0.7
    grained = of("noise", encoded(tmp_path / "b.mp4", source, "scale=640:360,noise=c0s=9:c0f=t", *lossless))
    added = (first_luma(tmp_path / "b.mp4") - first_luma(tmp_path / "a.mp4")).std()
    assert grained == pytest.approx(added * 255 / 219, rel=0.25)


@pytest.mark.golden
def test_fields_woven_of_a_pan_are_combed_and_frames_are_not(media: Path, tmp_path: Path) -> None:
    source = media / "good" / "mdn_crystal_480p.mp4"
    plain_video = encoded(tmp_path / "a.mp4", source, "scale=854:480")
    woven = encoded(
        tmp_path / "b.mp4", source, "scale=854:480,tinterlace=interleave_top", "-c:v", "mpeg2video", "-q:v", "3"
    )
    assert of("combed_share", plain_video) == 0
    assert of("combed_share", woven) > 0.5


@pytest.mark.golden
def test_a_starved_mpeg2_shows_its_blocks(media: Path, tmp_path: Path) -> None:
    source = media / "good" / "sam2_dog_720p.mp4"
    good = of("blockiness", encoded(tmp_path / "a.mpg", source, "scale=640:360", "-c:v", "mpeg2video", "-q:v", "2"))
    bad = of("blockiness", encoded(tmp_path / "b.mpg", source, "scale=640:360", "-c:v", "mpeg2video", "-q:v", "31"))
    assert good < 1.2
    assert bad > 1.6


@pytest.mark.golden
def test_a_logo_burnt_into_a_moving_film_is_found_in_its_corner(media: Path, tmp_path: Path) -> None:
    source = media / "good" / "bbb_480p_30s.mp4"
    box = "drawbox=x=740:y=30:w=70:h=40:color=white:t=fill,drawbox=x=755:y=40:w=40:h=20:color=red:t=fill"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(source), "-an", "-vf", box, "-preset", "ultrafast"]
    subprocess.run([*command, str(tmp_path / "logo.mp4")], check=True)
    marked, bare = scanned(tmp_path / "logo.mp4"), scanned(source)
    assert of("overlay_share", bare) == 0
    found = measure("overlay_share", marked.strip, crop=(0, 0, 854, 480))  # type: ignore[arg-type]
    assert found is not None
    assert 0.003 < found.value < 0.03
    left, top, width, height = json.loads(json.dumps(found.detail))["box"]
    assert (left, top) == pytest.approx((740 / 854, 30 / 480), abs=0.04)
    assert (width, height) == pytest.approx((70 / 854, 40 / 480), abs=0.06)


@pytest.mark.golden
def test_real_clips_are_what_a_look_at_them_says(media: Path) -> None:
    good = media / "good"
    assert of("monochrome_share", scanned(good / "friday_bw_480p.mp4")) == 1
    assert of("monochrome_share", scanned(good / "flower_540p.mp4")) == 0
    assert of("flicker", scanned(good / "film_leader_240p.mp4")) > 3
    assert of("flicker", scanned(good / "sam2_dog_720p.mp4")) < 0.3
    for name in ("bbb_240p_5s.mp4", "dj_great_wall_360p.mp4", "flower_540p.mp4"):
        assert of("repeat_share", scanned(good / name)) < 0.05
        assert of("combed_share", scanned(good / name)) == 0
