"""Dissolves: the frames in between are linear mixes of the frames before and after."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from curate.split.frames import Frames
from curate.split.likeness import changed_shares, contrasts

STEP_US = 80_000  # between the frames that are looked at first
HALVES = (2, 3, 4, 6, 9, 13, 18)  # half lengths that are tried, in steps: 0.3 to 2.9 s
BLOCK = 1024  # windows at a time
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
    out[:, :144] = pooled(luma, 2)
    out[:, 144:168] = pooled(chroma[0], 3)
    out[:, 168:] = pooled(chroma[1], 3)
    out -= np.float32(128)
    return out


def pooled(pictures: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    """pictures: [N, h, w]. [N, h * w / (2 * height)]: means over blocks of `height` x 2 pixels."""
    pairs = np.ascontiguousarray(pictures).view(np.uint16)
    wide = (pairs >> 8) + (pairs & 255)
    total = wide[:, ::height]
    for row in range(1, height):
        total = total + wide[:, row::height]
    return total.reshape(len(pictures), -1) / np.float32(height * 2)


@dataclass(frozen=True, slots=True)
class Windows:
    """Spans of steps, M of them."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, chosen: "NDArray[np.bool_] | NDArray[np.int64] | slice") -> "Windows":
        return Windows(self.first[chosen], self.last[chosen])


def paler(contrast: NDArray[np.float32]) -> Windows:
    """contrast: [N]. The windows, shortest first, that are paler in their middle than at their ends."""
    first, length = [], []
    for half in HALVES:
        ends = contrast[: -2 * half] + contrast[2 * half :]
        found = np.flatnonzero(contrast[half:-half] <= DIP / 2 * ends)
        first.append(found)
        length.append(np.full(len(found), 2 * half))
    starts = np.concatenate(first)
    return Windows(starts, starts + np.concatenate(length))


def mixes(vectors: NDArray[np.float32], windows: Windows) -> tuple[Windows, NDArray[np.float64]]:
    """vectors: [N, 192]. The windows that pass as a dissolve, best first, and their scores."""
    own = np.einsum("nd,nd->n", vectors, vectors)
    mean = vectors[:, :144].mean(1)
    parts = [windows[start : start + BLOCK] for start in range(0, len(windows), BLOCK)]
    unlike = np.concatenate([_unlike(vectors, own, mean, part) for part in parts])
    windows = windows[unlike]
    parts = [windows[start : start + BLOCK] for start in range(0, len(windows), BLOCK)]
    score = np.concatenate([np.zeros(0), *(_scores(vectors, own, part) for part in parts)])
    order = np.argsort(-score, kind="stable")[: int((score > LEAST).sum())]
    return windows[order], score[order]


def _dots(vectors: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("nd,nd->n", vectors.take(a, 0), vectors.take(b, 0)))


def _unlike(
    vectors: NDArray[np.float32], own: NDArray[np.float32], mean: NDArray[np.float32], windows: Windows
) -> NDArray[np.bool_]:
    """[M]: whether the two ends are different pictures."""
    a, b = windows.first, windows.last
    aa, bb, ab = own[a], own[b], _dots(vectors, a, b)
    spread_a, spread_b = aa - 144 * mean[a] ** 2, bb - 144 * mean[b] ** 2
    alike = (ab - 144 * mean[a] * mean[b]) / np.sqrt(np.maximum(spread_a * spread_b, 1e-3))
    return np.asarray((aa + bb - 2 * ab > 192 * CHANGE**2) & (alike < LIKENESS))


