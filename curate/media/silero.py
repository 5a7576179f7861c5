"""The probability of speech, by Silero's detector (MIT licence), whose ONNX file lies in faster-whisper's wheel."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import UsageError

RATE_HZ = 16_000
HOP = 512  # samples a probability stands for: 32 ms
BATCH = 256  # hops
CONTEXT = 64  # samples of the hop before that the model also sees


def load() -> Any:
    """An ONNX session; the package that carries the file is not imported."""
    import onnxruntime  # noqa: PLC0415  half a second, only where speech is sought

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(_model()), options, providers=["CPUExecutionProvider"])


def _model() -> Path:
    found = find_spec("faster_whisper")
    asset = Path((found and found.origin) or "").parent / "assets" / "silero_vad_v6.onnx"
    if found is None or not asset.is_file():
        raise UsageError(
            f"speech activity needs {asset.name} of faster-whisper 1.2: pip install 'faster-whisper>=1.2,<1.3'"
        )
    return asset


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
