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


def gate(content: NDArray[np.float32]) -> NDArray[np.int64]:
    """Frames whose content value is worth a closer look: above what the frames around show.

    It is far enough above their median where it is so above more than half of them.
    """
    size = 2 * WINDOW + 1
    least = np.pad(content, WINDOW, mode="edge") * np.float32(GATE_RATIO)
    above = np.zeros(len(content), np.uint8)
    for shift in range(size):
        above += content > least[shift : shift + len(content)]
    found: NDArray[np.int64] = np.flatnonzero((above > size // 2) & (content > GATE))
    return found[found > 0]


def candidates(frames: Frames) -> list[Candidate]:
    """Frames that differ enough from the one before, over enough of the picture."""
    content = content_value(frames)
    gated = gate(content)
    if not len(gated):
        return []
    before, now = frames.luma[gated - 1], frames.luma[gated]
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
    value[wanted] = moved_difference(luma[wanted], luma[wanted - 1])
    return value


def ratio(difference: NDArray[np.float32], frame: int) -> float:
    """How far the difference at `frame` stands out from those around it, but for the greatest of them."""
    around = np.concatenate([difference[max(1, frame - WINDOW) : frame], difference[frame + 1 : frame + 1 + WINDOW]])
    usual = float(np.sort(around)[:-1].mean()) if len(around) > 1 else 0.0
    return float(difference[frame]) / (usual + NOISE)


def without_flashes(frames: Frames, found: list[Candidate]) -> list[Candidate]:
    """Those of `found` after which the picture before is not soon back, and whose own was not there just before."""
    pairs = [pair for one in found for pair in _around(frames, one.frame)]
    if not pairs:
        return found
    one, other, owner = np.array(pairs).T
    difference = moved_difference(frames.luma[one], frames.luma[other])
    least = {candidate.frame: np.inf for candidate in found}
    for frame, value in zip(owner.tolist(), difference.tolist(), strict=True):
        least[frame] = min(least[frame], value)
    return [candidate for candidate in found if least[candidate.frame] >= FLASH * candidate.difference]


def _around(frames: Frames, frame: int) -> list[tuple[int, int, int]]:
    """Pairs of frames that are alike where `frame` begins or ends a flash, and `frame` itself."""
    pts = frames.pts_us
    ahead = int(np.searchsorted(pts, pts[frame] + FLASH_US, "right"))
    behind = int(np.searchsorted(pts, pts[frame - 1] - FLASH_US))
    after = [(frame - 1, other, frame) for other in range(frame + 1, ahead)]
    return after + [(frame, other, frame) for other in range(behind, frame - 1)]


def hard_cuts(frames: Frames, threshold: float) -> list[Boundary]:
    """All hard cuts; a change of `threshold` times the contrast of the pictures makes one."""
    found = candidates(frames)
    if not found:
        return []
    at = np.array([one.frame for one in found])
    alike = correlations(frames.luma[at - 1], frames.luma[at]).tolist()
    asked = [(one, least_ratio(one, same, threshold)) for one, same in zip(found, alike, strict=True)]
    least = {one.frame: needed for one, needed in asked if needed is not None}
    new = without_flashes(frames, [one for one in found if one.frame in least])
    if not new:
        return []
    difference = differences(frames.luma, np.array([one.frame for one in new]))
    return [cut(one.frame, one.change / threshold) for one in new if ratio(difference, one.frame) >= least[one.frame]]
