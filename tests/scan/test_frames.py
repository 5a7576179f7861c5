"""Per-frame measures against other implementations of the same."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scenedetect import FrameTimecode, StatsManager
from scenedetect.detectors import ContentDetector

from curate.media.planes import Matrix, planes
from curate.scan.frames import HEIGHT, WIDTH, FrameTrack, bgr_matrix, deltas, full_range, hsv, mean_and_std


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize(("matrix", "space"), [("bt601", 5), ("bt709", 1), ("bt2020", 9)])
def test_colours_are_those_of_swscale(matrix: Matrix, space: int) -> None:
    bgr = cv2.GaussianBlur(noise(HEIGHT, WIDTH, 3), (0, 0), 8)
    frame = av.VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv444p", dst_colorspace=space, dst_color_range=2)
    coded = planes(frame)
    assert coded.u is not None
    assert coded.v is not None
    back = cv2.transform(np.dstack([coded.luma, coded.u, coded.v]), bgr_matrix(matrix))
    assert np.abs(back.astype(int) - bgr).max() <= 4


def test_limited_range_is_stretched() -> None:
    codes = np.array([0, 16, 126, 235, 255], np.float32)
    assert full_range(codes, 219, 16).tolist() == [0, 0, 128, 255, 255]


def test_mean_and_std_are_numpys() -> None:
    rows = noise(3, 2304)
    mean, std = mean_and_std(rows)
    assert mean == pytest.approx(rows.mean(1), rel=1e-5)
    assert std == pytest.approx(rows.std(1), rel=1e-5)


def test_deltas_are_the_components_of_content_detector() -> None:
    frames = noise(4, HEIGHT, WIDTH, 3)
    frames[1:] = frames[1:] // 8 + frames[0] // 2
    detector = ContentDetector()
    detector.stats_manager = StatsManager()
    pictures = []
    for index, frame in enumerate(frames):
        detector.process_frame(FrameTimecode(index, 25.0), frame)
        pictures.append(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV))
    found = deltas(np.stack(pictures))
    for index in range(1, 4):
        components = detector.stats_manager.get_metrics(
            FrameTimecode(index, 25.0), ["delta_hue", "delta_sat", "delta_lum"]
        )
        assert found[index - 1] == pytest.approx(components, abs=1e-3)


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "turns"),
    [("good/sintel_trailer_480p_10s.mp4", 0), ("nasty/rot180_720p_5s.mp4", 2), ("nasty/portrait_4k60_rot.mp4", -1),
     ("nasty/hdr10_hevc_10bit_1080p.mp4", 0), ("nasty/vp9_odd_161x121.webm", 0),
     ("nasty/animated_newtonscradle.gif", 0)],
)  # fmt: skip
def test_thumbs_are_an_independent_decode_made_small(media: Path, name: str, turns: int) -> None:
    track, greys = FrameTrack(turns % 4 * -90 % 360), []
    with av.open(str(media / name)) as container:
        for frame in container.decode(video=0):
            track.add(planes(frame))
            grey = frame.reformat(format="gray", dst_color_range=2).to_ndarray()
            greys.append(cv2.resize(np.rot90(grey, turns), (32, 18), interpolation=cv2.INTER_AREA))
            if len(greys) == 80:
                break
    count = len(greys)
    rows = track.rows()
    luma = np.frombuffer(rows.thumbs, np.uint8, count * 18 * 32).reshape(count, 18, 32)
    assert len(rows.thumbs) == count * (18 * 32 + 2 * 9 * 16)
    assert np.abs(luma.astype(int) - np.array(greys)).mean() < 4
    assert np.corrcoef(luma.ravel(), np.array(greys).ravel())[0, 1] > 0.985
    assert rows.luma_mean == pytest.approx(luma.mean((1, 2)), abs=1)


@pytest.mark.golden
def test_batches_leave_no_seam(media: Path) -> None:
    """A cut scores the same wherever it falls in a batch."""
    with av.open(str(media / "good" / "bbb_1080p60_2s.mp4")) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(80), strict=False)]
    scores = []
    for skipped in (0, 7):
        track = FrameTrack(0)
        for frame in frames[skipped:]:
            track.add(planes(frame))
        scores.append(track.rows().deltas)
    assert np.array_equal(scores[0][8:], scores[1][1:])
    assert scores[0][0].tolist() == [0, 0, 0]
    assert int(scores[0][:, 2].argmax()) == 21  # 0.35 s at 60 fps


def test_hue_saturation_value_of_grey_is_grey() -> None:
    yuv = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    assert hsv(yuv, "bt709")[0, 0].tolist() == [0, 0, 128]
