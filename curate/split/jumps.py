"""Jump cuts: the same place, all at once a little different; and slides that give way to others."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from curate.split.content import content_value
from curate.split.cuts import Candidate, gate, stutters, without_flashes
from curate.split.frames import Frames
from curate.split.likeness import contrasts, correlations, moved_difference

AROUND = 8  # frames on each side whose change is that of the motion in the shot
GATE, GATE_RATIO, GATE_OF = 1.2, 2.0, 10  # content value worth a look: so far above ten of the twelve frames around
DIFFERENCE = 2.5  # mean grey levels
STANDS_OUT = 3.4  # times the change of all frames around but for the greatest
NOISE = 0.3  # grey levels of change that mean nothing
PIXEL, LINE = 4, 0.1  # grey levels by which a pixel changes; share of such pixels in a row or column that changes
ACROSS = 0.4  # share of the rows, and of the columns, that change: words that come up take fewer rows
BOTH = 0.1  # pixels that change one way for each that changes the other way: less is light that comes or goes
NOT_LIGHT = 5.0  # grey levels (RMS) of change that no other brightness or contrast explains

# The palettes of one place before and after: mean difference of the sorted grey levels, and of U or V.
SAME_LIGHT, SAME_COLOUR = 10.0, 2.5


def jumps(frames: Frames, taken: list[Boundary]) -> list[Boundary]:
    """Sudden changes over much of the picture, small or large, in shots that hardly move; none near `taken`."""
    content, luma = content_value(frames), frames.luma
    at = gate(content, GATE, GATE_RATIO, GATE_OF)
    for boundary in taken:
        at = at[(at < boundary.start - 2) | (at > boundary.end + 2)]
    if not len(at):
        return []
    at = at[differences(luma, at) > DIFFERENCE]
    at = at[spread(luma[at - 1], luma[at]) & ~stutters(content, at)]
    if not len(at):
        return []
    ratio = differences(luma, at) / (NOISE + motion(luma, at)) / STANDS_OUT
    new = (ratio > 1) & (unexplained(luma[at - 1], luma[at]) > NOT_LIGHT)
    moved = moved_difference(luma[at], luma[at - 1])
    candidates = [
        Candidate(frame, difference, change, 0, 0)
        for frame, difference, change in zip(at[new].tolist(), moved[new].tolist(), ratio[new].tolist(), strict=True)
    ]
    kept = without_flashes(frames, candidates) if candidates else []
    return [Boundary(one.frame, one.frame, "jump", "jump", one.change) for one in kept]


def differences(luma: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """luma: [T, 18, 32], at: [M], 1..T - 1. [M]: mean difference of each of these frames to the one before it."""
    now, before = luma.take(at, 0), luma.take(at - 1, 0)
    return np.asarray((np.maximum(now, before) - np.minimum(now, before)).mean((1, 2)), np.float64)


def motion(luma: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """[M]: the greatest difference but one of the frames around each of `at`."""
    offsets = np.delete(np.arange(-AROUND, AROUND + 1), AROUND)
    near = at[:, None] + offsets
    values = differences(luma, near.clip(1, len(luma) - 1).ravel()).reshape(near.shape)
    return np.sort(np.where((near >= 1) & (near < len(luma)), values, 0.0), axis=1)[:, -2]


def spread(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """before, after: [M, 18, 32] luma. [M]: whether enough rows and columns change, some brighter and some darker."""
    change = after.astype(np.int16) - before
    changed = np.abs(change) > PIXEL
    rows, columns = ((changed.mean(axis) > LINE).mean(1) for axis in (2, 1))
    brighter, darker = (change > PIXEL).sum((1, 2)), (change < -PIXEL).sum((1, 2))
    both = np.minimum(brighter, darker) > BOTH * np.maximum(brighter, darker)
    return np.asarray((rows >= ACROSS) & (columns >= ACROSS) & both)


def unexplained(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float64]:
    """before, after: [M, 18, 32] luma. [M]: RMS difference in grey levels, were both equally bright and contrasty."""
    alike = correlations(before, after).astype(np.float64)
    return np.asarray(contrasts(before, after) * np.sqrt(np.maximum(1 - alike**2, 0)))


def named(frames: Frames, cuts: list[Boundary]) -> list[Boundary]:
    """Hard cuts; those between two pictures with the palette of one place are jump cuts."""
    if not cuts:
        return []
    at = np.array([one.start for one in cuts], np.int64)
    light, *colours = (palette_change(plane, at) for plane in (frames.luma, frames.chroma[0], frames.chroma[1]))
    same = (light < SAME_LIGHT) & (np.maximum(*colours) < SAME_COLOUR)
    return [replace(one, before="jump", after="jump") if there else one for one, there in zip(cuts, same, strict=True)]


def palette_change(plane: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """plane: [T, h, w], at: [M]. [M]: mean difference of the sorted pixels of each of these and the frame before."""
    now, before = (np.sort(plane.take(frames, 0).reshape(len(at), -1), axis=1) for frames in (at, at - 1))
    return np.asarray(np.abs(now.astype(np.int16) - before).mean(1), np.float64)
