"""Clips of files, as `split` would give them."""

import hashlib
from pathlib import Path

import av
import numpy as np

from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from schemas.clip import Clip, clip_id
from schemas.media import Media


def clip_of(path: Path, start_us: int, end_us: int, crop: tuple[int, int, int, int] | None = None) -> ClipFile:
    file = LocalFile(str(path), 0, path.stat().st_size)
    facts = read_facts(file)
    media_id = hashlib.sha256(path.read_bytes()).hexdigest()
    media = Media(
        media_id, "source", file.size, facts.container, facts.duration_us, facts.still, facts.streams,
        facts.picture, facts.audio,
    )  # fmt: skip
    assert facts.picture is not None
    box = crop or (0, 0, facts.picture.width, facts.picture.height)
    key = clip_id(media_id, start_us, end_us)
    return ClipFile(Clip(key, media_id, start_us, end_us, 1, "edge", "edge", 0, facts.still, *box), media, file)


def film(path: Path, seconds: float = 3.0, sound: bool = True) -> Path:
    """A soft coloured wave that moves, 96x64 at 24 frames a second, with two tones on two channels."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("ffv1", 24, width=96, height=64, pix_fmt="yuv444p")
        audio = out.add_stream("pcm_s16le", 44_100, layout="stereo") if sound else None
        y, x = np.mgrid[:64, :96]
        for n in range(round(seconds * 24)):
            planes = [128 + 90 * np.sin((x + 2 * n) / 17 + c) * np.cos(y / 19 + c) for c in range(3)]
            picture = np.stack(planes, -1).round().astype(np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(video.encode())
        if audio is not None:
            t = np.arange(round(seconds * 44_100)) / 44_100
            tones = np.stack([np.sin(2 * np.pi * hz * t) for hz in (440, 660)], 1).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray((9000 * tones).astype(np.int16), "s16", "stereo")
            frame.sample_rate = 44_100
            out.mux(audio.encode(frame))
            out.mux(audio.encode())
    return path
