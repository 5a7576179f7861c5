"""Frames of any timing brought to a constant rate, each to the nearest instant: held or dropped, never blended."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeVar

from curate.errors import NoFrames

F = TypeVar("F")


def frame_count(start_us: int, end_us: int, rate: Fraction) -> int:
    """How many frames a span has at a rate; one at least."""
    return max(1, _nearest(end_us - start_us, rate))


def at_rate(shown: Iterable[tuple[int, F]], start_us: int, count: int, rate: Fraction) -> Iterator[F]:
    """`count` frames from `start_us` on, of (pts_us, frame) in order.

    A frame belongs to the instant it is nearest to; of several, the nearest is shown. An instant without one shows the
    frame before; before the first frame, the first. NoFrames where there is none.
    """
    chosen: tuple[int, F] | None = None  # for instant `k`
    last: F | None = None
    k = 0
    for pts_us, frame in shown:
        instant = _nearest(pts_us - start_us, rate)
        if instant >= count:
            break
        if instant > k and last is not None:
            yield last if chosen is None else chosen[1]
            yield from (last for _ in range(k + 1, instant))
            chosen, k = None, instant
        chosen = _nearer(chosen, (pts_us, frame), start_us + float(max(instant, k) * 1_000_000 / rate))
        last = frame
    if last is None:
        raise NoFrames("no frame of the clip could be decoded")
    yield last if chosen is None else chosen[1]
    yield from (last for _ in range(k + 1, count))


def _nearest(span_us: int, rate: Fraction) -> int:
    """The number of the instant nearest to a time; half-way, the later."""
    return (2 * span_us * rate.numerator + 1_000_000 * rate.denominator) // (2_000_000 * rate.denominator)


def _nearer(one: tuple[int, F] | None, other: tuple[int, F], at_us: float) -> tuple[int, F]:
    return other if one is None or abs(other[0] - at_us) <= abs(one[0] - at_us) else one
