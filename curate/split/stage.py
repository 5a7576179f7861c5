"""The stage: from a strip to clips."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from curate.errors import NoVideo, RecipeError
from curate.split.borders import border_shares, crop_box
from curate.split.detectors import DETECTORS, DetectorName
from curate.split.frames import frames_of
from curate.split.media_strip import MediaStrip
from curate.split.shots import Span, divided, long_enough, shots
from curate.stage import Run, each
from schemas.clip import Clip, clip_id
from schemas.media import Media


@dataclass(frozen=True)
class Split:
    """Divide a media into clips: its shots, without what transitions and black between them take."""

    name: ClassVar[str] = "split"
    version: ClassVar[int] = 3
    takes: ClassVar[type] = MediaStrip
    gives: ClassVar[type] = Clip

    detector: DetectorName = "house"  # of cuts; house finds dissolves, fades, wipes and jumps too
    threshold: float | None = None  # None: the detector's own
    min_us: int = 200_000  # a shorter shot is no clip
    max_us: int = 30_000_000  # a longer one is divided

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise RecipeError(f"split.detector is {self.detector!r}; choose one of {', '.join(DETECTORS)}")
        if not 0 <= self.min_us <= self.max_us or self.max_us < 1:
            raise RecipeError(f"split needs 0 <= min_us <= max_us, max_us > 0: {self.min_us=} {self.max_us=}")

    def open(self) -> Run[MediaStrip, Clip]:
        cv2.setNumThreads(1)

        def one(row: MediaStrip) -> Iterator[Clip]:
            yield from clips(row, self)

        return each(one)


def clips(row: MediaStrip, split: Split) -> Iterator[Clip]:
    """The clips of one media, in time order."""
    media, strip = row.media, row.strip
    if media.picture is None or not len(strip.pts_us):
        raise NoVideo(f"a media without a picture has no clips: {media.container} of {media.size_bytes} bytes")
    frames = frames_of(strip)
    edges_us = frames.edges_us
    detector = DETECTORS[split.detector]
    limit = detector.threshold if split.threshold is None else split.threshold
    found = shots(len(frames), detector.detect(frames, limit) if len(frames) > 1 else [])
    shares, sampled_us = border_shares(strip), strip.sample_pts_us.to_numpy()
    kept = long_enough(found, edges_us, split.min_us)
    spans = [span for shot in kept for span in divided(shot, edges_us, split.max_us)]
    times = edges_us[[(span.start, span.end) for span in spans]]
    samples = np.searchsorted(sampled_us, times).tolist()
    for span, (start_us, end_us), (first, last) in zip(spans, times.tolist(), samples, strict=True):
        box = crop_box(shares[:, first:last], media.picture)
        yield _clip(media, span, (start_us, end_us), box)


def _clip(media: Media, span: Span, time: tuple[int, int], box: tuple[int, int, int, int]) -> Clip:
    return Clip(
        clip_id=clip_id(media.media_id, *time),
        media_id=media.media_id,
        start_us=time[0],
        end_us=time[1],
        frames=span.end - span.start,
        start_kind=span.start_kind,
        end_kind=span.end_kind,
        shot=span.shot,
        still=media.still,
        crop_x=box[0],
        crop_y=box[1],
        crop_width=box[2],
        crop_height=box[3],
    )
