"""av_sync: whether what is seen to happen fits what is heard, and how late or early the sound is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Measured
from curate.score.window import SoundWindow, Window, crop_box
from schemas.strip import HOP_US, THUMB_HEIGHT, THUMB_WIDTH

Values = NDArray[np.float64]

REACH_S = 1.0  # greatest offset that is sought, either way
STEP_S = 0.01
LEAST_S = 4.0  # a shorter clip has too little to compare with
QUIET_DB, RANGE_DB = -60.0, 40.0  # a rise below the first, in dBFS, or so far below the loud parts, is none
BLUR_S = 0.025  # of onsets, half a frame or so
NEAR_S = 0.15  # offsets this close are one
TIE = 0.93  # of the best: a flash ends as visibly as it begins, and its beginning is meant
STANDS, DEVIATIONS = 0.3, 6.0  # from which on the best offset is believed


def av_sync(window: Window) -> Measured | None:
    """How far the best offset of the sound stands over all others, 0..1; from 0.3 on it can be trusted.

    Detail: state; where that is "synchronisable" offset_ms, positive where the sound comes later than the picture. The
    onsets of the sound are held against each part of the picture (18 x 32 parts): how much it changes, that it begins
    to, and that it turns back, as a ball does that bounces. "not synchronisable" is what is silent, stands still, is
    shorter than 4 s, or fits as well at another offset: sounds of what is not in the picture, music laid under it, and
    what is as regular as a clock. Exact to about half a frame. It sees no lips that are smaller than a part of the
    picture, and knows nothing of what belongs together: a dancer is in time with whatever the dance was cut to.
    Nothing where there is no sound track, and of stills.
    """
    if window.sound.start_us is None or len(window.frames.pts_us) < 2:
        return None
    long_enough = window.clip.end_us - window.clip.start_us >= LEAST_S * 1e6
    best = offset(window) if long_enough else None
    if best is None or best.deviations < DEVIATIONS or best.stands < STANDS:
        stands = 0.0 if best is None else min(best.stands, STANDS - 0.01)
        return Measured(stands, {"state": "not synchronisable", "offset_ms": None})
    return Measured(best.stands, {"state": "synchronisable", "offset_ms": round(best.late_s * 1000)})


@dataclass(frozen=True, slots=True)
class Fit:
    """The best offset of one kind of onset and of change."""

    deviations: float  # by which it stands over offsets that cannot be
    stands: float  # 1 less the next best over the best
    late_s: float


def offset(window: Window) -> Fit | None:
    """The best fit of all kinds; None where nothing begins to sound."""
    hops_s, level = levels(window.sound, window.clip.start_us)
    rise = np.zeros(len(level))
    rise[1:-1] = level[2:] - level[:-2]
    if not np.any(rise > 3):
        return None
    times_s = (window.frames.pts_us - window.clip.start_us) / 1e6
    between_s = np.concatenate((times_s[:1], (times_s[1:] + times_s[:-1]) / 2))  # when a change that a frame shows was
    changed, begun, turned = changes(window)
    begins, swings = _blurred(np.maximum(rise, 0)), _blurred(np.abs(rise))
    tried = (begins, between_s, changed), (begins, between_s, begun), (begins, times_s, turned), (
        swings, between_s, changed,
    )  # fmt: skip
    fits = [fit(hops_s, onsets, shown_s, parts) for onsets, shown_s, parts in tried]
    return max((one for one in fits if one is not None), key=lambda one: one.deviations, default=None)


def levels(sound: SoundWindow, start_us: int) -> tuple[Values, Values]:
    """The middle of each hop in seconds of the clip, and its level in dBFS without what is too soft to matter."""
    if sound.start_us is None or not len(sound.rms_db):
        return np.zeros(0), np.zeros(0)
    first_us = sound.start_us + max(-((sound.start_us - start_us) // HOP_US), 0) * HOP_US - start_us
    floor = max(QUIET_DB, float(np.percentile(sound.rms_db, 95)) - RANGE_DB)
    times_s = np.asarray((first_us + (np.arange(len(sound.rms_db)) + 0.5) * HOP_US) / 1e6, np.float64)
    return times_s, np.asarray(np.maximum(sound.rms_db, floor), np.float64)


def changes(window: Window) -> tuple[Values, Values, Values]:
    """[T, parts + 1] each: how much a part changes, begins to change, and turns back; last the whole picture.

    Parts are without what all of the picture does: a camera that moves is no event.
    """
    rows, columns = crop_box(window.clip, window.media, THUMB_HEIGHT, THUMB_WIDTH)
    luma = window.frames.luma[:, rows, columns].astype(np.float64)
    luma = luma.reshape(len(luma), -1)
    changed, turned = np.zeros(luma.shape), np.zeros(luma.shape)
    changed[1:] = np.abs(np.diff(luma, axis=0))
    turned[1:-1] = changed[1:-1] + changed[2:] - np.abs(luma[2:] - luma[:-2])
    begun = np.maximum(np.diff(changed, axis=0, prepend=changed[:1]), 0)
    return _local(changed), _local(begun), _local(turned)


def _local(parts: Values) -> Values:
    return np.concatenate((parts - np.median(parts, axis=1, keepdims=True), parts.mean(axis=1, keepdims=True)), axis=1)


def _blurred(onsets: Values) -> Values:
    reach = round(4 * BLUR_S / STEP_S)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP_S / BLUR_S) ** 2)
    return np.convolve(onsets, weights / weights.sum(), mode="same")


def fit(hops_s: Values, onsets: Values, shown_s: Values, parts: Values) -> Fit | None:
    """How onsets fit the changes of the part that fits best. parts: [T, N], at `shown_s`; None: nothing changes."""
    own = _plain(parts[:, np.ptp(parts, axis=0) > 0])
    if not own.shape[1]:
        return None
    late_s = np.arange(-REACH_S, REACH_S + STEP_S / 2, STEP_S)
    shifted = _plain(np.interp(shown_s[:, None] + late_s, hops_s, onsets))  # [T, offsets]
    likeness = (shifted.T @ own).max(axis=1) / len(own)
    best = int(np.argmax(likeness))
    impossible = turned_round(_plain(np.interp(shown_s, hops_s, onsets)[:, None]), own, shown_s)
    if likeness[best] <= 0 or not len(impossible):
        return None
    deviations = float((likeness[best] - impossible.mean()) / max(float(impossible.std()), 1e-9))
    far = likeness[np.abs(late_s - late_s[best]) > NEAR_S]
    rival = max(float(far.max()), float(impossible.max()), 0.0)
    tied = (likeness >= TIE * likeness[best]) & (np.abs(late_s - late_s[best]) <= NEAR_S) & _peaks(likeness)
    at = int(np.flatnonzero(tied | (np.arange(len(late_s)) == best))[-1])
    return Fit(deviations, max(0.0, 1 - rival / float(likeness[best])), float(late_s[at]))


def turned_round(onsets: Values, parts: Values, shown_s: Values) -> Values:
    """The likeness of the best part where the sound is turned round by more than any offset: what chance can do."""
    count = len(parts)
    spectra = np.fft.rfft(onsets, axis=0) * np.conj(np.fft.rfft(parts, axis=0))
    likeness = np.fft.irfft(spectra, count, axis=0).max(axis=1) / count
    beyond = int(np.searchsorted(shown_s, shown_s[0] + REACH_S + 2 * NEAR_S))
    return np.asarray(likeness[beyond : count - beyond])


def _plain(values: Values) -> Values:
    """Each column as standard deviations from its mean; one that does not change is 0."""
    return np.asarray((values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9))


def _peaks(values: Values) -> NDArray[np.bool_]:
    padded = np.pad(values, 1, constant_values=-np.inf)
    return (values >= padded[:-2]) & (values >= padded[2:])
