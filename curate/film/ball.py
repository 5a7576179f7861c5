"""A ball that is seen to hit the ground, and heard: for what has to be in time."""

from bisect import bisect_right

import numpy as np

from curate.film import tones
from curate.film.pixels import Pixels
from curate.film.shapes import draw_shape
from curate.film.spec import FilmSpec
from curate.film.tones import RATE_HZ
from curate.film.track import Heard, Track

_SIDE, _HEIGHT = 0.12, 0.55  # of the picture's height: the ball, and how high it jumps
_BETWEEN_S = (0.45, 0.95)  # two hits


def hits(seed: int, end_us: int) -> tuple[int, ...]:
    """When the ball hits the ground, in whole milliseconds, never at a regular pace."""
    rng = np.random.default_rng((seed, 6))
    gaps_s = rng.uniform(*_BETWEEN_S, int(end_us / 1e6 / _BETWEEN_S[0]) + 1)
    times_us = np.round(np.cumsum(gaps_s) * 1000).astype(int) * 1000
    return tuple(int(at) for at in times_us if at < end_us - 200_000)


def draw_ball(picture: Pixels, hits_us: tuple[int, ...], time_us: int) -> None:
    """Draw into `picture`; between two hits the ball flies as a thrown thing does, after the last it lies."""
    index = bisect_right(hits_us, time_us)
    before = hits_us[index - 1] if index else hits_us[0] - 800_000
    after = hits_us[index] if index < len(hits_us) else before
    share = (time_us - before) / (after - before) if after > before else 0.0
    height, width = picture.shape
    side = _SIDE * height
    top = height * (0.96 - _SIDE) - 4 * share * (1 - share) * _HEIGHT * height
    draw_shape(picture, "circle", "orange", ((width - side) / 2, top, side))


def knocking(spec: FilmSpec, hits_us: tuple[int, ...], samples: int) -> Track:
    """A track of this length: a knock for each hit that has room in it, and silence between them."""
    rng = np.random.default_rng((spec.seed, 7))
    wave, heard, silent_from = np.zeros(samples, np.float32), list[Heard](), 0
    for at_us in hits_us:
        blow = tones.knock(rng)
        start = (at_us + spec.late_ms * 1000) * RATE_HZ // 1_000_000
        if start < 0 or start + len(blow) > samples:
            continue
        heard += [Heard("silence", silent_from, start), Heard("event", start, start + len(blow), "knock")]
        wave[start : start + len(blow)] = blow
        silent_from = start + len(blow)
    return Track(wave, (*heard, Heard("silence", silent_from, samples)))
