"""Makes media and strips from pictures: what `scan` would measure, without a file."""

from collections.abc import Sequence

import cv2
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.media import Audio, Media, Picture
from schemas.strip import SPECTRUM, Strip

Pictures = NDArray[np.uint8]  # [T, H, W, 3] R, G, B
EMPTY = np.zeros(0, np.float32)
SOUND = (
    "rms_db", "flux", "clipped", "speech", "k_power", "pitch_db", "stereo_correlation", "stereo_balance_db",
)  # fmt: skip


def media(
    width: int = 640, height: int = 360, *, still: bool = False, picture: bool = True, audio: bool = False
) -> Media:
    """A media of the given displayed size."""
    shown = Picture(0, "h264", width, height, width, height, 0, "yuv420p", None if still else 25.0, None, False)
    sound = Audio(1, "aac", 48000, 2) if audio else None
    return Media("m" * 64, "s" * 64, 1000, "mp4", None, still, (), shown if picture else None, sound)


def times(count: int, fps: float = 25.0) -> NDArray[np.int64]:
    """[count]: time stamps of a constant rate, in microseconds."""
    return np.round(np.arange(count) * 1e6 / fps).astype(np.int64)


def strip(
    pictures: Pictures,
    pts_us: NDArray[np.int64] | None = None,
    *,
    end_us: int | None = None,
    borders: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
    motion: dict[str, NDArray[np.float32]] | None = None,
    sound: dict[str, NDArray[np.float32]] | None = None,
    audio_start_us: int | None = None,
    curve: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
    details: dict[str, NDArray[np.float32]] | None = None,
    overlay: bytes = b"",
) -> Strip:
    """The strip of `pictures`; borders (top, bottom, left, right) and motion as given, five samples a second.

    curve: `transition_peak` and `transition_span`. details: of one frame a second, NaN if not given.
    """
    pts = times(len(pictures)) if pts_us is None else pts_us
    end = end_us if end_us is not None else int(pts[-1] + (pts[-1] - pts[-2] if len(pts) > 1 else 40_000))
    sampled = pts[np.unique(np.searchsorted(pts, np.arange(0, pts[-1] + 1, 200_000)))]
    luma, u, v = thumbs(pictures)
    deltas = content_deltas(pictures)
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) for picture in pictures]
    flow = motion or {}
    heard = sound or {}
    nothing = np.full(len(sampled), np.nan, np.float32)
    names = ("motion_px_s", "local_px_s", "pan_x_px_s", "pan_y_px_s", "zoom_per_s", "roll_deg_s", "camera_fit")
    sides = ("border_top", "border_bottom", "border_left", "border_right")
    return Strip(
        media_id="m" * 64,
        end_us=end,
        decode_errors=0,
        pts_us=pa.array(pts),
        luma_mean=pa.array(np.array([one.mean() for one in grey], np.float32)),
        luma_std=pa.array(np.array([one.std() for one in grey], np.float32)),
        delta_hue=pa.array(deltas[:, 0]),
        delta_saturation=pa.array(deltas[:, 1]),
        delta_value=pa.array(deltas[:, 2]),
        thumbs=luma.tobytes() + u.tobytes() + v.tobytes(),
        sample_pts_us=pa.array(sampled),
        sharpness=pa.array(np.full(len(sampled), 100, np.float32)),
        **{name: pa.array(flow.get(name, nothing)) for name in names},
        **{
            name: pa.array(np.full(len(sampled), share, np.float32)) for name, share in zip(sides, borders, strict=True)
        },
        audio_start_us=audio_start_us,
        **{name: pa.array(heard.get(name, EMPTY)) for name in SOUND},
        **_detailed(pts, details or {}),
        overlay=overlay,
        transition_peak=pa.array(EMPTY if curve is None else curve[0]),
        transition_span=pa.array(EMPTY if curve is None else curve[1]),
    )


def _detailed(pts: NDArray[np.int64], given: dict[str, NDArray[np.float32]]) -> dict[str, pa.Array]:
    times_us = pts[np.unique(np.searchsorted(pts, np.arange(0, pts[-1] + 1, 1_000_000)))]
    nothing = np.full(len(times_us), np.nan, np.float32)
    names = ("noise", "combed", "blockiness", "dark_share", "bright_share")
    columns = {name: pa.array(given.get(name, nothing)) for name in names}
    spectra = given.get("row_spectrum", np.repeat(nothing, SPECTRUM))
    return {"detail_pts_us": pa.array(times_us), **columns, "row_spectrum": pa.array(spectra)}


def thumbs(pictures: Pictures) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Luma [T, 18, 32], U and V [T, 9, 16]."""
    small = [cv2.resize(picture, (32, 18), interpolation=cv2.INTER_AREA) for picture in pictures]
    yuv = np.stack([cv2.cvtColor(one, cv2.COLOR_RGB2YCrCb) for one in small])
    half = np.stack([cv2.resize(one, (16, 9), interpolation=cv2.INTER_AREA) for one in yuv])
    return yuv[..., 0], half[..., 2], half[..., 1]


def content_deltas(pictures: Pictures) -> NDArray[np.float32]:
    """[T, 3]: mean absolute change of hue, saturation, value at 64x36; the first is 0."""
    out = np.zeros((len(pictures), 3), np.float32)
    small = [cv2.resize(picture, (64, 36), interpolation=cv2.INTER_AREA) for picture in pictures]
    hsv = [cv2.cvtColor(one, cv2.COLOR_RGB2HSV).astype(np.int32) for one in small]
    for index in range(1, len(hsv)):
        out[index] = np.abs(hsv[index] - hsv[index - 1]).mean((0, 1))
    return out


def scene(seed: int, height: int = 72, width: int = 256) -> NDArray[np.uint8]:
    """[height, width, 3]: a picture of soft coloured shapes; another seed is another place."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (height // 12, width // 12, 3)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


def hold(picture: NDArray[np.uint8], count: int, speed: float = 0.0, x: float = 0.0) -> Pictures:
    """`count` frames of 72x128 that pan over `picture` from column `x`, `speed` columns a frame."""
    shifts = [np.array([[1, 0, -(x + speed * k)], [0, 1, 0]], np.float32) for k in range(count)]
    return np.stack([cv2.warpAffine(picture, one, (128, 72), borderMode=cv2.BORDER_REFLECT) for one in shifts])


def blend(a: Pictures, b: Pictures) -> Pictures:
    """A dissolve of as many frames as `a` and `b` have: neither is shown alone."""
    share = ((np.arange(len(a)) + 1) / (len(a) + 1))[:, None, None, None]
    mixed: Pictures = np.round(a * (1 - share) + b * share).astype(np.uint8)
    return mixed


def wiped(a: Pictures, b: Pictures, way: str, soft: float = 0.0) -> Pictures:
    """A wipe as long as `a` and `b`; its edge is `soft` of the picture wide; neither is shown alone."""
    height, width = a.shape[1:3]
    down, across = np.mgrid[0:height, 0:width]
    x, y = (across + 0.5) / width, (down + 0.5) / height
    place = {"right": x, "left": 1 - x, "down": y, "up": 1 - y, "corner": (x + y) / 2}
    place["iris"] = np.hypot(x - 0.5, y - 0.5) * 2**0.5
    share = (np.arange(len(a)) + 1)[:, None, None] / (len(a) + 1)
    edge = max(soft, 1 / width)
    new = np.clip((share * (1 + edge) - place[way]) / edge, 0, 1)[..., None]
    mixed: Pictures = np.round(a * (1 - new) + b * new).astype(np.uint8)
    return mixed
