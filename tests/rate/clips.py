"""Small videos, and clips of them."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from curate.media.file import ClipFile
from schemas.clip import Clip, clip_id
from tests.media.rows import media_file


def made(path: Path, colour: tuple[int, int, int]) -> Path:
    """Two seconds of a colour that a bright bar moves over."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(20):
            picture = np.full((48, 64, 3), colour, np.uint8)
            picture[:, 3 * index : 3 * index + 6] = 250
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    return path


def second(path: Path) -> ClipFile:
    """The first second of a file as a clip; its picture uncropped. A file that is no media any more is still a row."""
    row = media_file(path)
    picture = row.media.picture
    assert picture is not None
    one = Clip(
        clip_id(row.media.media_id, 0, 1_000_000), row.media.media_id, 0, 1_000_000, 10, "edge", "edge", 0, False,
        0, 0, picture.width, picture.height,
    )  # fmt: skip
    return ClipFile(one, row.media, row.file)


def unseen(row: ClipFile) -> ClipFile:
    """The same clip of a media that has no picture."""
    return replace(row, media=replace(row.media, picture=None))
