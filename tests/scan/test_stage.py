"""The stage on real and on broken media."""

from pathlib import Path

import av
import numpy as np
import pytest

from curate.errors import ROW_ERRORS, NoFrames, RowError
from curate.film.film import make_film
from curate.film.spec import FilmSpec
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan
from curate.stage import fingerprint
from schemas.row import to_table
from schemas.strip import OVERLAY_HEIGHT, OVERLAY_WIDTH, PITCHES, SPECTRUM, Strip
from schemas.trace import Failure
from tests.media.rows import media_file

FRAMES = ("pts_us", "luma_mean", "luma_std", "delta_hue", "delta_saturation", "delta_value")
SAMPLES = (
    "sample_pts_us", "sharpness", "motion_px_s", "local_px_s", "pan_x_px_s", "pan_y_px_s", "zoom_per_s", "roll_deg_s",
    "camera_fit", "border_top", "border_bottom", "border_left", "border_right",
)  # fmt: skip
DETAILS = ("detail_pts_us", "noise", "combed", "blockiness", "dark_share", "bright_share")


def scanned(row: MediaFile, stage: Scan | None = None) -> Strip | Failure:
    [outcome] = (stage or Scan()).open()([row])
    if outcome.failure is not None:
        return outcome.failure
    [strip] = outcome.rows
    return strip


def strip_of(path: Path) -> Strip:
    found = scanned(media_file(path))
    assert isinstance(found, Strip), found
    return found


def check_whole(strip: Strip) -> None:
    """All that holds of any strip."""
    frames = len(strip.pts_us)
    assert {len(getattr(strip, name)) for name in FRAMES} == {frames}
    assert len({len(getattr(strip, name)) for name in SAMPLES}) == 1
    assert len({len(getattr(strip, name)) for name in DETAILS}) == 1
    assert len(strip.row_spectrum) == SPECTRUM * len(strip.detail_pts_us)
    assert len(strip.overlay) in (0, OVERLAY_HEIGHT * OVERLAY_WIDTH)
    assert len(strip.pitch_db) == PITCHES * len(strip.stereo_balance_db) == PITCHES * len(strip.stereo_correlation)
    assert len(strip.thumbs) == frames * (18 * 32 + 2 * 9 * 16)
    times = np.asarray(strip.pts_us)
    assert times[0] == 0
    assert (np.diff(times) > 0).all()
    assert strip.end_us > times[-1]
    assert np.isin(np.asarray(strip.sample_pts_us), times).all()
    assert np.isin(np.asarray(strip.detail_pts_us), times).all()
    assert len(strip.rms_db) == len(strip.flux) == len(strip.clipped)
    assert (strip.audio_start_us is None) == (len(strip.rms_db) == 0)
    for name in ("luma_mean", "luma_std", "delta_value", "sharpness", "rms_db", "flux", "speech", "k_power"):
        assert np.isfinite(np.asarray(getattr(strip, name))).all(), name
    to_table(Strip, [strip])


@pytest.mark.golden
@pytest.mark.parametrize("folder", ["good", "nasty"])
def test_every_file_gives_a_strip_or_a_named_failure(media: Path, folder: str) -> None:
    run = Scan().open()
    failed = {}
    for path in sorted((media / folder).iterdir()):
        if path.name == "v2d_slides_1080p_122s.mp4":
            continue  # nothing that others have not, in a fourth of the whole time
        try:
            [outcome] = run([media_file(path)])
        except RowError as error:
            failed[path.name] = error.kind
            continue
        if outcome.failure is not None:
            failed[path.name] = outcome.failure.kind
            continue
        check_whole(outcome.rows[0])
    sound_only = {
        "good": {"jfk_11s.flac", "silero_test_60s.wav"},
        "nasty": {"audio_only_92s.mp4", "subtitles_only.mp4"},
    }
    assert {name for name, kind in failed.items() if kind == "no_video"} == sound_only[folder]
    broken = {"init_segment_only.mp4", "text_named.mp4", "truncated_moov_at_end.mp4", "zero_length.mp4"}
    assert set(failed) - sound_only[folder] == (broken if folder == "nasty" else set())
    assert set(failed.values()) <= set(ROW_ERRORS)