def _left(rest: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The quarters of a window, the middle first, with those windows that `rest` does not yet rule out."""
    for quarter in (2, 1, 3):
        yield quarter, np.flatnonzero(rest < RESIDUAL**2)


def _scores(vectors: NDArray[np.float32], own: NDArray[np.float32], windows: Windows) -> NDArray[np.float64]:
    """[M]: grey levels of difference, less what a mix of the ends leaves unexplained; 0 where it is no dissolve."""
    a, b = windows.first, windows.last
    aa, ab = own[a], _dots(vectors, a, b)
    size = aa + own[b] - 2 * ab
    shares, rest = np.zeros((5, len(a))), np.zeros(len(a))
    shares[4] = 1
    for quarter, some in _left(rest):
        m = a[some] + np.rint((b - a)[some] * (quarter / 4)).astype(np.int64)
        am, mm, mb = _dots(vectors, a[some], m), own[m], _dots(vectors, m, b[some])
        share = (mb - am - ab[some] + aa[some]) / size[some]
        shares[quarter, some] = share
        rest[some] = np.maximum(rest[some], (aa[some] + mm - 2 * am) / size[some] - share**2)
    rise = np.diff(shares, axis=0)
    good = (rest < RESIDUAL**2) & (rise[1:3].min(0) > RISE[0]) & (rise.max(0) < RISE[1]) & (rise.min(0) > -0.1)
    return np.where(good, np.sqrt(size / 192) * (1 - rest / RESIDUAL**2), 0.0)


def ramp_ends(times_us: NDArray[np.int64], shares: NDArray[np.float64]) -> tuple[int, int]:
    """The frames (start, end) for which a straight line from 0 at start to 1 at end fits `shares` best."""
    times = times_us.astype(np.float64)
    ends = np.flatnonzero(shares > LATE)
    best, found = np.inf, (0, len(shares) - 1)
    for start in np.flatnonzero(shares < EARLY).tolist():
        end = ends[ends > start + 1]
        if not len(end):
            continue
        line = (times - times[start]) / (times[end] - times[start])[:, None]
        off = np.minimum(np.maximum(line, 0, out=line), 1, out=line)
        off -= shares
        errors = np.einsum("et,et->e", off, off)
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
    return np.asarray(changed_shares(before, after, np.maximum(0.2 * contrasts(before, after), 4.0)) >= WHOLE)


def in_light_of(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """before, after: [18, 32] luma. `after` as bright as `before`."""
    brighter = float(np.median(after.astype(np.int16) - before))
    return (after - brighter).clip(0, 255).astype(np.uint8)


def steps(pts_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first frame of each `STEP_US`, each frame once."""
    frame = np.searchsorted(pts_us, np.arange(0, pts_us[-1] + 1, STEP_US))
    return frame[np.concatenate([[True], frame[1:] != frame[:-1]])]


def clear(first: NDArray[np.int64], last: NDArray[np.int64], start: int, end: int) -> NDArray[np.bool_]:
    """first, last: [M]. [M]: whether the frames first..last touch nothing of the frames [start, end)."""
    return ((first >= end) | (last < start)) & ((first >= start) | (start > last))


def dissolves(frames: Frames, taken: list[Boundary]) -> list[Boundary]:
    """All dissolves that touch none of the boundaries already `taken`."""
    grid = steps(frames.pts_us)
    windows = paler(frames.luma_std[grid])
    if not len(windows):
        return []
    passed, score = mixes(features(frames.luma.take(grid, 0), frames.chroma.take(grid, 1)), windows)
    firsts, lasts = grid[passed.first], grid[passed.last]
    spans = [(boundary.start, boundary.end) for boundary in taken]
    free = np.ones(len(passed), np.bool_)
    for start, end in spans:
        free &= clear(firsts, lasts, start, end)
    free[free] = changes_whole(frames.luma[firsts[free]], frames.luma[lasts[free]])
    found: list[Boundary] = []
    while free.any():
        best = int(free.argmax())
        free[best] = False
        first, last = int(firsts[best]), int(lasts[best])
        before, after = frames.luma[first], frames.luma[last]
        if not changes_whole(before[None], in_light_of(before, after)[None])[0]:
            continue
        start, end = exact(frames, *_widened(grid, int(passed.first[best]), int(passed.last[best]), spans))
        found.append(Boundary(start, end, "dissolve", "dissolve", float(score[best]) / CHANGE))
        spans.append((min(first, start), max(last, end)))
        free &= clear(firsts, lasts, *spans[-1])
    return found


def _widened(grid: NDArray[np.int64], a: int, b: int, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The window of the steps a..b with a fifth more on each side, as far as other boundaries allow."""
    more = max(1, (b - a) // 5)
    first, last = int(grid[max(a - more, 0)]), int(grid[min(b + more, len(grid) - 1)])
    inside = int(grid[a]), int(grid[b])
    first = max([first, *(end for _, end in spans if end <= inside[0])])
    last = min([last, *(start - 1 for start, _ in spans if start > inside[1])])
    return first, last
