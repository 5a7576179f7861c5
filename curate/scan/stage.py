"""The stage: one decode of a media, picture and sound in one pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import av
import cv2
import numpy as np
import pyarrow as pa
from av.video.frame import PictureType
from numpy.typing import ArrayLike

from curate.errors import NoFrames
from curate.media.clock import MAX_PIXELS, PictureClock, check_pixels, clock, picture_stream
from curate.media.demux import Undecodable, decoded, opened
from curate.media.file import MediaFile
from curate.media.limits import GIB, Limits
from curate.media.planes import planes
from curate.media.silero import load
from curate.media.sound import sound_stream
from curate.scan.camera import UNKNOWN
from curate.scan.details import Detail, DetailTrack
from curate.scan.frames import FrameTrack
from curate.scan.samples import Sample, SampleTrack
from curate.scan.sound import SoundTrack
from curate.scan.transitions import TransitionRows, Transitions, TransitionTrack
from curate.stage import Run, each, operational
from schemas.strip import Strip


@dataclass(frozen=True)
class Scan:
    """Measure every frame and every hop of sound of a media, decoding it once."""

    name: ClassVar[str] = "scan"
    version: ClassVar[int] = 4
    takes: ClassVar[type] = MediaFile
    gives: ClassVar[type] = Strip

    sample_rate_hz: float = 5.0  # how often sharpness, borders and motion are measured
    transitions: Transitions | None = None  # also look for them with a network: costs several times the decoding
    max_pixels: int = operational(MAX_PIXELS)  # of one frame
    limits: Limits = operational(Limits(memory_bytes=2 * GIB, deadline_s=60.0, deadline_per_media_s=2.0))

    @property
    def reads(self) -> tuple[str, ...]:
        """Files of its models, for the child that it runs in."""
        return () if self.transitions is None else (self.transitions.model,)

    def open(self) -> Run[MediaFile, Strip]:
        """Load the speech detector and what filters sound, before the first media's time runs."""
        import scipy.signal  # noqa: F401, PLC0415  half a second

        cv2.setNumThreads(1)
        models = Models(load(), self.transitions and self.transitions.open())

        def one(row: MediaFile) -> Iterator[Strip]:
            yield strip(row, models, self.sample_rate_hz, self.max_pixels)

        return each(one)


@dataclass(frozen=True, slots=True)
class Models:
    """What was loaded once: ONNX sessions."""

    speech: Any
    transitions: Any  # None: not asked for


def strip(row: MediaFile, models: Models, rate_hz: float, max_pixels: int) -> Strip:
    """Decode a media from its first to its last byte and measure it.

    Frames that no other frame refers to are not deblocked: nothing drifts, small pictures differ by one grey level at
    most (mean 0.004), sharpness by 1 % in the mean. Details are measured on others.
    """
    with opened(row.file) as container:
        video = picture_stream(container, row.media, max_pixels)
        if video.codec_context.name in ("h264", "hevc"):
            video.codec_context.options = {"skip_loop_filter": "noref"}
        audio = sound_stream(container, row.media)
        tracks = _Tracks(row, clock(video), models, rate_hz, max_pixels)
        for index, item in decoded(container, [video] if audio is None else [video, audio]):
            tracks.add(index, item)
    return tracks.strip()


