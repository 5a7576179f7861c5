"""What is heard around a clip, and which part of it is the clip's: listening does not stop at a cut of the picture.

Clips that lie near each other share one context, so that they agree on what runs over the cut between them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from captioners.heard import Heard, Part
from captioners.speech import Words

SWELL_S = 4.0  # of a crescendo that is still one


@dataclass(frozen=True, slots=True)
class ContextRules:
    """How far around a clip is listened, and when a part of a sound is worth a row."""

    window_s: float = 32.0  # clips whose middle lies in the same `window_s` of the media share their context
    around_s: float = 8.0  # before and after that; half of it at least before and after each clip
    part_s: float = 0.1  # of what a clip's edge divides; a shorter part counts where the middle of the sound lies


def context_us(start_us: int, end_us: int, duration_us: int | None, rules: ContextRules) -> tuple[int, int]:
    """The span to listen to for the clip `[start_us, end_us)`: its window, or its own where the window is too narrow.

    It lies inside the media; without a known duration it may reach over the end.
    """
    window_us, around_us = round(rules.window_s * 1e6), round(rules.around_s * 1e6)

    def widened(begin_us: int, stop_us: int, by_us: int) -> tuple[int, int]:
        last_us = stop_us + by_us if duration_us is None else max(duration_us, end_us)
        return max(0, begin_us - by_us), min(stop_us + by_us, last_us)

    first_us = (start_us + end_us) // 2 // window_us * window_us
    shared = widened(first_us, first_us + window_us, around_us)
    needed = widened(start_us, end_us, around_us // 2)
    if shared[0] <= needed[0] and needed[1] <= shared[1]:
        return shared
    return widened(start_us // 1_000_000 * 1_000_000, end_us, around_us)  # whole seconds: samples fall on one grid


def inside(found: Iterable[Heard], begin_s: float, end_s: float, part_s: float) -> list[Heard]:
    """What of `found` belongs to `[begin_s, end_s)`, cut at its ends, in order of time, in seconds from `begin_s`."""
    kept = []
    for one in found:
        start_s, stop_s = max(one.start_s, begin_s), min(one.end_s, end_s)
        if stop_s - start_s < part_s and not begin_s <= (one.start_s + one.end_s) / 2 < end_s:
            continue
        beats_s, downbeats_s = (
            tuple(at_s - begin_s for at_s in times_s if begin_s <= at_s < end_s)
            for times_s in (one.beats_s, one.downbeats_s)
        )
        kept.append(
            replace(
                one, start_s=start_s - begin_s, end_s=stop_s - begin_s, beats_s=beats_s, downbeats_s=downbeats_s,
                parts=_parts(one.parts, begin_s, start_s, stop_s),
            )
        )  # fmt: skip
    return sorted(kept, key=lambda one: (one.start_s, -one.end_s, one.kind))


def _parts(parts: Iterable[Part], begin_s: float, start_s: float, stop_s: float) -> tuple[Part, ...]:
    """What of the parts lies in `[start_s, stop_s)`, in seconds from `begin_s`; a rest of a swell is none."""
    cut = []
    for one in parts:
        first_s, end_s = max(one.start_s, start_s), min(one.end_s, stop_s)
        if first_s < end_s:
            whole = end_s - first_s >= min(SWELL_S, one.end_s - one.start_s)
            cut.append(Part(first_s - begin_s, end_s - begin_s, one.trend if whole else "even"))
    return tuple(cut)


def remembering(words: Words, spans: int = 8) -> Words:
    """The same words, without decoding one of the last `spans` again: both clips ask for what crosses their cut."""

    @lru_cache(maxsize=spans)
    def known(sound: bytes) -> tuple[Heard, ...]:
        return tuple(words(np.frombuffer(sound, np.float32)))

    return lambda samples: list(known(samples.tobytes()))
