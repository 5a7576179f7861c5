"""Wipes: a front goes over the picture; before it stands one shot, and behind it the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from curate.split.dissolves import changes_whole, in_light_of
from curate.split.frames import Frames
from curate.split.likeness import correlations
from curate.split.steps import HEIGHT, LUMA, WIDTH, Steps, ramp_ends, small

HALVES = (2, 3, 4, 6, 9, 13)  # half lengths that are tried, in steps: 0.3 to 2.1 s
NOISE = 5  # grey levels of change from step to step that mean nothing
LEAST_CHANGE = 8.0  # grey levels that the picture changes by in all, so that it is worth a look
SPREAD = 2.2  # steps at least that share the change: fewer is a cut
ORDER = 0.55  # correlation of where and when it changes; in a picture that moves, all of it changes all the time
LEAST = 17.0  # grey levels of difference of the two pictures that the front explains
ONCE = (0.4, 1.4)  # all change from step to step, over that difference: less is slow, more goes to and fro
LEFT_OVER = 0.3  # of the difference, what is in neither of the two pictures while the front is on its way
LIKENESS = 0.6  # correlation above which the two are one picture, in which something large moves
MORE = 0.3  # of a window, on each side of it, that is looked at for where the wipe begins and ends
FAINT = 0.03  # share of a picture that does not show
AWAY_US, BACK = 1_500_000, 0.4  # a picture is back when so little of the difference is left
RISE = 0.2  # of the new picture, between the first and the last of these looks
# Shares of the new picture: when a quarter of the change is done it is not there yet, when three quarters are it is not
# absent any more.
MOVED = (0.08, 0.92)


def _places() -> NDArray[np.float32]:
    """[144, 11]: ones; five ways in which a front may go (zero mean, unit variance over the picture); their squares."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    x, y = (across + 0.5) / WIDTH * 2 - 1, (down + 0.5) / HEIGHT * 2 - 1
    ways = np.stack([x, y, x + y, x - y, np.hypot(x, y)]).reshape(5, -1)
    ways = (ways - ways.mean(1, keepdims=True)) / ways.std(1, keepdims=True)
    return np.concatenate([np.ones((1, ways.shape[1])), ways, ways**2]).T.astype(np.float32)


PLACES = _places()


@dataclass(frozen=True, slots=True)
class Changes:
    """Running sums of how much the picture changes from step to step, of N steps."""

    amount: NDArray[np.float64]  # [N], grey levels
    square: NDArray[np.float64]  # [N], of the amounts squared
    places: NDArray[np.float64]  # [N, 15]: by way: where; where squared; where times how much had changed before


def changes(pictures: NDArray[np.float32]) -> Changes:
    """pictures: [N, 144], luma."""
    step = pictures[1:] - pictures[:-1]
    np.abs(step, out=step)
    step -= np.float32(NOISE)
    np.maximum(step, 0, out=step)
    sums = (step @ PLACES / len(PLACES)).astype(np.float64)
    amount = running(sums[:, 0])
    middle = (amount[1:] + amount[:-1]) / 2
    places = np.concatenate([sums[:, 1:], sums[:, 1:6] * middle[:, None]], 1)
    return Changes(amount, running(sums[:, 0] ** 2), running(places))


def running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """values: [N - 1, ...]. [N, ...]: their running sums from 0."""
    out = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, 0, out=out[1:])
    return out


