"""Dissolves: the frames in between are linear mixes of the frames before and after."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from curate.split.frames import Frames
from curate.split.likeness import changed_shares, contrasts
from curate.split.steps import LUMA, Steps, ramp_ends, small

HALVES = (2, 3, 4, 6, 9, 13, 18)  # half lengths that are tried, in steps: 0.3 to 2.9 s
BLOCK = 1024  # windows at a time
CHANGE = 10.0  # rms difference of the two pictures, in grey levels
LIKENESS = 0.7  # correlation above which the two are one picture that moves or gets brighter
LEAST = 10.0  # score: grey levels of difference, less what the mix leaves unexplained
DIP = 0.9  # the contrast half way, over that of both ends: a mix is paler than either, a pan is not
RESIDUAL = 0.36  # what the mix leaves unexplained, as a share of the difference
WHOLE = 0.65  # of the picture must change; less is something that comes in, or text that is faded in
RISE = (0.08, 0.62)  # how much of the new picture comes in per quarter


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
    mean = vectors[:, :LUMA].mean(1)
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
    spread = (aa - LUMA * mean[a] ** 2) * (bb - LUMA * mean[b] ** 2)
    alike = (ab - LUMA * mean[a] * mean[b]) / np.sqrt(np.maximum(spread, 1e-3))
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


def exact(frames: Frames, first: int, last: int) -> tuple[int, int]:
    """The frames `[start, end)` of a mix that lies within the frames `first..last`: those that show both pictures."""
    span = slice(first, last + 1)
    pixels = small(frames.luma[span], frames.chroma[:, span]).astype(np.float64)
    change = pixels[-1] - pixels[0]
    shares = (pixels - pixels[0]) @ change / float(change @ change)
    start, end = ramp_ends(frames.pts_us[span], shares)
    return first + start + 1, first + end


def changes_whole(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """before, after: [N, 18, 32] luma. [N]: whether most of the picture is another one."""
    return np.asarray(changed_shares(before, after, np.maximum(0.2 * contrasts(before, after), 4.0)) >= WHOLE)


def in_light_of(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """before, after: [N, 18, 32] luma. `after` as bright as `before`."""
    brighter = np.median((after.astype(np.int16) - before).reshape(len(after), -1), axis=1).astype(np.int16)
    return np.asarray((after - brighter[:, None, None]).clip(0, 255), np.uint8)


def dissolves(frames: Frames, steps: Steps, taken: list[Boundary]) -> list[Boundary]:
    """All dissolves that touch none of the boundaries already `taken`."""
    windows = paler(frames.luma_std[steps.frame])
    if not len(windows):
        return []
    passed, score = mixes(steps.pictures, windows)
    firsts, lasts = steps.frame[passed.first], steps.frame[passed.last]
    spans = [(boundary.start, boundary.end) for boundary in taken]
    free = steps.clear(passed.first, passed.last, spans)
    free[free] = changes_whole(frames.luma[firsts[free]], frames.luma[lasts[free]])
    found: list[Boundary] = []
    while free.any():
        best = int(free.argmax())
        free[best] = False
        first, last = int(firsts[best]), int(lasts[best])
        before, after = frames.luma[first : first + 1], frames.luma[last : last + 1]
        if not changes_whole(before, in_light_of(before, after))[0]:
            continue
        start, end = exact(frames, *steps.around(int(passed.first[best]), int(passed.last[best]), spans))
        found.append(Boundary(start, end, "dissolve", "dissolve", float(score[best]) / CHANGE))
        spans.append((min(first, start), max(last, end)))
        free &= steps.clear(passed.first, passed.last, spans[-1:])
    return found
