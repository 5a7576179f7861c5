"""Dissolves: the frames in between are linear mixes of the frames before and after."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from curate.split.frames import Frames
from curate.split.likeness import changed_shares

STEP_US = 80_000  # between the frames that are looked at first
HALVES = (2, 3, 4, 6, 9, 13, 18)  # half lengths that are tried, in steps: 0.3 to 2.9 s
BLOCK = 32
CHANGE = 10.0  # rms difference of the two pictures, in grey levels
LIKENESS = 0.7  # correlation above which the two are one picture that moves or gets brighter
LEAST = 10.0  # score: grey levels of difference, less what the mix leaves unexplained
DIP = 0.9  # the contrast half way, over that of both ends: a mix is paler than either, a pan is not
RESIDUAL = 0.36  # what the mix leaves unexplained, as a share of the difference
WHOLE = 0.65  # of the picture must change; less is something that comes in, or text that is faded in
EARLY, LATE = 0.2, 0.8  # shares of the new picture before which it begins to come in, and after which it is there
RISE = (0.08, 0.62)  # how much of the new picture comes in per quarter


def features(luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """luma: [N, 18, 32], chroma: [2, N, 9, 16]. [N, 192]: the thumbs at half size, around 0."""
    count = len(luma)
    out = np.empty((count, 192), np.float32)
    out[:, :144] = pooled(luma, 2, 2).reshape(count, -1)
    out[:, 144:168] = pooled(chroma[0], 3, 2).reshape(count, -1)
    out[:, 168:] = pooled(chroma[1], 3, 2).reshape(count, -1)
    return out - np.float32(128)


def pooled(pictures: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float32]:
    """pictures: [N, h, w]. Means over blocks of `height` x `width` pixels."""
    wide = pictures.astype(np.uint16)
    total = sum(wide[:, y::height, x::width] for y in range(height) for x in range(width))
    return np.asarray(total, np.float32) / np.float32(height * width)


def band(vectors: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """vectors: [N, d]. [N, reach + 1]: dot products of each with itself and the `reach` after it, 0 past the end."""
    count, size = vectors.shape
    blocks = -(-count // BLOCK)
    padded = np.zeros((blocks * BLOCK + reach, size), np.float32)
    padded[:count] = vectors
    out = np.empty((blocks * BLOCK, reach + 1), np.float32)
    for start in range(0, blocks * BLOCK, BLOCK):
        products = padded[start : start + BLOCK] @ padded[start : start + BLOCK + reach].T
        row, item = products.strides
        out[start : start + BLOCK] = np.lib.stride_tricks.as_strided(products, (BLOCK, reach + 1), (row + item, item))
    return out[:count]


@dataclass(frozen=True, slots=True)
class Mix:
    """A window of steps whose inside is a mix of its ends."""

    first: int
    last: int
    score: float


def paler(contrast: NDArray[np.float32], half: int) -> NDArray[np.int64]:
    """contrast: [N]. Steps at which a window begins that is paler in its middle than at its ends."""
    length = 2 * half
    if len(contrast) <= length:
        return np.zeros(0, np.int64)
    return np.flatnonzero(contrast[half:-half] <= DIP / 2 * (contrast[:-length] + contrast[length:]))


def mixes(vectors: NDArray[np.float32], starts: dict[int, NDArray[np.int64]]) -> list[Mix]:
    """vectors: [N, 192]. The windows (half length: first steps) that pass as a dissolve, best first."""
    dots = band(vectors, 2 * HALVES[-1])
    mean = vectors[:, :144].mean(1)
    found = [mix for half, first in starts.items() if len(first) for mix in _of_length(dots, mean, first, 2 * half)]
    return sorted(found, key=lambda mix: -mix.score)


def _of_length(dots: NDArray[np.float32], mean: NDArray[np.float32], a: NDArray[np.int64], length: int) -> list[Mix]:
    b = a + length
    aa, bb, ab = dots[a, 0], dots[b, 0], dots[a, length]
    size = np.maximum(aa + bb - 2 * ab, 1e-3)
    spread_a, spread_b = aa - 144 * mean[a] ** 2, bb - 144 * mean[b] ** 2
    alike = (ab - 144 * mean[a] * mean[b]) / np.sqrt(np.maximum(spread_a * spread_b, 1e-3))
    passed = (size > 192 * CHANGE**2) & (alike < LIKENESS)
    a, b, aa, ab, size = a[passed], b[passed], aa[passed], ab[passed], size[passed]
    shares, residuals = [np.zeros(len(a))], [np.zeros(len(a))]
    for quarter in (0.25, 0.5, 0.75):
        step = round(length * quarter)
        m = a + step
        am, mm, mb = dots[a, step], dots[m, 0], dots[m, length - step]
        share = (mb - am - ab + aa) / size
        shares.append(share)
        residuals.append((aa + mm - 2 * am) / size - share**2)
    shares.append(np.ones(len(a)))
    rise, rest = np.diff(np.stack(shares), axis=0), np.stack(residuals).max(0)
    good = (rest < RESIDUAL**2) & (rise[1:3].min(0) > RISE[0]) & (rise.max(0) < RISE[1]) & (rise.min(0) > -0.1)
    score = np.sqrt(size / 192) * (1 - rest / RESIDUAL**2)
    return [Mix(int(a[i]), int(b[i]), float(score[i])) for i in np.flatnonzero(good & (score > LEAST))]


def ramp_ends(times_us: NDArray[np.int64], shares: NDArray[np.float64]) -> tuple[int, int]:
    """The frames (start, end) for which a straight line from 0 at start to 1 at end fits `shares` best."""
    times = times_us.astype(np.float64)
    ends = np.flatnonzero(shares > LATE)
    best, found = np.inf, (0, len(shares) - 1)
    for start in np.flatnonzero(shares < EARLY).tolist():
        end = ends[ends > start + 1]
        if not len(end):
            continue
        line = np.clip((times - times[start]) / (times[end] - times[start])[:, None], 0, 1)
        errors = ((line - shares) ** 2).sum(1)
        index = int(errors.argmin())
        if errors[index] < best:
            best, found = float(errors[index]), (start, int(end[index]))
    return found


def exact(frames: Frames, first: int, last: int) -> tuple[int, int]:
    """The frames `[start, end)` of a mix that lies within the frames `first..last`: those that show both pictures."""
    span = slice(first, last + 1)
    pixels = features(frames.luma[span], frames.chroma[:, span]).astype(np.float64)
    change = pixels[-1] - pixels[0]
    shares = (pixels - pixels[0]) @ change / float(change @ change)
    start, end = ramp_ends(frames.pts_us[span], shares)
    return first + start + 1, first + end


def changes_whole(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """before, after: [N, 18, 32] luma. [N]: whether most of the picture is another one."""
    step = np.maximum(0.2 * np.sqrt((before.var((1, 2)) + after.var((1, 2))) / 2), 4.0)
    return np.asarray(changed_shares(before, after, step) >= WHOLE)


def in_light_of(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """before, after: [18, 32] luma. `after` as bright as `before`."""
    brighter = float(np.median(after.astype(np.int16) - before))
    return (after - brighter).clip(0, 255).astype(np.uint8)


def dissolves(frames: Frames, taken: list[Boundary]) -> list[Boundary]:
    """All dissolves that touch none of the boundaries already `taken`."""
    grid = np.unique(np.searchsorted(frames.pts_us, np.arange(0, frames.pts_us[-1] + 1, STEP_US)))
    starts = {half: paler(frames.luma_std[grid], half) for half in HALVES}
    if not any(len(first) for first in starts.values()):
        return []
    passed = mixes(features(frames.luma[grid], frames.chroma[:, grid]), starts)
    if not passed:
        return []
    firsts, lasts = grid[[mix.first for mix in passed]], grid[[mix.last for mix in passed]]
    whole = changes_whole(frames.luma[firsts], frames.luma[lasts]).tolist()
    spans = [(boundary.start, boundary.end) for boundary in taken]
    found: list[Boundary] = []
    for mix, first, last, other in zip(passed, firsts.tolist(), lasts.tolist(), whole, strict=True):
        if not other or any((first < end and last >= start) or first < start <= last for start, end in spans):
            continue
        before, after = frames.luma[first], frames.luma[last]
        if not changes_whole(before[None], in_light_of(before, after)[None])[0]:
            continue
        start, end = exact(frames, *_widened(grid, mix, spans))
        found.append(Boundary(start, end, "dissolve", "dissolve", mix.score / CHANGE))
        spans.append((min(first, start), max(last, end)))
    return found


def _widened(grid: NDArray[np.int64], mix: Mix, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The window of `mix` with a fifth more on each side, as far as other boundaries allow."""
    more = max(1, (mix.last - mix.first) // 5)
    first, last = int(grid[max(mix.first - more, 0)]), int(grid[min(mix.last + more, len(grid) - 1)])
    inside = int(grid[mix.first]), int(grid[mix.last])
    first = max([first, *(end for _, end in spans if end <= inside[0])])
    last = min([last, *(start - 1 for start, _ in spans if start > inside[1])])
    return first, last
