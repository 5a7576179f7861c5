"""Clips of films, cut; and what the files show."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from curate.export.clip import CutClip
from curate.export.stage import Cut
from curate.media.demux import opened
from curate.media.file import ClipFile
from curate.media.picture import frames_rgb
from curate.stage import Outcome
from tests.encode.clips import clip_of


def clip(path: Path, start_us: int, end_us: int, crop: tuple[int, int, int, int] | None = None) -> ClipFile:
    """A clip that knows how many frames it has, as `split` tells it."""
    row = clip_of(path, start_us, end_us, crop)
    frames = sum(1 for _ in frames_rgb(row.file, row.media, start_us, end_us))
    return replace(row, clip=replace(row.clip, frames=frames))


def cut(row: ClipFile, folder: Path, stage: Cut | None = None) -> tuple[CutClip, Path]:
    """The row of a cut, and its file."""
    (outcome,) = (stage or Cut(preset="veryfast")).open()([row])
    assert isinstance(outcome, Outcome)
    assert outcome.failure is None, outcome.failure
    (heavy,) = outcome.rows
    assert isinstance(heavy.body, bytes)
    path = folder / f"cut.{heavy.row.suffix}"
    path.write_bytes(heavy.body)
    assert heavy.row.size_bytes == len(heavy.body)
    return heavy.row, path


def stamps(path: Path) -> list[Fraction]:
    """When the frames of a file are shown, in s."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def pictures(path: Path) -> list[np.ndarray]:
    """The planes of all frames of a file as they are decoded."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def pictures_between(row: ClipFile) -> list[np.ndarray]:
    """The planes of the frames of a clip as its source is decoded from the beginning, of a film that begins at 0."""
    clip_, found = row.clip, list[np.ndarray]()
    with opened(row.file) as container:
        begin: Fraction | None = None
        for frame in container.decode(video=0):
            time_s = frame.pts * frame.time_base
            begin = time_s if begin is None else begin
            if clip_.start_us <= round((time_s - begin) * 1_000_000) < clip_.end_us:
                found.append(frame.to_ndarray())
    return found


def length_s(path: Path) -> float:
    """How long a file without sound is."""
    with av.open(str(path)) as container:
        return container.duration / av.time_base