class _Tracks:
    """What is gathered of one media."""

    def __init__(self, row: MediaFile, shown: PictureClock, models: Models, rate_hz: float, max_pixels: int) -> None:
        picture = row.media.picture
        assert picture is not None  # noqa: S101  picture_stream has seen to it
        self._row, self._clock, self._max_pixels = row, shown, max_pixels
        self._flipped = picture.flipped
        self._frames = FrameTrack(picture.rotation_deg)
        self._samples = SampleTrack(picture.rotation_deg, picture.width / picture.height, rate_hz)
        self._details = DetailTrack()
        self._sound = SoundTrack(models.speech)
        asked = models.transitions is not None and not row.media.still
        self._transitions = TransitionTrack(models.transitions, picture.rotation_deg) if asked else None
        self._pts: list[int] = []
        self._errors = 0
        self._last_error = ""

    def add(self, index: int, item: av.VideoFrame | av.AudioFrame | Undecodable) -> None:
        if isinstance(item, av.VideoFrame):
            self._see(item)
        elif isinstance(item, av.AudioFrame):
            self._sound.add(item)
        else:
            self._errors += 1
            self._last_error = item.detail

    def _see(self, frame: av.VideoFrame) -> None:
        check_pixels(frame.width, frame.height, self._max_pixels)
        pts_us = self._clock.shown_us(frame)
        if pts_us is None:
            return
        self._pts.append(pts_us)
        seen = planes(frame, self._flipped)
        self._frames.add(seen)
        if self._transitions is not None:
            self._transitions.add(frame)
        if self._samples.due(pts_us):
            self._samples.add(pts_us, seen)
        if self._details.due(pts_us, frame.pict_type != PictureType.B):
            self._details.add(pts_us, seen, self._samples.borders)

    def strip(self) -> Strip:
        if not self._pts:
            raise NoFrames(f"no frame could be decoded; {self._errors} errors, the last: {self._last_error or 'none'}")
        frames, sound, samples = self._frames.rows(), self._sound.rows(), self._samples.samples
        turns = self._transitions.rows() if self._transitions else TransitionRows.none()
        start_us = self._sound.line.start_us
        return Strip(
            media_id=self._row.media.media_id,
            end_us=self._clock.end_us,
            decode_errors=self._errors,
            pts_us=column(self._pts, np.int64),
            luma_mean=column(frames.luma_mean),
            luma_std=column(frames.luma_std),
            delta_hue=column(frames.deltas[:, 0]),
            delta_saturation=column(frames.deltas[:, 1]),
            delta_value=column(frames.deltas[:, 2]),
            thumbs=frames.thumbs,
            **_sampled(samples),
            audio_start_us=None if start_us is None else start_us - self._clock.origin_us,
            rms_db=column(sound.rms_db),
            flux=column(sound.flux),
            clipped=column(sound.clipped),
            speech=column(sound.speech),
            k_power=column(sound.k_power),
            **_detailed(self._details.details),
            overlay=self._samples.overlay.map().tobytes(),
            pitch_db=column(sound.channels.pitch_db),
            stereo_correlation=column(sound.channels.correlation),
            stereo_balance_db=column(sound.channels.balance_db),
            transition_peak=column(turns.peak),
            transition_span=column(turns.span),
        )


def column(values: ArrayLike, kind: type[np.float32 | np.int64] = np.float32) -> pa.Array:
    """An Arrow column over the memory of numbers; NaN stays NaN. (`pa.array` would import pandas.)"""
    numbers = np.ascontiguousarray(values, kind)
    return pa.Array.from_buffers(_KINDS[kind], len(numbers), [None, pa.py_buffer(numbers)])


_KINDS: Mapping[type, pa.DataType] = {np.float32: pa.float32(), np.int64: pa.int64()}


def _sampled(samples: list[Sample]) -> dict[str, pa.Array]:
    borders = [s.borders or (np.nan,) * 4 for s in samples]
    moves = [s.motion or UNKNOWN for s in samples]
    lists: dict[str, list[float]] = {
        "sharpness": [s.sharpness for s in samples],
        "motion_px_s": [m.motion_px for m in moves],
        "local_px_s": [m.local_px for m in moves],
        "pan_x_px_s": [m.pan_x_px for m in moves],
        "pan_y_px_s": [m.pan_y_px for m in moves],
        "zoom_per_s": [m.zoom for m in moves],
        "roll_deg_s": [m.roll_deg for m in moves],
        "camera_fit": [m.fit for m in moves],
        **{f"border_{side}": [b[i] for b in borders] for i, side in enumerate(("top", "bottom", "left", "right"))},
    }
    times = column([s.pts_us for s in samples], np.int64)
    return {"sample_pts_us": times, **{name: column(values) for name, values in lists.items()}}


def _detailed(details: list[Detail]) -> dict[str, pa.Array]:
    names = ("noise", "combed", "blockiness", "dark_share", "bright_share")
    return {
        "detail_pts_us": column([d.pts_us for d in details], np.int64),
        **{name: column([getattr(d, name) for d in details]) for name in names},
        "row_spectrum": column(np.concatenate([d.spectrum for d in details])) if details else column([]),
    }
