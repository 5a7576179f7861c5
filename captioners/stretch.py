"""Stretches of speech, as long as a model can hear at once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from captioners.heard import Heard
from captioners.level import Samples, level_db
from curate.media.silero import RATE_HZ

EDGE_S = 0.2  # of the sound around it that a stretch has: a model wants some before the first word
PAUSE_S = 2.0  # a longer one is not heard: models write down what nobody said there
HOP_S = 0.01

Stretch = tuple[float, float]


def stretches(spans: Sequence[Heard], wave: Samples, longest_s: float) -> list[Stretch]:
    """Spans of speech, in order, joined over short pauses up to `longest_s`; a longer one is cut where it is quietest.

    wave: one channel at 16 kHz. Seconds from its first sample; no two stretches overlap.
    """
    most_s = longest_s - 2 * EDGE_S
    joined: list[Stretch] = []
    for span in spans:
        for start_s, end_s in _cut(span.start_s, span.end_s, wave, most_s):
            if joined and start_s - joined[-1][1] <= PAUSE_S and end_s - joined[-1][0] <= most_s:
                joined[-1] = (joined[-1][0], end_s)
            else:
                joined.append((start_s, end_s))
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(joined)]
    bounds = [0.0, *middles, len(wave) / RATE_HZ]
    return [
        (max(start_s - EDGE_S, low_s), min(end_s + EDGE_S, high_s))
        for (start_s, end_s), low_s, high_s in zip(joined, bounds, bounds[1:], strict=False)
    ]


def _cut(start_s: float, end_s: float, wave: Samples, most_s: float) -> Iterator[Stretch]:
    while end_s - start_s > most_s:
        first, last = round((start_s + most_s * 2 / 3) * RATE_HZ), round((start_s + most_s) * RATE_HZ)
        quietest = int(np.argmin(level_db(wave[first:last], RATE_HZ, 0.05, HOP_S)))
        at_s = first / RATE_HZ + quietest * HOP_S
        yield start_s, at_s
        start_s = at_s
    yield start_s, end_s
