"""A still as a file of its own: its own bytes where they show what is asked for, else a PNG."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import cv2

from curate.errors import NoFrames
from curate.export.clip import CutClip, Suffix
from curate.media.file import ClipFile
from curate.media.opaque import transparent
from curate.media.picture import Box, frames_rgb
from curate.stage import Heavy

SUFFIXES: Mapping[str, Suffix] = MappingProxyType({"jpeg": "jpg", "png": "png", "webp": "webp"})
"""By container: those that any reader of pictures opens."""


def still_file(row: ClipFile, *, crop: bool, turn: bool) -> Heavy[CutClip]:
    """The file of a still."""
    clip, picture = row.clip, row.media.picture
    if picture is None:
        raise NoFrames("a still without a picture")
    whole = Box(0, 0, picture.width, picture.height)
    box = Box(clip.crop_x, clip.crop_y, clip.crop_width, clip.crop_height) if crop else whole
    why = _unfit(row, box != whole, turn)
    suffix = SUFFIXES[row.media.container] if why is None else "png"
    body = _own(row) if why is None else _png(row, box)
    made = CutClip(
        clip_id=clip.clip_id, start_us=clip.start_us, end_us=clip.end_us, suffix=suffix, copied=why is None, why=why,
        width=box.width, height=box.height, frames=1, sound=False,
        sha256=hashlib.sha256(body).hexdigest(), size_bytes=len(body),
    )  # fmt: skip
    return Heavy(made, body)


def _unfit(row: ClipFile, cropped: bool, turn: bool) -> str | None:
    picture, container = row.media.picture, row.media.container
    assert picture is not None  # noqa: S101  it was looked at
    if container not in SUFFIXES:
        return f"a still in {container}"
    if cropped:
        return "cropped"
    if turn and (picture.rotation_deg or picture.flipped):
        return "turned"
    if transparent(picture.pixel_format):
        return "it may be transparent in parts: those are shown on white"
    return None


def _own(row: ClipFile) -> bytes:
    with Path(row.file.path).open("rb") as source:
        source.seek(row.file.offset)
        return source.read(row.file.size)


def _png(row: ClipFile, box: Box) -> bytes:
    shown = frames_rgb(row.file, row.media, row.clip.start_us, max(row.clip.end_us, row.clip.start_us + 1), crop=box)
    found = next(shown, None)
    if found is None:
        raise NoFrames("no frame of the still could be decoded")
    done, data = cv2.imencode(".png", found[1][..., ::-1])
    if not done:
        raise NoFrames(f"the still could not be written as PNG: {box}")
    return data.tobytes()
