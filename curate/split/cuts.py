"""Hard cuts: a frame that looks like nothing of the frame before, wherever that may have moved to."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curate.split.boundary import Boundary, cut
from curate.split.content import content_value
from curate.split.frames import Frames

GATE = 3.0  # content value below which no frame is looked at
GATE_RATIO = 1.5  # and how far it must stand out from the frames around
REACH = 2  # pixels of a thumb that the picture may have moved: a sixteenth of its width
BATCH = 64  # frames at a time, so that all shifts of them stay in the cache
WINDOW = 6  # frames on each side that say how much change is normal here
NOISE = 0.6  # grey levels of difference that mean nothing
BLACK = 10  # grey levels that are black in both pictures, and no part of them: borders

# A cut between unlike pictures may come in the middle of fast motion; one between pictures of the same place (a jump
# cut, a slide) must stand out from a quiet picture.
UNLIKE = {"ratio": 2.5, "changed": 0.5, "correlation": 0.75}
QUIET = {"change": 0.2, "ratio": 8.0, "changed": 0.35, "correlation": 0.96, "content": 12.0}

FLASH_US = 200_000  # what goes away after so short a time is a flash, not a shot
FLASH = 0.5  # of the change that may remain when the picture has come back


def moved_difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """a, b: [N, 18, 32] luma. [N]: mean |a - b|, at the shift of b (up to `REACH` pixels) where it is least."""
    height, width = a.shape[1] - 2 * REACH, a.shape[2] - 2 * REACH
    mean = np.full(height * width, 1 / (height * width), np.float32)
    out = np.empty(len(a), np.float32)
    for start in range(0, len(a), BATCH):
        inner = a[start : start + BATCH, None, None, REACH:-REACH, REACH:-REACH]
        shifted = sliding_window_view(b[start : start + BATCH], (height, width), (1, 2))
        difference = np.maximum(inner, shifted)
        difference -= np.minimum(inner, shifted)
        values = difference.reshape(-1, height * width).astype(np.float32) @ mean
        out[start : start + BATCH] = values.reshape(len(inner), -1).min(1)
    return out


def correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """a, b: [18, 32] luma. Their greatest correlation over shifts of one pixel; 0 for a flat picture."""
    size = (a.shape[0] - 2, a.shape[1] - 2)
    inner = a[1:-1, 1:-1].astype(np.float32).ravel()
    others = sliding_window_view(b, size).reshape(9, -1).astype(np.float32)
    inner -= inner.mean()
    others -= others.mean(1, keepdims=True)
    power = np.sqrt(np.einsum("kp,kp->k", others, others) * (inner @ inner))
    return float(np.max((others @ inner) / np.maximum(power, 1e-6), initial=0.0))


def changed_share(a: NDArray[np.uint8], b: NDArray[np.uint8], step: float) -> float:
    """a, b: [18, 32] luma. The share of the picture (without black borders) that differs by more than `step`."""
    picture = np.maximum(a, b) > BLACK
    difference = np.abs(a.astype(np.int16) - b)
    return float((difference > step)[picture].mean()) if picture.any() else 0.0


def gate(content: NDArray[np.float32]) -> NDArray[np.int64]:
    """Frames whose content value is worth a closer look: above what the frames around show."""
    padded = np.pad(content, WINDOW, mode="edge")
    loud = np.flatnonzero(content > GATE)
    around = np.median(padded[loud[:, None] + np.arange(2 * WINDOW + 1)], axis=1)
    found: NDArray[np.int64] = loud[content[loud] > GATE_RATIO * around]
    return found[found > 0]


def changing(luma: NDArray[np.uint8], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of `frames` whose moved difference is worth a closer look, against the contrast of the picture."""
    before, now = luma[frames - 1], luma[frames]
    contrast = np.sqrt((before.var((1, 2)) + now.var((1, 2))) / 2)
    change = moved_difference(before, now)
    kept: NDArray[np.int64] = frames[(change > GATE) & (change > QUIET["change"] * contrast)]
    return kept


def differences(luma: NDArray[np.uint8], frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """[T]: the moved difference of each frame to the one before, within `WINDOW` of one of `frames`; else NaN."""
    wanted = np.unique((frames[:, None] + np.arange(-WINDOW, WINDOW + 1)).clip(1, len(luma) - 1))
    value = np.full(len(luma), np.nan, np.float32)
    value[wanted] = moved_difference(luma[wanted], luma[wanted - 1])
    return value


def ratio(difference: NDArray[np.float32], frame: int) -> float:
    """How far the difference at `frame` stands out from those around it, but for the greatest of them."""
    around = np.concatenate([difference[max(1, frame - WINDOW) : frame], difference[frame + 1 : frame + 1 + WINDOW]])
    usual = float(np.sort(around)[:-1].mean()) if len(around) > 1 else 0.0
    return float(difference[frame]) / (usual + NOISE)


def is_flash(frames: Frames, frame: int, change: float) -> bool:
    """Whether the picture before `frame` is soon back, or the picture at `frame` was there just before."""
    pts, luma = frames.pts_us, frames.luma
    ahead = int(np.searchsorted(pts, pts[frame] + FLASH_US, "right"))
    behind = int(np.searchsorted(pts, pts[frame - 1] - FLASH_US))
    pairs = [(frame - 1, other) for other in range(frame + 1, ahead)]
    pairs += [(frame, other) for other in range(behind, frame - 1)]
    if not pairs:
        return False
    one, other = np.array(pairs).T
    return float(moved_difference(luma[one], luma[other]).min()) < FLASH * change


def is_cut(frames: Frames, frame: int, difference: NDArray[np.float32], content: float, threshold: float) -> float:
    """How strong a cut `frame` is: the change in units of contrast over `threshold`; 0 where there is none."""
    before, now = frames.luma[frame - 1], frames.luma[frame]
    contrast = float(np.sqrt((before.var() + now.var()) / 2))
    change = float(difference[frame]) / max(contrast, 1.0)
    stands_out = ratio(difference, frame)
    if stands_out < UNLIKE["ratio"]:
        return 0.0
    changed = changed_share(before, now, max(0.2 * contrast, 4.0))
    unlike = change >= threshold and changed >= UNLIKE["changed"]
    quiet = stands_out >= QUIET["ratio"] and changed >= QUIET["changed"] and content >= QUIET["content"]
    if not (unlike or quiet):
        return 0.0
    alike = correlation(before, now)
    if alike >= (QUIET if quiet else UNLIKE)["correlation"] or is_flash(frames, frame, float(difference[frame])):
        return 0.0
    return change / threshold


def hard_cuts(frames: Frames, threshold: float) -> list[Boundary]:
    """All hard cuts; a change of `threshold` times the contrast of the pictures makes one."""
    content = content_value(frames)
    candidates = changing(frames.luma, gate(content))
    if not len(candidates):
        return []
    difference = differences(frames.luma, candidates)
    strengths = [is_cut(frames, index, difference, float(content[index]), threshold) for index in candidates.tolist()]
    return [cut(index, strength) for index, strength in zip(candidates.tolist(), strengths, strict=True) if strength]
