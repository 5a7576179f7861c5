"""What a decoder says of a film."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def pictures(path: Path, pixel_format: str = "rgb24") -> tuple[list[int], list[NDArray[np.uint8]]]:
    """pts in microseconds, and every frame as stored."""
    pts, frames = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None and frame.time_base is not None
            pts.append(int(frame.pts * frame.time_base * 1_000_000))
            frames.append(frame.to_ndarray(format=pixel_format))
    return pts, frames


def samples(path: Path) -> NDArray[np.float32]:
    """The sound from the first presented frame on, mono, by the pts of its blocks."""
    blocks, first = [], None
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            assert frame.pts is not None and frame.time_base is not None
            if first is None:
                first = round(frame.pts * frame.time_base * frame.sample_rate)
            block = frame.to_ndarray()[0].astype(np.float32)
            blocks.append(block / 32768 if frame.format.name.startswith("s16") else block)
    wave = np.concatenate(blocks)
    assert first is not None
    return np.pad(wave, (first, 0)) if first >= 0 else wave[-first:]
