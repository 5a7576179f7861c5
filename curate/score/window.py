"""The part of a strip that a clip covers, as numpy arrays: what a metric sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.score.clip_strip import ClipStrip
from schemas.clip import Clip
from schemas.media import Media
from schemas.strip import (
    CHANNEL_HOP_US,
    CHROMA_HEIGHT,
    CHROMA_WIDTH,
    HOP_US,
    LOUDNESS_HOP_US,
    OVERLAY_HEIGHT,
    OVERLAY_WIDTH,
    PITCHES,
    SPECTRUM,
    THUMB_HEIGHT,
    THUMB_WIDTH,
    VAD_HOP_US,
    Strip,
)

Floats = NDArray[np.float32]

KNOWN_FIT = 0.4  # share of the flow that the camera must explain
STILL_PX_S, MOVES_SHARE = 2.0, 0.25  # of the camera, and of the flows of a media whose camera moves
CUT, FEW_CUTS = 20.0, 4  # change of value, 0..255, and how many such frames show a media to be of many scenes


@dataclass(frozen=True, slots=True)
class FrameWindow:
    """The T frames of the clip."""

    pts_us: NDArray[np.int64]  # [T]
    shown_us: NDArray[np.int64]  # [T]: how long each is shown
    luma_mean: Floats
    luma_std: Floats
    change: Floats  # [T - 1]: mean absolute change of value (HSV), 0..255, from each frame to the next
    luma: NDArray[np.uint8]  # [T, 18, 32]
    chroma: NDArray[np.uint8]  # [2, T, 9, 16], U then V

    def share(self, mask: NDArray[np.bool_]) -> float:
        """mask: [T]. The share of the clip's time for which it holds."""
        return self.mean(mask.astype(np.float32))

    def mean(self, values: Floats) -> float:
        """values: [T]. Their mean over time."""
        return float(np.average(values, weights=self.shown_us))


@dataclass(frozen=True, slots=True)
class MotionWindow:
    """The flows whose both frames lie in the clip; units as in `schemas.strip`. A camera's field may be NaN."""

    seconds: NDArray[np.float64]  # that each flow covers
    motion_px_s: Floats
    local_px_s: Floats
    pan_x_px_s: Floats
    pan_y_px_s: Floats
    zoom_per_s: Floats
    roll_deg_s: Floats
    camera_fit: Floats
    start_us: NDArray[np.int64]  # [N]: from which frame each flow leads
    end_us: NDArray[np.int64]  # [N]: to which


@dataclass(frozen=True, slots=True)
class DetailWindow:
    """The frames of the clip that were measured in full size, about one a second; units as in `schemas.strip`."""

    noise: Floats
    combed: Floats
    blockiness: Floats
    dark_share: Floats
    bright_share: Floats
    spectrum: Floats  # [D, 32]


@dataclass(frozen=True, slots=True)
class SoundWindow:
    """The hops of sound that lie in the clip; empty where its media has no sound there."""

    start_us: int | None  # of the whole sound track; None: there is none
    end_us: int
    rms_db: Floats
    clipped: Floats
    speech: Floats
    k_power: Floats
    pitch_db: Floats  # [seconds, 24]
    correlation: Floats
    balance_db: Floats


@dataclass(frozen=True, slots=True)
class Window:
    """A clip and its measurements."""

    clip: Clip
    media: Media
    frames: FrameWindow
    sharpness: Floats  # [samples]
    motion: MotionWindow
    details: DetailWindow
    overlay: NDArray[np.uint8]  # [36, 64], upright [64, 36], of the whole media; [0, 0]: its scene does not change
    sound: SoundWindow


def window(row: ClipStrip) -> Window:
    """Cut the strip to the clip, without copying it."""
    pts = row.strip.sample_pts_us.to_numpy()
    first, last = _range(pts, row.clip)
    return Window(
        clip=row.clip,
        media=row.media,
        frames=_frames(row.clip, row.strip),
        sharpness=row.strip.sharpness.to_numpy()[first:last],
        motion=_motion(row.strip, pts, first, last),
        details=_details(row.clip, row.strip),
        overlay=_overlay(row.media, row.strip),
        sound=_sound(row.clip, row.strip),
    )


def _range(times_us: NDArray[np.int64], clip: Clip) -> tuple[int, int]:
    first, last = np.searchsorted(times_us, [clip.start_us, clip.end_us])
    return int(first), int(last)


def _frames(clip: Clip, strip: Strip) -> FrameWindow:
    pts = strip.pts_us.to_numpy()
    first, last = _range(pts, clip)
    thumbs = np.frombuffer(strip.thumbs, np.uint8)
    pixels = len(pts) * THUMB_HEIGHT * THUMB_WIDTH
    luma = thumbs[:pixels].reshape(len(pts), THUMB_HEIGHT, THUMB_WIDTH)
    chroma = thumbs[pixels:].reshape(2, len(pts), CHROMA_HEIGHT, CHROMA_WIDTH)
    inside = pts[first:last]
    return FrameWindow(
        pts_us=inside,
        shown_us=np.diff(np.append(inside, clip.end_us)),
        luma_mean=strip.luma_mean.to_numpy()[first:last],
        luma_std=strip.luma_std.to_numpy()[first:last],
        change=strip.delta_value.to_numpy()[first + 1 : last],
        luma=luma[first:last],
        chroma=chroma[:, first:last],
    )


