"""The stage that makes contact sheets: it opens media, so it runs isolated."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curate.errors import NoFrames
from curate.media.file import ClipFile
from curate.media.limits import Limits
from curate.media.picture import frames_rgb
from curate.report.sheet import contact_sheet
from curate.stage import Run, each, operational


@dataclass(frozen=True, slots=True)
class Sheet:
    """The contact sheet of one clip."""

    clip_id: str
    jpeg: bytes
    across: int
    frames: int
    width: int
    height: int


@dataclass(frozen=True)
class Sheets:
    """Frames at equal steps through a clip, side by side."""

    frames: int = 12
    width_px: int = 320
    limits: Limits = operational(Limits(deadline_s=30.0, deadline_per_media_s=4.0))

    name: ClassVar[str] = "sheet"
    version: ClassVar[int] = 2
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Sheet

    def open(self) -> Run[ClipFile, Sheet]:
        return each(self._one)

    def _one(self, row: ClipFile) -> Iterator[Sheet]:
        clip, picture = row.clip, row.media.picture
        if picture is None:
            raise NoFrames("a sheet is made of frames, and there is no picture")
        count = min(self.frames, clip.frames)
        step_us = (clip.end_us - clip.start_us) / count
        at_us = [round(clip.start_us + (i + 0.5) * step_us) for i in range(count)] if count > 1 else [clip.start_us]
        height = max(2, round(self.width_px * picture.height / picture.width))
        shown = frames_rgb(
            row.file, row.media, clip.start_us, clip.end_us, at_us=at_us, size=(self.width_px, height)
        )  # fmt: skip
        frames = [frame for _, frame in shown]
        if not frames:
            raise NoFrames("not one frame of the clip could be decoded")
        made = contact_sheet(np.stack(frames), at_us[: len(frames)])
        yield Sheet(clip.clip_id, made.jpeg, made.across, made.frames, made.width, made.height)