def ordered(sums: Changes, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """[M]: the greatest correlation of place and time of change within each window, over the ways of a front.

    Time goes by as the picture changes, so that a front may slow down or rest.
    """
    amount = (sums.amount[last] - sums.amount[first])[:, None]
    where, square, product = np.split((sums.places[last] - sums.places[first]) / amount, 3, axis=1)
    middle = (sums.amount[last] + sums.amount[first])[:, None] / 2
    spread = np.sqrt(np.maximum(square - where**2, 1e-6)) * amount / np.sqrt(12)
    return np.asarray(np.abs((product - where * middle) / spread).max(1))


@dataclass(frozen=True, slots=True)
class Fronts:
    """Windows of steps, M of them, in which the picture changes in an order of place."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    order: NDArray[np.float64]  # 0..1

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, chosen: "NDArray[np.bool_] | NDArray[np.int64]") -> "Fronts":
        return Fronts(self.first[chosen], self.last[chosen], self.order[chosen])


def fronts(sums: Changes, steps: Steps, spans: list[tuple[int, int]]) -> Fronts:
    """Those windows that touch none of `spans` (of frames)."""
    first, last = [], []
    for half in HALVES:
        length = 2 * half
        amount = sums.amount[length:] - sums.amount[:-length]
        square = sums.square[length:] - sums.square[:-length]
        found = np.flatnonzero((amount > LEAST_CHANGE) & (amount * amount > SPREAD * square))
        first.append(found)
        last.append(found + length)
    starts, ends = np.concatenate(first), np.concatenate(last)
    free = steps.clear(starts, ends, spans)
    starts, ends = starts[free], ends[free]
    windows = Fronts(starts, ends, ordered(sums, starts, ends))
    return windows[windows.order > ORDER]


def explained(pictures: NDArray[np.float32], amount: NDArray[np.float64], windows: Fronts) -> NDArray[np.float64]:
    """[M]: grey levels of difference between both ends that a front explains; 0 where there is no wipe.

    pictures: [N, 144], luma; amount: [N].
    """
    before, after = pictures.take(windows.first, 0), pictures.take(windows.last, 0)
    size = np.abs(after - before)
    total = size @ np.full(LUMA, 1 / LUMA, np.float32)
    done = amount[windows.last] - amount[windows.first]
    able = np.flatnonzero((total > LEAST) & (done > ONCE[0] * total) & (done < ONCE[1] * total))
    levels = np.zeros(len(windows))
    if len(able):
        rest = _left_over(pictures, amount, windows[able], before[able], after[able])
        levels[able] = total[able] * (1 - rest)
    return levels


def _left_over(
    pictures: NDArray[np.float32],
    amount: NDArray[np.float64],
    windows: Fronts,
    before: NDArray[np.float32],
    after: NDArray[np.float32],
) -> NDArray[np.float64]:
    """[M]: the share of the difference between both ends that is left over; 1 where there is no wipe.

    While a front is on its way, each pixel is that of one end or of the other: what is neither is left over. Looked at
    where a quarter, a half and three quarters of the change are done.
    """
    first, last = windows.first, windows.last
    size = np.abs(after - before)
    total = size.mean(1)
    rest, new = np.zeros(len(first)), np.zeros((3, len(first)))
    for k, share in enumerate((0.25, 0.5, 0.75)):
        wanted = amount[first] + share * (amount[last] - amount[first])
        picture = pictures.take(np.clip(np.searchsorted(amount, wanted), first, last), 0)
        old_apart, new_apart = np.abs(picture - before), np.abs(picture - after)
        rest = np.maximum(rest, np.minimum(old_apart, new_apart).mean(1) / total)
        new[k] = (size * (new_apart < old_apart)).mean(1) / total
    good = (new[0] < new[1]) & (new[1] < new[2]) & (new[0] < MOVED[1]) & (new[2] > MOVED[0]) & (new[2] - new[0] > RISE)
    return np.where(good & (rest < LEFT_OVER), rest, 1.0)


def exact(frames: Frames, first: int, last: int) -> tuple[int, int]:
    """The frames `[start, end)` of a wipe that lies within the frames `first..last`: those that show both pictures.

    A straight line is fitted to how much of the new picture is there; a soft edge or a round front is longer than that,
    but not more than three times as long.
    """
    span = slice(first, last + 1)
    pictures = small(frames.luma[span], frames.chroma[:, span])[:, :LUMA]
    change = pictures[-1] - pictures[0]
    new = np.clip((pictures - pictures[0]) * np.sign(change), 0, np.abs(change))
    shares = new.sum(1).astype(np.float64) / float(np.abs(change).sum())
    start, end = ramp_ends(frames.pts_us[span], shares)
    least, most = max(start - (end - start), 0), min(end + (end - start), len(shares) - 1)
    while start > least and shares[start] > FAINT and shares[start - 1] < shares[start]:
        start -= 1
    while end < most and shares[end] < 1 - FAINT and shares[end + 1] > shares[end]:
        end += 1
    return first + start + 1, first + end


def _other(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """before, after: [N, 18, 32] luma. [N]: whether they are two shots, all over the picture."""
    other = changes_whole(before, in_light_of(before, after))
    other[other] = correlations(before[other], after[other]) < LIKENESS
    return other


def wipes(frames: Frames, steps: Steps, taken: list[Boundary]) -> list[Boundary]:
    """All wipes that touch none of the boundaries already `taken`."""
    if len(steps) <= 2 * HALVES[0]:
        return []
    pictures = steps.pictures[:, :LUMA]
    sums = changes(pictures)
    spans = [(boundary.start, boundary.end) for boundary in taken]
    windows = fronts(sums, steps, spans)
    levels = explained(pictures, sums.amount, windows)
    windows, levels = windows[levels > LEAST], levels[levels > LEAST]
    if not len(windows):
        return []
    firsts, lasts = steps.frame[windows.first], steps.frame[windows.last]
    free = _other(frames.luma[firsts], frames.luma[lasts])
    found: list[Boundary] = []
    for best in np.argsort(-levels * windows.order, kind="stable").tolist():
        first, last = int(firsts[best]), int(lasts[best])
        if free[best] and not returns(frames, first, last):
            start, end = exact(frames, *steps.around(int(windows.first[best]), int(windows.last[best]), spans, MORE))
            found.append(Boundary(start, end, "wipe", "wipe", float(levels[best]) / LEAST))
            spans.append((min(first, start), max(last, end)))
            free &= steps.clear(windows.first, windows.last, spans[-1:])
    return found


def returns(frames: Frames, first: int, last: int) -> bool:
    """Whether the picture of the frame `first` is back soon after `last`, or that of `last` was there before `first`.

    What went over the picture then was a thing, not a wipe.
    """
    pts = frames.pts_us
    until = int(np.searchsorted(pts, pts[last] + AWAY_US))
    since = int(np.searchsorted(pts, pts[first] - AWAY_US))
    one, other = frames.luma[first], frames.luma[last]
    least = BACK * float(_apart(one, other).mean())
    after, before = _apart(frames.luma[last:until:2], one), _apart(frames.luma[since:first:2], other)
    return any(len(part) and float(part.mean((1, 2)).min()) < least for part in (after, before))


def _apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(np.maximum(a, b) - np.minimum(a, b), np.uint8)
