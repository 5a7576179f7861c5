"""Silence and sound events from level and spectrum alone: tones, knocks, noise, and sounds it has no name for.

All functions take one channel at `rate_hz` and give `Heard` in seconds from its first sample.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from captioners.heard import Heard
from captioners.level import Samples, Span, bridged, level_db, runs, spectra

ENGINE = "energy"
HOP_S = 0.005


@dataclass(frozen=True, slots=True)
class EventRules:
    """From where on something counts as an event."""

    silence_db: float = -50.0  # dBFS RMS; below it there is nothing to hear
    silence_s: float = 0.3  # a shorter one is none
    tone_share: float = 0.85  # of the power in the pitch and its harmonics
    tone_spread: float = 0.01  # how far the pitch may wander, as a share of it
    tone_s: float = 0.1  # a shorter one is none
    knock_rise_db: float = 15.0  # of the level, within 10 ms
    noise_flatness: float = 0.7  # 1 is a perfectly flat spectrum
    noise_s: float = 0.1  # a shorter one is none
    sound_s: float = 0.1  # of a sound without a name; a shorter one is none
    foreground_db: float = 12.0  # how far a sound without a name stands over the background
    same_s: float = 0.3  # a shorter lull does not divide a sound without a name
    apart_s: float = 0.15  # from a longer sound without a name; what is nearer is a part of that


def events(samples: Samples, rate_hz: int, rules: EventRules, known: list[Heard]) -> list[Heard]:
    """Silences, and events outside what is `known` (speech, music), by start; a knock may lie in other events."""
    quiet = silences(samples, rate_hz, rules)
    hits = knocks(samples, rate_hz, rules)
    held = [tone for tone in tones(samples, rate_hz, rules) if tone.covered_by(hits) < 0.5]
    hissing = _closed(noises(samples, rate_hz, rules), hits, held)
    named = [one for one in [*hits, *held, *hissing] if one.covered_by(known) < 0.5]
    named, rest = apart(samples, rate_hz, rules, named, [*quiet, *known])
    return sorted([*quiet, *named, *rest], key=lambda one: (one.start_s, one.end_s))


def silences(samples: Samples, rate_hz: int, rules: EventRules) -> list[Heard]:
    """Where the RMS of 20 ms stays under `silence_db`."""
    level = level_db(samples, rate_hz, 0.02, HOP_S)
    total_s = len(samples) / rate_hz
    found = []
    for first, end in runs(level < rules.silence_db):
        start_s = max(0.0, first * HOP_S - 0.01) if first else 0.0  # the whole window is quiet, not just its centre
        end_s = min(total_s, (end - 1) * HOP_S + 0.01) if end < len(level) else total_s
        if end_s - start_s >= rules.silence_s:
            found.append(Heard("silence", start_s, end_s, ENGINE))
    return found


# -- tones


def tones(samples: Samples, rate_hz: int, rules: EventRules) -> list[Heard]:
    """Sounds of one steady pitch; the score is the share of the power in the pitch and its harmonics."""
    if len(samples) < rate_hz * rules.tone_s:
        return []
    hop = round(0.01 * rate_hz)
    pitch, share = pitches(spectra(samples, 1024, hop), rate_hz / 1024)
    loud = level_db(samples, rate_hz, 0.03, 0.01) >= rules.silence_db
    found: list[Heard] = []
    for first, end in _steady(pitch, (share >= rules.tone_share) & loud):
        low, f0, high = np.percentile(pitch[first:end], (15, 50, 85))
        if high - low > rules.tone_spread * f0:
            continue
        edges = _tone_edges(samples, rate_hz, float(f0), (first * hop, (end - 1) * hop))
        if edges is not None and (edges[1] - edges[0]) / rate_hz >= rules.tone_s:
            start_s, end_s, exact = edges[0] / rate_hz, edges[1] / rate_hz, edges[2]
            start_s = max(start_s, found[-1].end_s if found else 0.0)
            score = float(np.median(share[first:end]))
            found.append(Heard("event", start_s, end_s, ENGINE, label="tone", score=score, pitch_hz=exact))
    return [one for one in found if one.duration_s >= rules.tone_s]


def pitches(power: NDArray[np.float32], bin_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per spectrum, the pitch in Hz (60 Hz at least) and the share 0..1 of the power in it and its harmonics.

    The pitch is the strongest peak, or an even fraction of it that is itself a peak within 13 dB.
    """
    lowest = int(np.ceil(60 / bin_hz))
    frames = np.arange(len(power))
    sums = np.concatenate((np.zeros((len(power), 1)), np.cumsum(power, axis=1, dtype=np.float64)), axis=1)
    total = np.maximum(sums[:, -1], 1e-12)

    def lobe(centre: NDArray[np.float64]) -> NDArray[np.float64]:
        middle = np.rint(centre).astype(int)
        inside = middle < power.shape[1] - 3
        middle = np.where(inside, middle, 3)
        return np.where(inside, sums[frames, middle + 3] - sums[frames, np.maximum(middle - 2, 0)], 0.0)

    peak = np.clip(np.argmax(power[:, lowest:-3], axis=1) + lowest, 1, power.shape[1] - 2)
    logs = np.log(np.maximum(np.stack([power[frames, peak + step] for step in (-1, 0, 1)]), 1e-20))
    bend = logs[0] - 2 * logs[1] + logs[2]
    offset = np.where(bend < -1e-6, 0.5 * (logs[0] - logs[2]) / np.minimum(bend, -1e-6), 0.0)
    centre = peak + np.clip(offset, -0.5, 0.5)
    pitch = centre.copy()
    strongest = lobe(centre)
    for divisor in (2, 3, 4):
        below = centre / divisor
        pitch = np.where((lobe(below) > 0.05 * strongest) & (below >= max(lowest, 5)), below, pitch)
    harmonic = np.arange(1, 9)[:, None] * pitch
    share = np.sum([lobe(one) for one in harmonic], axis=0) / total
    return pitch * bin_hz, np.minimum(share, 1.0)


