"""Hard cuts: a frame that looks like nothing of the frame before, wherever that may have moved to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary, cut
from curate.split.content import content_value
from curate.split.frames import Frames
from curate.split.likeness import changed_shares, contrasts, correlations, moved_difference

GATE = 3.0  # content value and grey levels below which no frame is looked at
GATE_RATIO = 1.5  # and how far its content value must stand out from the frames around
WINDOW = 6  # frames on each side that say how much change is normal here
NOISE = 0.6  # grey levels of difference that mean nothing

# A cut between unlike pictures may come in the middle of fast motion; one between pictures of the same place (a jump
# cut, a slide) must stand out from a quiet picture.
UNLIKE_CHANGED, UNLIKE_CORRELATION, UNLIKE_RATIO = 0.5, 0.75, 2.5
LIKE_CHANGED, LIKE_CORRELATION, LIKE_RATIO = 0.35, 0.96, 8.0
LIKE_CHANGE, LIKE_CONTENT = 0.17, 12.0

# Among steps at intervals, a step of a picture that stands still in between is no cut unless it is so much larger.
STUTTER = 11  # frames on each side
STUTTER_RATIO = 3.0
STUTTER_STILL = 0.6  # share of the frames that stand still

FLASH_US = 200_000  # what goes away after so short a time is a flash, not a shot
FLASH = 0.5  # of the change that may remain when the picture has come back


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that does not look like the one before."""

    frame: int
    difference: float  # grey levels, the move taken out
    change: float  # the same in units of the pictures' contrast
    changed: float  # share of the picture that is new
    content: float  # PySceneDetect's content value


def gate(content: NDArray[np.float32], least_value: float, ratio: float, fewest: int = WINDOW) -> NDArray[np.int64]:
    """Frames whose content value is worth a closer look: `ratio` times that of more than `fewest` frames around.

    It is far enough above their median where it is so above more than half of them.
    """
    size = 2 * WINDOW + 1
    least = np.pad(content, WINDOW, mode="edge") * np.float32(ratio)
    above = np.zeros(len(content), np.uint8)
    for shift in range(size):
        above += content > least[shift : shift + len(content)]
    found: NDArray[np.int64] = np.flatnonzero((above > fewest) & (content > least_value))
    return found[found > 0]


def candidates(frames: Frames) -> list[Candidate]:
    """Frames that differ enough from the one before, over enough of the picture."""
    content = content_value(frames)
    gated = gate(content, GATE, GATE_RATIO)
    if not len(gated):
        return []
    before, now = frames.luma.take(gated - 1, 0), frames.luma.take(gated, 0)
    contrast = np.maximum(contrasts(before, now), 1.0)
    changed = changed_shares(before, now, np.maximum(0.2 * contrast, 4.0))
    difference = moved_difference(before, now)
    change = difference / contrast
    kept = (difference > GATE) & (change > LIKE_CHANGE) & (changed >= LIKE_CHANGED)
    columns = (gated, difference, change, changed, content[gated])
    return [Candidate(*row) for row in zip(*(column[kept].tolist() for column in columns), strict=True)]


def least_ratio(one: Candidate, alike: float, threshold: float) -> float | None:
    """How far a candidate must stand out in time to be a cut; None: it shows the same picture, whatever it does."""
    if one.change >= threshold and one.changed >= UNLIKE_CHANGED and alike < UNLIKE_CORRELATION:
        return UNLIKE_RATIO
    return LIKE_RATIO if one.content >= LIKE_CONTENT and alike < LIKE_CORRELATION else None


def differences(luma: NDArray[np.uint8], frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """[T]: the moved difference of each frame to the one before, within `WINDOW` of one of `frames`; else NaN."""
    near = np.zeros(len(luma), np.bool_)
    near[(frames[:, None] + np.arange(-WINDOW, WINDOW + 1)).clip(1, len(luma) - 1)] = True
    wanted = np.flatnonzero(near)
    value = np.full(len(luma), np.nan, np.float32)
    value[wanted] = moved_difference(luma.take(wanted, 0), luma.take(wanted - 1, 0))
    return value


def ratios(difference: NDArray[np.float32], frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """[len(frames)]: how far the difference at each stands out from those around it, but for the greatest of them."""
    padded = np.pad(difference, WINDOW, constant_values=np.nan)
    padded[WINDOW] = np.nan  # of the first frame, which has none before it
    offsets = np.delete(np.arange(2 * WINDOW + 1), WINDOW)
    around = np.sort(padded[frames[:, None] + offsets], axis=1)  # what is not known comes last
    others = np.maximum(np.count_nonzero(~np.isnan(around), axis=1) - 1, 0)
    kept = np.where(np.arange(2 * WINDOW) < others[:, None], around, 0)
    usual = kept.sum(1) / np.maximum(others, 1)
    return np.asarray(difference[frames] / (usual + NOISE))


def without_flashes(frames: Frames, found: list[Candidate]) -> list[Candidate]:
    """Those of `found` after which the picture before is not soon back, and whose own was not there just before."""
    pts, at = frames.pts_us, np.array([one.frame for one in found], np.int64)
    ahead = np.searchsorted(pts, pts[at] + FLASH_US, "right")
    behind = np.searchsorted(pts, pts[at - 1] - FLASH_US)
    owner, other = ranges(np.concatenate([at + 1, behind]), np.concatenate([ahead, at - 1]))
    one = np.concatenate([at - 1, at])[owner]
    difference = moved_difference(frames.luma.take(one, 0), frames.luma.take(other, 0))
    least = np.full(len(found), np.inf)
    np.minimum.at(least, owner % len(found), difference)
    return [
        candidate
        for candidate, value in zip(found, least.tolist(), strict=True)
        if value >= FLASH * candidate.difference
    ]


def ranges(start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All numbers of the ranges `[start, end)`, and of which range each is."""
    count = np.maximum(end - start, 0)
    owner = np.repeat(np.arange(len(start)), count)
    return owner, np.arange(len(owner)) + (start - np.cumsum(count) + count)[owner]


def hard_cuts(frames: Frames, threshold: float) -> list[Boundary]:
    """All hard cuts; a change of `threshold` times the contrast of the pictures makes one."""
    found = candidates(frames)
    if not found:
        return []
    at = np.array([one.frame for one in found])
    alike = correlations(frames.luma[at - 1], frames.luma[at]).tolist()
    asked = [(one, least_ratio(one, same, threshold)) for one, same in zip(found, alike, strict=True)]
    least = {one.frame: needed for one, needed in asked if needed is not None}
    unlike = [one for one in found if one.frame in least]
    new = without_flashes(frames, unlike) if unlike else []
    if not new:
        return []
    at = np.array([one.frame for one in new])
    standing_out = ratios(differences(frames.luma, at), at)
    standing_out[stutters(content_value(frames), at)] = 0
    return [
        cut(one.frame, one.change / threshold)
        for one, ratio in zip(new, standing_out.tolist(), strict=True)
        if ratio >= least[one.frame]
    ]


def stutters(content: NDArray[np.float32], at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[len(at)]: whether each is one of several steps of a picture that stands still between them: a slow animation."""
    near = at[:, None] + np.delete(np.arange(-STUTTER, STUTTER + 1), STUTTER)
    known = (near >= 1) & (near < len(content))
    around = np.sort(np.where(known, content[near.clip(0, len(content) - 1)], 0), axis=1)
    step, still = around[:, -2], around[:, int(STUTTER_STILL * 2 * STUTTER)]
    return np.asarray((step * STUTTER_RATIO > content[at]) & (still < 0.1 * step))
