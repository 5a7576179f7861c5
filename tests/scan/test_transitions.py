"""The network's windows, and that it says here what it says in its own package."""

import os
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from curate.errors import RecipeError
from curate.media.limits import Limits
from curate.media.sandbox import isolated
from curate.media.silero import _model as silero
from curate.scan.stage import Scan
from curate.scan.transitions import Transitions, TransitionTrack
from curate.stage import fingerprint
from curate.weights import sha256
from tests.media.rows import media_file

ROOT = Path(__file__).resolve().parents[2]


class Brightness:
    """Stands for the network: what it says of a frame is how bright that is."""

    def run(self, _: list[str], feeds: dict[str, NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        frames = feeds["frames"]
        assert frames.shape == (1, 100, 27, 48, 3)
        mean = frames[0].mean((1, 2, 3)).astype(np.float32)
        return [mean, 255 - mean]


def grey(level: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((54, 96, 3), level, np.uint8), "rgb24")


@pytest.mark.parametrize("count", [1, 49, 50, 51, 75, 76, 100, 131])
def test_each_frame_has_its_own_answer(count: int) -> None:
    levels = np.random.default_rng(count).integers(0, 256, count)
    track = TransitionTrack(Brightness(), 0)
    for level in levels:
        track.add(grey(int(level)))
    rows = track.rows()
    np.testing.assert_allclose(rows.peak, levels, atol=1)
    np.testing.assert_allclose(rows.span, 255 - levels, atol=1)


def test_pictures_are_upright() -> None:
    """The left half of the frame as coded is white: turned by 90 degrees, the upper half."""
    seen: list[NDArray[np.uint8]] = []

    class Eye(Brightness):
        def run(self, names: list[str], feeds: dict[str, NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
            seen.append(feeds["frames"][0, 30])
            return super().run(names, feeds)

    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:, :48] = 255
    track = TransitionTrack(Eye(), 90)
    track.add(av.VideoFrame.from_ndarray(picture, "rgb24"))
    track.rows()
    assert seen[0][:12].min() > 250
    assert seen[0][15:].max() < 5


def test_another_file_than_the_recipe_means_is_refused(tmp_path: Path) -> None:
    model = silero()
    for stage, message in (
        (Transitions("0" * 64, str(tmp_path / "missing.onnx")), r"is not here; infra/models/transnetv2\.py makes it"),
        (Transitions("0" * 64, str(model)), sha256(model)),
        (Transitions(sha256(model), str(model)), "is no TransNetV2"),
    ):
        with pytest.raises(RecipeError, match=message):
            Scan(transitions=stage).open()


def test_where_the_model_lies_is_not_what_it_is() -> None:
    here, there = (fingerprint(Scan(transitions=Transitions("a" * 64, path)), {}) for path in ("/here", "/there"))
    assert here == there != fingerprint(Scan(transitions=Transitions("b" * 64, "/here")), {})


@pytest.fixture(scope="module")
def model(models_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Transitions:
    """The network's own weights, exported."""
    path = tmp_path_factory.mktemp("network") / "transnetv2.onnx"
    subprocess.run([models_python, "-W", "ignore", ROOT / "infra/models/transnetv2.py", path], check=True)
    return Transitions(sha256(path), str(path))


@pytest.mark.models
@pytest.mark.golden
@pytest.mark.integration
@pytest.mark.timeout(1800)
def test_the_curves_are_those_of_the_package(
    models_python: Path, model: Transitions, media: Path, tmp_path: Path
) -> None:
    """Also of pictures that are turned, of a variable frame rate, and of odd sizes."""
    names = ["sintel_trailer_480p_10s.mp4", "rot180_720p_5s.mp4", "rot90_iphone.mov", "vp9_odd_161x121.webm"]
    paths = [next(media.glob(f"*/{name}")) for name in [*names, "vfr_increasing_640x360.mp4"]]
    command = [models_python, "-W", "ignore", "-m", "tests.scan.reference", tmp_path, *paths]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})  # more of them only wait
    run = isolated(Scan(transitions=model), Limits(deadline_s=300.0))
    outcomes: list[Any] = list(run([media_file(path) for path in paths]))
    for path, outcome in zip(paths, outcomes, strict=True):
        assert outcome.failure is None, outcome.failure
        [strip] = outcome.rows
        found = np.stack([strip.transition_peak.to_numpy(), strip.transition_span.to_numpy()])
        truth = np.load(tmp_path / f"{path.stem}.npy")
        assert found.shape == truth.shape
        assert np.abs(found - truth).max() < 0.02, path.name
        assert ((found > 0.3) == (truth > 0.3)).all(), path.name
    assert (np.load(tmp_path / "sintel_trailer_480p_10s.npy")[0] > 0.3).any()