def _steady(pitch: NDArray[np.float64], tonal: NDArray[np.bool_]) -> list[Span]:
    """Runs of at least 6 tonal frames whose pitch moves less than half a semitone a frame."""
    spans = []
    for first, end in runs(tonal):
        jumps = np.flatnonzero(np.abs(np.diff(np.log2(pitch[first:end]))) > 0.04) + first + 1
        bounds = [first, *jumps.tolist(), end]
        spans += [(a, b) for a, b in pairwise(bounds) if b - a >= 6]
    return spans


def _tone_edges(samples: Samples, rate_hz: int, pitch_hz: float, rough: Span) -> tuple[int, int, float] | None:
    """Where the tone's own band begins and ends, in samples, and its exact pitch from the turn of its phase.

    The spectra place both ends within half a window (32 ms) at worst, so no end is sought further away.
    """
    begin = max(0, rough[0] - rate_hz * 45 // 1000)
    part = samples[begin : rough[1] + rate_hz * 45 // 1000]
    turn = np.exp(-2j * np.pi * pitch_hz / rate_hz * np.arange(len(part)))
    periods = max(1, round(0.012 * pitch_hz))
    width = round(periods * rate_hz / pitch_hz)  # whole periods, so that the mirror image at twice the pitch is gone
    if len(part) <= width:
        return None
    band = np.convolve(part * turn, np.ones(width) / width, mode="same")
    inside = band[rough[0] - begin : max(rough[1] - begin, rough[0] - begin + 1)]
    loud = np.abs(band) >= 0.3 * np.median(np.abs(inside))
    middle = (rough[0] + rough[1]) // 2 - begin
    held = [span for span in bridged(runs(loud), rate_hz // 100) if span[0] <= middle < span[1]]
    if not held:
        return None
    drift = float(np.angle(np.sum(inside[1:] * np.conj(inside[:-1])))) * rate_hz / (2 * np.pi)
    exact = pitch_hz + drift if abs(drift) < 0.01 * pitch_hz else pitch_hz
    return begin + held[0][0], begin + held[0][1], exact


# -- knocks


def knocks(samples: Samples, rate_hz: int, rules: EventRules) -> list[Heard]:
    """Impacts: a rise of `knock_rise_db` within 10 ms, then a steady fall."""
    fine = level_db(samples, rate_hz, 0.004, 0.001)
    smooth = level_db(samples, rate_hz, 0.015, 0.001)
    if len(fine) < 80:
        return []
    before = _before(smooth, 60, 10)
    peak = _ahead(fine, 15)
    rise = peak - np.maximum(before, rules.silence_db - 10)
    found: list[Heard] = []
    free = 0
    for first, end in runs((rise >= rules.knock_rise_db) & (peak >= rules.silence_db + 10)):
        onset = _onset(fine, first, end)
        fall = _fall(smooth, onset, float(before[onset]))
        if onset >= free and fall is not None:
            found.append(Heard("event", onset / 1000, fall / 1000, ENGINE, label="knock"))
            free = fall
    return found


def _before(level: NDArray[np.float64], span: int, gap: int) -> NDArray[np.float64]:
    """The median of the `span` frames that end `gap` frames before each; -120 dB stands before the first."""
    padded = np.concatenate((np.full(span + gap, -120.0), level))
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, span), axis=1)[: len(level)])


def _ahead(level: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """The maximum of each frame and the `span` after it."""
    padded = np.concatenate((level, np.full(span, -120.0)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, span + 1).max(axis=1))


def _onset(fine: NDArray[np.float64], first: int, end: int) -> int:
    """The frame of the steepest climb over 3 ms in `[first, end + 15)`."""
    near = fine[max(0, first - 3) : end + 18]
    climb = near[3:] - near[:-3]
    return max(0, first - 3) + int(np.argmax(climb)) + 2


def _fall(smooth: NDArray[np.float64], onset: int, before: float) -> int | None:
    """Where the sound that began at `onset` is gone; None if it is held instead of dying away."""
    tail = smooth[onset : onset + 600]
    top = int(np.argmax(tail[:30]))
    peak = float(tail[top])
    lower = np.flatnonzero(tail[top:] < peak - 12)
    if not len(lower) or lower[0] > 150:
        return None
    half = top + int(lower[0]) // 2
    if tail[half] > peak - 3.5:  # held, then cut off: a short burst
        return None
    floor = max(peak - 35, before + 3, -60.0)
    gone = np.flatnonzero(tail[top:] < floor)
    lowest = np.minimum.accumulate(tail[top:])
    again = np.flatnonzero(tail[top:] > lowest + 9)
    ends = [int(found[0]) for found in (gone, again) if len(found)]
    return onset + top + min([*ends, len(tail) - top])


# -- noise


def noises(samples: Samples, rate_hz: int, rules: EventRules) -> list[Heard]:
    """Hiss: broad sounds with a smooth spectrum; the score is the flatness."""
    if len(samples) < rate_hz * rules.noise_s:
        return []
    power = spectra(samples, 512, round(HOP_S * rate_hz))
    flat = flatness(power, rate_hz / 512)
    level = level_db(samples, rate_hz, 0.02, HOP_S)
    found = []
    for first, end in bridged(runs((flat >= rules.noise_flatness) & (level >= rules.silence_db)), 10):
        start_s, end_s = _noise_edges(samples, rate_hz, first * HOP_S, (end - 1) * HOP_S)
        if end_s - start_s >= rules.noise_s:
            score = float(np.median(flat[first:end]))
            found.append(Heard("event", start_s, end_s, ENGINE, label="noise", score=score))
    return found


def flatness(power: NDArray[np.float32], bin_hz: float) -> NDArray[np.float64]:
    """How smooth each spectrum is, 0..1: the geometric over the arithmetic mean in bands of 16 bins, weighted by level.

    Spectra are averaged over 9 frames first, so that white noise comes out near 0.9 instead of 0.56. Frames whose power
    does not reach over 1 kHz at least (90 % of it) are 0.
    """
    sums = np.cumsum(np.pad(power.astype(np.float64), ((5, 4), (0, 0)), mode="edge"), axis=0)
    mean = (sums[9:] - sums[:-9]) / 9
    low, high = int(100 / bin_hz), int(7000 / bin_hz)
    bands = mean[:, low : low + (high - low) // 16 * 16].reshape(len(mean), -1, 16)
    arithmetic = bands.mean(axis=2) + 1e-12
    flat = np.exp(np.log(bands + 1e-12).mean(axis=2)) / arithmetic
    weight = np.sqrt(arithmetic)
    share = np.cumsum(mean, axis=1) / np.maximum(mean.sum(axis=1, keepdims=True), 1e-12)
    width = ((share > 0.05) & (share < 0.95)).sum(axis=1) * bin_hz
    return np.where(width >= 1000, (flat * weight).sum(axis=1) / weight.sum(axis=1), 0.0)


def _noise_edges(samples: Samples, rate_hz: int, start_s: float, end_s: float) -> tuple[float, float]:
    """Move both ends to where the level crosses 10 dB under that of the inside, where it does within 100 ms."""
    level = level_db(samples, rate_hz, 0.008, 0.002)
    inside = float(np.median(level[round(start_s * 500) : max(round(end_s * 500), round(start_s * 500) + 1)]))
    reach = 50  # 100 ms
    first, last = round(start_s * 500), min(round(end_s * 500), len(level) - 1)
    middle = (first + last) // 2
    lows = np.flatnonzero(level[max(0, first - reach) : min(first + reach, middle) + 1] < inside - 10)
    begins = (max(0, first - reach) + int(lows[-1]) + 1) / 500 if len(lows) else start_s
    lows = np.flatnonzero(level[max(last - reach, middle) : last + reach] < inside - 10)
    ends = (max(last - reach, middle) + int(lows[0])) / 500 if len(lows) else end_s
    if not len(lows) and last + reach >= len(level):
        ends = len(samples) / rate_hz
    if begins == start_s and first - reach <= 0:
        begins = 0.0
    return begins, max(ends, begins)


def _closed(noise: list[Heard], hits: list[Heard], held: list[Heard]) -> list[Heard]:
    """Join noise that goes on under a knock, and let it reach the event beside it: averaging has eaten 30 ms there."""
    joined: list[Heard] = []
    for one in noise:
        before = joined[-1] if joined else None
        if before is not None and Heard("event", before.end_s, one.start_s, ENGINE).covered_by(hits) > 0.5:
            score = min(one.score or 0.0, before.score or 0.0)
            joined[-1] = replace(before, end_s=one.end_s, score=score)
        else:
            joined.append(one)
    reaching = []
    for one in joined:
        begins = [other.end_s for other in [*hits, *held] if abs(other.end_s - one.start_s) < 0.05]
        ends = [other.start_s for other in [*hits, *held] if abs(other.start_s - one.end_s) < 0.05]
        reaching.append(replace(one, start_s=min([one.start_s, *begins]), end_s=max([one.end_s, *ends])))
    return [one for one in reaching if one.covered_by(held) < 0.5]


# -- the rest


def apart(
    samples: Samples, rate_hz: int, rules: EventRules, named: list[Heard], known: list[Heard]
) -> tuple[list[Heard], list[Heard]]:
    """The named sounds that stand alone, and the sounds without a name that hold the others.

    A note of an orchestra, the beat of a wing or a plosive in a murmur is no tone or knock of its own.
    """
    while True:
        rest = unnamed(samples, rate_hz, rules, [*named, *known])
        alone = [one for one in named if not any(_is_part(one, other, rules.apart_s) for other in rest)]
        if len(alone) == len(named):
            return named, rest
        named = alone


def _is_part(one: Heard, other: Heard, gap_s: float) -> bool:
    near = one.start_s < other.end_s + gap_s and other.start_s < one.end_s + gap_s
    return near and other.duration_s > one.duration_s


def unnamed(samples: Samples, rate_hz: int, rules: EventRules, known: list[Heard]) -> list[Heard]:
    """What sounds and has no name yet: stretches that stand out from the background, and the background itself."""
    level = level_db(samples, rate_hz, 0.02, HOP_S)
    free = np.ones(len(level), np.bool_)
    for one in known:
        free[max(0, int((one.start_s - 0.03) / HOP_S)) : int((one.end_s + 0.03) / HOP_S) + 1] = False
    background = float(np.percentile(level, 10)) if len(level) else 0.0
    threshold = max(rules.silence_db, background + rules.foreground_db)
    least, gap = round(rules.sound_s / HOP_S), round(0.1 / HOP_S)
    spans = [span for span in bridged(runs(free & (level >= threshold)), gap) if span[1] - span[0] >= least]
    for first, end in spans:
        free[max(0, first - gap) : end + gap] = False
    long = round(1.0 / HOP_S)
    spans += [span for span in bridged(runs(free & (level >= rules.silence_db)), gap) if span[1] - span[0] >= long]
    total_s = len(samples) / rate_hz
    found = [Heard("event", a * HOP_S, min(b * HOP_S, total_s), ENGINE, label="sound") for a, b in sorted(spans)]
    joined: list[Heard] = []
    for one in found:
        before = joined[-1] if joined else one
        lull = Heard("event", before.end_s, one.start_s, ENGINE)
        if 0 < lull.duration_s < rules.same_s and not lull.covered_by(known):
            joined[-1] = replace(before, end_s=one.end_s)
        else:
            joined.append(one)
    return joined
