"""How fast TransNetV2's files are on one core, and how far their answers are from the first one's.

python infra/bench/transitions.py MODEL.onnx [MODEL.onnx...] -- VIDEO...

Frames are decoded and scaled once; the CPU seconds are those of the network alone, as `scan` runs it.
"""

import hashlib
import sys
import time
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from curate.scan.transitions import Transitions, TransitionTrack

THRESHOLDS = (0.2, 0.3, 0.5)


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return [frame.reformat(48, 27, "rgb24", interpolation="BICUBIC") for frame in container.decode(video=0)]


def answers(session: object, frames: list[av.VideoFrame]) -> tuple[NDArray[np.float32], float]:
    """[2, T], and CPU seconds."""
    begun = time.process_time()
    track = TransitionTrack(session, 0)
    for frame in frames:
        track.add(frame)
    rows = track.rows()
    return np.stack([rows.peak, rows.span]), time.process_time() - begun


def main() -> None:
    """Print a table."""
    between = sys.argv.index("--")
    models = [Path(name) for name in sys.argv[1:between]]
    sessions = [Transitions(hashlib.sha256(one.read_bytes()).hexdigest(), str(one)).open() for one in models]
    columns = "".join(f"{f'differ at {limit:g}':>15}" for limit in THRESHOLDS)
    print(f"{'video':32}{'model':20}{'frames':>7}{'frames/CPU-s':>14}{'max diff':>10}{columns}")
    for video in map(Path, sys.argv[between + 1 :]):
        frames = decoded(video)
        first: NDArray[np.float32] | None = None
        for model, session in zip(models, sessions, strict=True):
            found, cpu_s = answers(session, frames)
            first = found if first is None else first
            differ = "".join(f"{int(((found[0] > x) != (first[0] > x)).sum()):15}" for x in THRESHOLDS)
            most = np.abs(found - first).max()
            print(f"{video.name:32}{model.name:20}{len(frames):7}{len(frames) / cpu_s:14.0f}{most:10.3f}{differ}")


if __name__ == "__main__":
    main()