def _motion(strip: Strip, pts_us: NDArray[np.int64], first: int, last: int) -> MotionWindow:
    inside = slice(first + 1, max(last, first + 1))  # the first flow of the clip comes from the frame before it
    return MotionWindow(
        seconds=np.diff(pts_us[first:last]) / 1e6,
        motion_px_s=strip.motion_px_s.to_numpy()[inside],
        local_px_s=strip.local_px_s.to_numpy()[inside],
        pan_x_px_s=strip.pan_x_px_s.to_numpy()[inside],
        pan_y_px_s=strip.pan_y_px_s.to_numpy()[inside],
        zoom_per_s=strip.zoom_per_s.to_numpy()[inside],
        roll_deg_s=strip.roll_deg_s.to_numpy()[inside],
        camera_fit=strip.camera_fit.to_numpy()[inside],
        start_us=pts_us[first : inside.stop - 1],
        end_us=pts_us[inside],
    )


def _details(clip: Clip, strip: Strip) -> DetailWindow:
    first, last = _range(strip.detail_pts_us.to_numpy(), clip)
    return DetailWindow(
        noise=strip.noise.to_numpy()[first:last],
        combed=strip.combed.to_numpy()[first:last],
        blockiness=strip.blockiness.to_numpy()[first:last],
        dark_share=strip.dark_share.to_numpy()[first:last],
        bright_share=strip.bright_share.to_numpy()[first:last],
        spectrum=strip.row_spectrum.to_numpy().reshape(-1, SPECTRUM)[first:last],
    )


def _stands(strip: Strip) -> bool:
    """Is a media one scene, seen by a camera that stands still? All of that stays in its place."""
    speed = np.hypot(strip.pan_x_px_s.to_numpy(), strip.pan_y_px_s.to_numpy())
    speed = speed[strip.camera_fit.to_numpy() >= KNOWN_FIT]
    cuts = np.count_nonzero(strip.delta_value.to_numpy() > CUT)
    return len(speed) > 0 and float((speed >= STILL_PX_S).mean()) < MOVES_SHARE and bool(cuts < FEW_CUTS)


def _overlay(media: Media, strip: Strip) -> NDArray[np.uint8]:
    found = np.frombuffer(strip.overlay, np.uint8)
    if not len(found) or media.picture is None or _stands(strip):
        return np.zeros((0, 0), np.uint8)
    upright = media.picture.height > media.picture.width
    return found.reshape((OVERLAY_WIDTH, OVERLAY_HEIGHT) if upright else (OVERLAY_HEIGHT, OVERLAY_WIDTH))


def _sound(clip: Clip, strip: Strip) -> SoundWindow:
    def inside(values: Floats, hop_us: int) -> Floats:
        """The hops that lie wholly in the clip."""
        if strip.audio_start_us is None:
            return values[:0]
        first = -((strip.audio_start_us - clip.start_us) // hop_us)
        last = (clip.end_us - strip.audio_start_us) // hop_us
        return values[max(first, 0) : max(last, 0)]

    def about(values: Floats, hop_us: int) -> Floats:
        """The hops whose middle lies in the clip."""
        if strip.audio_start_us is None:
            return values[:0]
        first, last = (round((at - strip.audio_start_us) / hop_us) for at in (clip.start_us, clip.end_us))
        return values[max(first, 0) : max(last, 0)]

    start_us, pitch_db = strip.audio_start_us, strip.pitch_db.to_numpy().reshape(-1, PITCHES)
    return SoundWindow(
        start_us=start_us,
        end_us=(start_us or 0) + len(strip.rms_db) * HOP_US,
        rms_db=inside(strip.rms_db.to_numpy(), HOP_US),
        clipped=inside(strip.clipped.to_numpy(), HOP_US),
        speech=inside(strip.speech.to_numpy(), VAD_HOP_US),
        k_power=inside(strip.k_power.to_numpy(), LOUDNESS_HOP_US),
        pitch_db=about(pitch_db, CHANNEL_HOP_US),
        correlation=about(strip.stereo_correlation.to_numpy(), CHANNEL_HOP_US),
        balance_db=about(strip.stereo_balance_db.to_numpy(), CHANNEL_HOP_US),
    )


def crop_box(clip: Clip, media: Media, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of a thumb of [height, width] that lie wholly inside the clip's crop box; at least one each."""
    picture = media.picture
    if picture is None:
        return slice(0, height), slice(0, width)
    return (
        _inside(clip.crop_y, clip.crop_height, picture.height, height),
        _inside(clip.crop_x, clip.crop_width, picture.width, width),
    )


def _inside(start: int, length: int, size: int, cells: int) -> slice:
    first = -(-start * cells // size)
    last = (start + length) * cells // size
    return slice(min(first, cells - 1), max(last, min(first, cells - 1) + 1))
