"""How likely a new shot comes after each frame, by TransNetV2 as an ONNX file (see infra/models/transnetv2.py)."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from curate.errors import RecipeError
from curate.stage import OPERATIONAL

HEIGHT, WIDTH = 27, 48  # what the network was trained on: whole pictures, squeezed to this by FFmpeg's bicubic filter
WINDOW, NEW = (
    100,
    50,
)  # frames that the network sees at a time, and how many in their middle are taken, as its authors do
BEFORE = (WINDOW - NEW) // 2


@dataclass(frozen=True)
class Transitions:
    """Which network: `sha256` is that of the file `model`, whatever it is called."""

    sha256: str  # of that file
    model: str = field(metadata=OPERATIONAL)

    def open(self) -> Any:
        """An ONNX session of one thread; RecipeError where the file is not that network."""
        import onnxruntime  # noqa: PLC0415  half a second, only where it is asked for

        path = Path(self.model)
        if not path.is_file():
            raise RecipeError(f"scan.transitions.model {path} is not here; infra/models/transnetv2.py makes it")
        body = path.read_bytes()
        found = hashlib.sha256(body).hexdigest()
        if found != self.sha256:
            raise RecipeError(f"scan.transitions.sha256 is {self.sha256!r}, but that of {path} is {found}")
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
        names = [one.name for one in session.get_inputs()], sorted(one.name for one in session.get_outputs())
        if names != (["frames"], ["peak", "span"]):
            raise RecipeError(f"{path} is no TransNetV2 as infra/models/transnetv2.py writes it: it has {names}")
        return session


@dataclass(frozen=True, slots=True)
class TransitionRows:
    """Probabilities, 0..1, each [T]."""

    peak: NDArray[np.float32]
    span: NDArray[np.float32]

    @classmethod
    def none(cls) -> "TransitionRows":
        """Of a media that nobody asked about."""
        return cls(np.zeros(0, np.float32), np.zeros(0, np.float32))


class TransitionTrack:
    """Runs the network over frames as they come; holds no more than one window of them."""

    def __init__(self, session: Any, rotation_deg: int) -> None:
        self._session = session
        self._turns = rotation_deg // 90
        self._scale = VideoReformatter()
        self._window: list[NDArray[np.uint8]] = []
        self._seen = 0
        self._peaks: list[NDArray[np.float32]] = []
        self._spans: list[NDArray[np.float32]] = []

    def add(self, frame: av.VideoFrame) -> None:
        """See one frame, as it was decoded."""
        small = self._small(frame)
        if not self._seen:
            self._window = [small] * BEFORE
        self._seen += 1
        self._window.append(small)
        if len(self._window) == WINDOW:
            self._run()

    def rows(self) -> TransitionRows:
        """All frames so far; the track is not used after."""
        while len(self._peaks) * NEW < self._seen:
            self._window += self._window[-1:] * (WINDOW - len(self._window))
            self._run()
        return TransitionRows(*(_joined(parts, self._seen) for parts in (self._peaks, self._spans)))

    def _small(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        width, height = (WIDTH, HEIGHT) if self._turns % 2 == 0 else (HEIGHT, WIDTH)
        scaled = self._scale.reformat(frame, width, height, "rgb24", interpolation=Interpolation.BICUBIC)
        return np.rot90(scaled.to_ndarray(), -self._turns)

    def _run(self) -> None:
        peak, span = self._session.run(["peak", "span"], {"frames": np.stack(self._window)[None]})
        new = slice(BEFORE, BEFORE + NEW)
        self._peaks.append(peak[new])
        self._spans.append(span[new])
        del self._window[:NEW]


def _joined(parts: list[NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    return np.concatenate([np.zeros(0, np.float32), *parts])[:count]
