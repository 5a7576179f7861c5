"""Dissolves: the frames in between are linear mixes of the frames before and after."""

from dataclasses import dataclass, fields

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
    return np.divide(total.reshape(len(pictures), -1), height * 2, dtype=np.float32)


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


@dataclass(frozen=True, slots=True)
class Ends:
    """The pictures at both ends of M windows."""

    first: NDArray[np.int64]  # [M], steps
    last: NDArray[np.int64]
    before: NDArray[np.float32]  # [M, 192]
    after: NDArray[np.float32]
    own: NDArray[np.float32]  # [M], dot product of `before` with itself
    both: NDArray[np.float32]  # and with `after`
    size: NDArray[np.float32]  # square of the difference

    def __getitem__(self, chosen: NDArray[np.int64]) -> "Ends":
        return Ends(*(getattr(self, field.name).take(chosen, 0) for field in fields(self)))


def mixes(vectors: NDArray[np.float32], windows: Windows) -> tuple[Windows, NDArray[np.float64]]:
    """vectors: [N, 192]. The windows that pass as a dissolve, best first, and their scores."""
    own = _dots(vectors, vectors)
    mean = vectors[:, :144].mean(1)
    parts = [windows[start : start + BLOCK] for start in range(0, len(windows), BLOCK)]
    score = np.concatenate([_scores(vectors, own, mean, part) for part in parts])
    order = np.argsort(-score, kind="stable")[: np.count_nonzero(score > LEAST)]
    return windows[order], score[order]


def _dots(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("nd,nd->n", a, b))


def _scores(
    vectors: NDArray[np.float32], own: NDArray[np.float32], mean: NDArray[np.float32], windows: Windows
) -> NDArray[np.float64]:
    """[M]: grey levels of difference, less what a mix of the ends leaves unexplained; 0 where it is no dissolve.

    own, mean: [N], of each of `vectors` its dot product with itself and the mean of its luma.
    """
    a, b = windows.first, windows.last
    before, after = vectors.take(a, 0), vectors.take(b, 0)
    aa, bb, ab = own[a], own[b], _dots(before, after)
    ends = Ends(a, b, before, after, aa, ab, aa + bb - 2 * ab)
    spread = (aa - 144 * mean[a] ** 2) * (bb - 144 * mean[b] ** 2)
    alike = (ab - 144 * mean[a] * mean[b]) / np.sqrt(np.maximum(spread, 1e-3))
    middle, rest = _share(vectors, own, ends, 0.5)
    left = np.flatnonzero((ends.size > 192 * CHANGE**2) & (alike < LIKENESS) & (rest < RESIDUAL**2))
    score = np.zeros(len(windows))
    if len(left):
        score[left] = _score(vectors, own, ends[left], middle[left], rest[left])
    return score


def _score(
    vectors: NDArray[np.float32],
    own: NDArray[np.float32],
    ends: Ends,
    middle: NDArray[np.float32],
    rest: NDArray[np.float32],
) -> NDArray[np.float64]:
    """[M]: the score of windows whose `middle` is that share of the picture after, but for `rest`."""
    early, rest_early = _share(vectors, own, ends, 0.25)
    late, rest_late = _share(vectors, own, ends, 0.75)
    rise = np.stack([early, middle - early, late - middle, 1 - late])
    rest = np.maximum(np.maximum(np.maximum(rest, rest_early), rest_late), 0)
    good = (rest < RESIDUAL**2) & (rise[1:3].min(0) > RISE[0]) & (rise.max(0) < RISE[1]) & (rise.min(0) > -0.1)
    return np.where(good, np.sqrt(ends.size / 192) * (1 - rest / RESIDUAL**2), 0.0)


def _share(
    vectors: NDArray[np.float32], own: NDArray[np.float32], ends: Ends, when: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """[M]: at a share of a window's length, how much is the picture after, and what a mix leaves unexplained."""
    at = ends.first + np.rint((ends.last - ends.first) * when).astype(np.int64)
    picture = vectors.take(at, 0)
    before, after = _dots(picture, ends.before), _dots(picture, ends.after)
    size = np.maximum(ends.size, 1e-3)
    share = (after - before - ends.both + ends.own) / size
    rest = (ends.own + own[at] - 2 * before) / size - share**2
    return np.asarray(share, np.float32), np.asarray(rest, np.float32)


def ramp_ends(times_us: NDArray[np.int64], shares: NDArray[np.float64]) -> tuple[int, int]:
    """The frames (start, end) for which a straight line from 0 at start to 1 at end fits `shares` best.

    The sum of squares of `(t - start) / (end - start) - share` over the frames in between, for all starts and ends at
    once, is made of running sums of t, t * t, t * share and share * share.
    """
    times = (times_us - times_us[0]) * 1e-6
    starts, ends = np.flatnonzero(shares < EARLY)[:, None], np.flatnonzero(shares > LATE)
    apart = ends > starts + 1
    if not apart.any():
        return 0, len(shares) - 1

    def between(values: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.cumsum(values)
        return np.asarray(total[ends - 1] - total[starts])

    first, length = times[starts], np.where(apart, times[ends] - times[starts], 1.0)
    squares = between(times**2) - 2 * first * between(times) + first**2 * (ends - starts - 1)
    products = between(times * shares) - first * between(shares)
    inside = squares / length**2 - 2 * products / length + between(shares**2)
    before, after = np.cumsum(shares**2), np.cumsum(((1 - shares) ** 2)[::-1])[::-1]
    errors = np.where(apart, before[starts] + inside + after[ends], np.inf)
    start, end = np.unravel_index(errors.argmin(), errors.shape)
    return int(starts[start, 0]), int(ends[end])


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
    new = np.concatenate([[True], frame[1:] != frame[:-1]])
    return np.asarray(frame[new], np.int64)


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
