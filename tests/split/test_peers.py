"""The detectors taken over from PySceneDetect decide as it does on the same small frames."""

import cv2
import numpy as np
import pytest
import scenedetect
from scenedetect.detector import SceneDetector

from curate.split.adaptive import adaptive
from curate.split.content import content
from curate.split.frames import frames_of
from curate.split.hash import hash_
from curate.split.histogram import histogram
from curate.split.threshold import threshold
from tests.split.strips import Pictures, hold, scene, strip

FPS = 25.0
SHOT_S = "0.6s"


def upstream(detector: SceneDetector, pictures: Pictures) -> list[int]:
    """Frames at which PySceneDetect's own detector starts a scene."""
    cuts: list[int] = []
    for index, picture in enumerate(pictures):
        at = scenedetect.FrameTimecode(index, FPS)
        cuts += [one.frame_num for one in detector.process_frame(at, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))]
    return cuts


def small(pictures: Pictures, width: int = 64, height: int = 36) -> Pictures:
    return np.stack([cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in pictures])


def reel(seed: int) -> Pictures:
    """Shots of all lengths, some far shorter than 0.6 s, still and moving, with flashes and noise."""
    rng = np.random.default_rng(seed)
    shots = [
        hold(scene(100 * seed + k), int(rng.choice([2, 4, 9, 17, 23, 40])), speed=float(rng.choice([0, 0, 1, 4])))
        for k in range(14)
    ]
    pictures = np.concatenate(shots)
    pictures[rng.integers(0, len(pictures), 3)] = 255
    return np.clip(pictures + rng.normal(0, 3, pictures.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_content_decides_as_upstream(seed: int) -> None:
    pictures = small(reel(seed))
    expected = upstream(scenedetect.ContentDetector(min_scene_len=SHOT_S), pictures)
    assert len(expected) > 3
    assert [b.start for b in content(frames_of(strip(pictures)), 27.0)] == expected


@pytest.mark.parametrize("seed", range(4))
def test_adaptive_decides_as_upstream(seed: int) -> None:
    pictures = small(reel(seed))
    expected = upstream(scenedetect.AdaptiveDetector(min_scene_len=SHOT_S), pictures)
    assert len(expected) > 3
    assert [b.start for b in adaptive(frames_of(strip(pictures)), 3.0)] == expected


@pytest.mark.parametrize("seed", range(4))
def test_hash_decides_as_upstream(seed: int) -> None:
    pictures = small(reel(seed), 32, 18)
    expected = upstream(scenedetect.HashDetector(min_scene_len=SHOT_S), pictures)
    assert len(expected) > 3
    assert [b.start for b in hash_(frames_of(strip(pictures)), 0.35)] == expected


def test_histogram_finds_the_cuts_that_upstream_finds_at_full_size() -> None:
    pictures = np.concatenate([hold((scene(k) * (0.2 + 0.3 * (k % 3))).astype(np.uint8), 20) for k in range(8)])
    expected = upstream(scenedetect.HistogramDetector(min_scene_len=SHOT_S), pictures)
    assert expected == list(range(20, 160, 20))
    assert [b.start for b in histogram(frames_of(strip(pictures)), 0.2)] == expected


def test_threshold_takes_the_dark_run_in_whose_middle_upstream_cuts() -> None:
    share = np.concatenate([np.ones(30), np.linspace(1, 0, 15), np.zeros(5), np.linspace(0, 1, 15), np.ones(30)])
    pictures = (hold(scene(3), len(share)) * share[:, None, None, None]).astype(np.uint8)
    (middle,) = upstream(scenedetect.ThresholdDetector(min_scene_len=SHOT_S), pictures)
    (boundary,) = threshold(frames_of(strip(pictures)), 12.0)
    assert (boundary.before, boundary.after) == ("fade", "fade")
    assert abs((boundary.start + boundary.end) / 2 - middle) <= 1