@pytest.mark.golden
@pytest.mark.parametrize("name", ["nasty/truncated_tail_dog.mp4", "nasty/corrupted_midstream.mp4"])
def test_what_decodes_of_a_broken_file_is_kept(media: Path, name: str) -> None:
    strip = strip_of(media / name)
    assert strip.decode_errors >= 1
    assert len(strip.pts_us) > 40


@pytest.mark.golden
def test_sound_before_the_picture_starts_below_zero(media: Path) -> None:
    assert strip_of(media / "nasty" / "edit_list_positive_shift.mp4").audio_start_us == -1_000_000


@pytest.mark.golden
def test_a_black_film_is_black(media: Path) -> None:
    strip = strip_of(media / "nasty" / "silent_black_10s.mp4")
    assert max(strip.luma_mean.to_pylist()) == 0
    assert max(strip.rms_db.to_pylist()) == -120
    assert np.isnan(np.asarray(strip.border_top)).all()
    assert np.isnan(np.asarray(strip.camera_fit)).all()


@pytest.mark.golden
def test_frames_over_the_cap_are_refused(media: Path) -> None:
    found = scanned(media_file(media / "good" / "flower_540p.mp4"), Scan(max_pixels=1000))
    assert isinstance(found, Failure)
    assert found.kind == "too_large"


def test_a_still_is_a_strip_of_one_frame(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    path = tmp_path / "still.png"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("png", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 80, 60, "rgb24"
        out.mux([*stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")), *stream.encode()])
    strip = strip_of(path)
    assert strip.pts_us.to_pylist() == [0]
    assert strip.audio_start_us is None
    assert strip.luma_mean[0].as_py() == pytest.approx(127, abs=4)


def test_bytes_that_no_decoder_takes_are_no_frames(tmp_path: Path) -> None:
    """An AVI whose frames are noise."""
    path = tmp_path / "noise.avi"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")))
        out.mux(stream.encode())
    row = media_file(path)
    data = bytearray(path.read_bytes())
    start = data.index(b"movi")
    data[start + 12 :] = bytes(len(data) - start - 12)
    path.write_bytes(data)
    found = scanned(MediaFile(row.media, LocalFile(str(path), 0, len(data))))
    assert isinstance(found, Failure)
    assert found.kind == NoFrames.kind
    assert "no frame could be decoded" in found.detail


def test_only_what_changes_results_is_in_the_fingerprint() -> None:
    assert fingerprint(Scan(max_pixels=5), {}) == fingerprint(Scan(), {})
    assert fingerprint(Scan(sample_rate_hz=4.0), {}) != fingerprint(Scan(), {})


def test_the_film_is_measured_as_it_was_made(tmp_path: Path) -> None:
    """Frames to the microsecond; the camera in the median of a shot's samples, in the mean over the shots."""
    path = tmp_path / "film.mp4"
    film = make_film(path, FilmSpec(seed=3, seconds=20, width=320, height=180, speech=False, sound="flac"))
    strip = strip_of(path)
    check_whole(strip)
    assert strip.audio_start_us == 0
    assert strip.end_us == film.end_us
    assert len(strip.pts_us) == film.frames
    wrong: dict[str, list[float]] = {"pan_x_px_s": [], "pan_y_px_s": [], "zoom_per_s": [], "roll_deg_s": []}
    times = np.asarray(strip.sample_pts_us)
    frozen = [one.start_us for one in film.stretches if one.kind == "frozen"]
    held = {shot.index for shot in film.shots for at in frozen if shot.start_us <= at < shot.end_us}
    for shot in film.shots:
        inside = (times > shot.start_us + 250_000) & (times < shot.end_us)
        for name, errors in wrong.items():
            values = np.asarray(getattr(strip, name))[inside]
            if shot.camera.kind != "shake" and shot.index not in held and np.isfinite(values).sum() >= 4:
                errors.append(abs(float(np.nanmedian(values)) - getattr(shot.camera, name)))
    assert len(wrong["zoom_per_s"]) >= 4
    assert {name: float(np.mean(errors)) for name, errors in wrong.items()} == {
        "pan_x_px_s": pytest.approx(0, abs=1), "pan_y_px_s": pytest.approx(0, abs=1),
        "zoom_per_s": pytest.approx(0, abs=0.005), "roll_deg_s": pytest.approx(0, abs=0.2),
    }  # fmt: skip
