"""The frame rate of a proxy: one of the few that every player shows without a hitch."""

from fractions import Fraction

USUAL = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
NEAR = 0.01  # an average is off by as much where frames are missing or stamps are coarse
UNKNOWN = Fraction(25)  # a still, or a container that says nothing


def proxy_rate(average_fps: float | None) -> Fraction:
    """The usual rate nearest to a source's, or a multiple or part of it, so that frames are held or dropped evenly.

    Where there is none within 1 %, the least usual rate that is not below the source's; 60 at most.
    """
    if average_fps is None or average_fps <= 0:
        return UNKNOWN
    for times in _steps(average_fps):
        wanted = average_fps * times
        nearest = min(USUAL, key=lambda rate: abs(float(rate) / wanted - 1))
        if abs(float(nearest) / wanted - 1) <= NEAR:
            return nearest
    return next((rate for rate in USUAL if rate >= average_fps), USUAL[-1])


def _steps(average_fps: float) -> list[float]:
    """By what the rate may be multiplied, the least change first; a faster one than 60 is only divided."""
    if average_fps > float(USUAL[-1]) * (1 + NEAR):
        return [1 / n for n in range(2, max(3, round(average_fps / 20)))]
    return [float(n) for n in range(1, max(2, int(60.6 / average_fps) + 1))]
