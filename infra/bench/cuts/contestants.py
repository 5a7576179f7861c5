"""Runs detectors over reels, each in a process of its own, and says what it found and how much CPU it took.

    python -m infra.bench.cuts.contestants NAME FILE...

NAME is `strips` (scan once, then all detectors of DETECTORS that need no network), `strips:MODEL` (those that do, on
a scan with the curves of TransNetV2, an ONNX file that infra/models/transnetv2.py made: each is charged what it needs),
or a detector of PySceneDetect (`psd-content`, ...). What a process
loads before its first file (imports, models) is not counted, so that a detector is charged for its work alone. All
decode in one thread. Prints one line of JSON per file: `{detector: [CPU seconds, [[start, end, kind], ...]]}`.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from infra.bench.cuts.score import Found

PEERS = ("psd-content", "psd-adaptive", "psd-hash", "psd-histogram", "psd-threshold")
SINGLE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "threads;1",
    "OPENCV_LOG_LEVEL": "ERROR",
}

Results = dict[str, tuple[float, list[Found]]]


def contest(name: str, files: Sequence[Path]) -> list[Results]:
    """What the detectors of a contestant say of each file, and their CPU seconds."""
    command = [sys.executable, "-m", "infra.bench.cuts.contestants", name, *map(str, files)]
    done = subprocess.run(command, env={**os.environ, **SINGLE}, stdout=subprocess.PIPE, text=True, check=True)
    return [
        {key: (cpu_s, [Found(*one) for one in found]) for key, (cpu_s, found) in json.loads(line).items()}
        for line in done.stdout.splitlines()
    ]


def peer(name: str) -> Callable[[Path], Results]:
    """One detector of PySceneDetect, with its own settings, on the file itself."""
    import cv2  # noqa: PLC0415  each process loads what it measures
    import scenedetect as psd  # noqa: PLC0415

    cv2.setNumThreads(1)
    kind = getattr(psd, f"{name.removeprefix('psd-').capitalize()}Detector")

    def run(path: Path) -> Results:
        begin = time.process_time()
        manager = psd.SceneManager()
        manager.add_detector(kind())
        manager.detect_scenes(psd.open_video(str(path)))
        starts = [start.frame_num for start, _ in manager.get_scene_list()][1:]
        return {name: (time.process_time() - begin, [Found(start, start) for start in starts])}

    return run


def strips(model: str) -> Callable[[Path], Results]:
    """Our detectors that need the model, or without one all others, on a scan of the file that each is charged."""
    from curate.media.facts import read_facts  # noqa: PLC0415
    from curate.media.file import LocalFile, MediaFile  # noqa: PLC0415
    from curate.scan.stage import Scan  # noqa: PLC0415
    from curate.scan.transitions import Transitions  # noqa: PLC0415
    from curate.split.detectors import DETECTORS  # noqa: PLC0415
    from curate.split.frames import frames_of  # noqa: PLC0415
    from curate.split.stage import Split  # noqa: PLC0415

    network = Transitions(hashlib.sha256(Path(model).read_bytes()).hexdigest(), model) if model else None
    scan = Scan(transitions=network).open()
    Split().open()

    def run(path: Path) -> Results:
        file = LocalFile(str(path), 0, path.stat().st_size)
        begin = time.process_time()
        media = read_facts(file).media("0" * 64, "0" * 64, file.size)
        (outcome,) = scan([MediaFile(media, file)])
        if outcome.failure is not None:
            raise RuntimeError(f"{path} cannot be scanned: {outcome.failure}")
        scanned_s = time.process_time() - begin
        frames = frames_of(outcome.rows[0])
        results: Results = {}
        for name, detector in DETECTORS.items():
            if detector.network != bool(model):
                continue
            begin = time.process_time()
            found = detector.detect(frames, detector.threshold)
            spent_s = scanned_s + time.process_time() - begin
            results[name] = spent_s, [Found(one.start, one.end, _kind(one.before, one.after)) for one in found]
        return results

    return run


def _kind(before: str, after: str) -> str:
    """One name for a boundary whose two sides differ: what takes frames names it."""
    return before if after in ("cut", "edge") else after


def lines(name: str, files: Sequence[str]) -> Iterator[str]:
    """The JSON of each file."""
    run = peer(name) if name in PEERS else strips(name.removeprefix("strips").removeprefix(":"))
    run(Path(files[0]))  # the first file of a process pays for memory that is touched for the first time
    for file in files:
        found = {
            key: (cpu_s, [(one.start, one.end, one.kind) for one in seen])
            for key, (cpu_s, seen) in run(Path(file)).items()
        }
        yield json.dumps(found)


if __name__ == "__main__":
    for line in lines(sys.argv[1], sys.argv[2:]):
        print(line, flush=True)
