"""The probability of speech, by Silero's detector (MIT licence), whose ONNX file lies in faster-whisper's wheel."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP = 512  # samples: VAD_HOP_US at RATE_HZ
BATCH = 256  # hops
CONTEXT = 64  # samples of the hop before that the model also sees


def load() -> Any:
    """An ONNX session; the package that carries the file is not imported."""
    package = importlib.util.find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "faster-whisper is not installed; its wheel carries Silero's model: pip install faster-whisper"
        )
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    model = Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class SpeechTrack:
    """Runs the model over sound that comes in blocks; its state goes from block to block."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._state = np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)
        self._waiting: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
        self._found: list[NDArray[np.float32]] = []

    def add(self, mono: NDArray[np.float32]) -> None:
        """mono: [N] at RATE_HZ, -1..1."""
        self._waiting.append(mono)
        if sum(map(len, self._waiting)) >= BATCH * HOP:
            self._run_whole()

    def _run_whole(self) -> None:
        mono = np.concatenate(self._waiting)
        whole = len(mono) // HOP * HOP
        self._waiting = [mono[whole:]]
        if whole:
            self._run(mono[:whole].reshape(-1, HOP))

    def _run(self, hops: NDArray[np.float32]) -> None:
        before = np.concatenate([self._context[None], hops[:-1, -CONTEXT:]])
        self._context = hops[-1, -CONTEXT:]
        feeds = {"input": np.concatenate([before, hops], 1), "h": self._state[0], "c": self._state[1]}
        found, *self._state = self._session.run(None, feeds)
        self._found.append(found.reshape(-1))

    def rows(self) -> NDArray[np.float32]:
        """[N] one probability for each hop, 0..1; a last part of a hop is completed with silence."""
        self._run_whole()
        [rest] = self._waiting
        if len(rest):
            self._run(np.pad(rest, (0, HOP - len(rest)))[None])
        return np.concatenate(self._found) if self._found else np.zeros(0, np.float32)
