"""Music by librosa: whether there is any, its tempo, its beats and its key.

Said to be music is what has a steady pulse and is mostly made of held pitches. Music without a pulse is not found, and
neither are drums alone; speech and noise have no pulse, clicks and knocks no pitch. A beat in the first 30 ms of the
sound is not found: nothing is heard to begin there.
"""

import fcntl
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

from captioners.dynamics import parts
from captioners.harmony import key
from captioners.heard import Heard
from captioners.level import Samples, bridged, level_db, runs
from captioners.metre import metre
from captioners.pulse import HOP, Pulse, going_on, onset_strength, pulse

TURN = 20  # tenths of a second on either side of a change of the sound


@dataclass(frozen=True, slots=True)
class MusicRules:
    """From where on sound counts as music."""

    music_s: float = 4.0  # a shorter stretch is no music
    pulse: float = 0.4  # autocorrelation of the onset strength at the beat, 0..1
    held: float = 0.35  # share of the power that the harmonic part of a median-filtered spectrogram holds
    key: float = 0.5  # correlation of the pitch classes with the profile of some key
    metre: float = 0.65  # by how many standard deviations the first beats of bars must be marked more than the others
    part: float = 0.55  # of the level in the mean mel band, in standard deviations from bar to bar: another part begins
    rest_s: float = 0.3  # a longer pause ends the passage
    change: float = 0.8  # of the level in the mean mel band, in standard deviations; a greater one ends the passage


def engine() -> str:
    """The name and version that stand in the rows."""
    return "librosa " + ".".join(version("librosa").split(".")[:2])


def warm(rate_hz: int) -> None:
    """Compile what librosa compiles on first use (half a minute, once a machine), so that no row has to wait for it.

    One process at a time: two that fill numba's cache at once leave code in it that crashes every process after them.
    """
    clicks = np.zeros(rate_hz * 5, np.float32)
    clicks[:: rate_hz // 2] = 1.0
    with Path(librosa.__file__).open("rb") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        pulse(clicks, rate_hz)
        held_share(clicks)
        key(clicks + np.sin(np.arange(len(clicks), dtype=np.float32) / 5), rate_hz)


def music(samples: Samples, rate_hz: int, rules: MusicRules) -> list[Heard]:
    """Passages of music; the score is the clarity of the pulse."""
    found = []
    for first, end in passages(samples, rate_hz, rules):
        part = samples[first:end]
        begin = max(0, first - rate_hz // 2)  # who did not hear that it was not there hears nothing begin
        beat = pulse(samples[begin : end + rate_hz // 2], rate_hz)
        if beat is None or beat.clarity < rules.pulse or held_share(part) < rules.held:
            continue
        tonic, likeness = key(part, rate_hz)
        if likeness < rules.key:
            continue
        start_s, end_s = first / rate_hz, end / rate_hz
        beats_s = tuple(
            max(begin / rate_hz + at, start_s) for at in beat.beats_s if start_s - 0.03 <= begin / rate_hz + at < end_s
        )
        within = replace(beat, beats_s=tuple(at - start_s for at in beats_s))
        bars = metre(part, rate_hz, within, rules.metre)
        begins_s = np.asarray(bars[1] if bars else within.beats_s[::4])
        moved = (
            replace(one, start_s=start_s + one.start_s, end_s=start_s + one.end_s)
            for one in parts(part, rate_hz, begins_s, rules.part)
        )
        found.append(
            Heard(
                "music", start_s, end_s, engine(), score=beat.clarity, tempo_bpm=beat.tempo_bpm, key=tonic,
                beats_s=beats_s, metre=bars[0] if bars else None,
                downbeats_s=tuple(start_s + at for at in bars[1]) if bars else (), parts=tuple(moved),
            )
        )  # fmt: skip
    return found


def passages(samples: Samples, rate_hz: int, rules: MusicRules) -> list[tuple[int, int]]:
    """Spans of samples, long enough for music, without a rest longer than `rest_s` (under -50 dBFS) and of one kind.

    A tune goes on where the sound turns, but pitches are held and the beat is kept: other instruments, another part.
    """
    hop = rate_hz // 100
    loud = runs(level_db(samples, rate_hz, 0.02, 0.01) >= -50)
    least = rules.music_s * rate_hz
    found = []
    for first, end in bridged(loud, round(rules.rest_s * 100)):
        start, stop = first * hop, min(end * hop, len(samples))
        if stop - start >= least:
            bounds = [0, *_turns(samples[start:stop], rate_hz, rules.change), stop - start]
            tunes = joined(samples[start:stop], rate_hz, list(pairwise(bounds)), rules)
            found += [(start + one, start + other) for one, other in tunes if other - one >= least]
    return found


def joined(samples: Samples, rate_hz: int, pieces: list[tuple[int, int]], rules: MusicRules) -> list[tuple[int, int]]:
    """The parts of a sound, those of one tune as one: what has a beat of its own, and what keeps it on either side."""
    if len(pieces) < 2:
        return pieces
    onsets = onset_strength(samples, rate_hz)
    held = [held_share(samples[first:end]) >= rules.held for first, end in pieces]
    beats = [_beat(samples, rate_hz, part, rules) if held[index] else None for index, part in enumerate(pieces)]

    def kept(beat: Pulse | None, index: int) -> Pulse | None:
        """The beat of the part beside it, if this one goes on with it."""
        own, (first, end) = beats[index], pieces[index]
        if beat is None or not held[index] or (own is not None and not _same_tempo(own, beat)):
            return None
        return going_on(onsets, HOP / rate_hz, beat, first / rate_hz, end / rate_hz)

    for steps in (range(1, len(pieces)), range(len(pieces) - 2, -1, -1)):  # a beat spreads, on and back
        for index in steps:
            beats[index] = beats[index] or kept(beats[index - steps.step], index)
    merged = [pieces[0]]
    for index in range(1, len(pieces)):
        if kept(beats[index - 1], index):
            merged[-1] = (merged[-1][0], pieces[index][1])
        else:
            merged.append(pieces[index])
    return merged


def _beat(samples: Samples, rate_hz: int, part: tuple[int, int], rules: MusicRules) -> Pulse | None:
    """The beat of a part in seconds of the whole, where it is long and steady enough."""
    first, end = part
    if end - first < rules.music_s * rate_hz:
        return None
    found = pulse(samples[first:end], rate_hz)
    if found is None or found.clarity < rules.pulse:
        return None
    return replace(found, beats_s=tuple(first / rate_hz + at for at in found.beats_s))


def _same_tempo(one: Pulse, other: Pulse) -> bool:
    """Equal, or twice as fast: a part may be played in quavers."""
    octaves = np.log2(one.tempo_bpm / other.tempo_bpm)
    return bool(abs(octaves - np.rint(octaves)) < 0.045 and abs(octaves) < 1.5)


def _turns(samples: Samples, rate_hz: int, least: float) -> list[int]:
    """Samples at which the sound turns into another: a new scene, a voice, applause, another piece."""
    change = changes(samples, rate_hz)
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(change, TURN), 2 * TURN + 1).max(axis=1)
    return [int(at) * (rate_hz // 10) for at in np.flatnonzero((change >= least) & (change == highest))]


def changes(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """How unlike the 2 s before and the 2 s after each tenth of a second are; 0 within 2 s of the ends.

    The difference of the mean levels in dB over their standard deviation, 2 dB at least, in the mean of 24 mel bands:
    under 0.6 within a tune, over 1 where a voice, noise or a tune of other instruments sets in.
    """
    power = librosa.feature.melspectrogram(
        y=samples, sr=rate_hz, n_fft=2048, hop_length=rate_hz // 10, n_mels=24, fmax=rate_hz / 2
    )
    if power.shape[1] <= 2 * TURN:
        return np.zeros(power.shape[1])
    parts = np.lib.stride_tricks.sliding_window_view(10 * np.log10(np.maximum(power, 1e-5)), TURN, axis=1)
    mean, variance = parts.mean(axis=2, dtype=np.float64), parts.var(axis=2, dtype=np.float64)
    spread = np.sqrt((variance[:, :-TURN] + variance[:, TURN:]) / 2 + 4)
    unlike = np.abs(mean[:, TURN:] - mean[:, :-TURN]) / spread
    return np.pad(unlike.mean(axis=0), (TURN, TURN - 1))


def held_share(samples: Samples) -> float:
    """The share of the power, 0..1, in the harmonic part: what lasts in time and is narrow in pitch."""
    spectrogram = np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))
    harmonic, _ = librosa.decompose.hpss(spectrogram)
    total = float(np.sum(spectrogram**2))
    return float(np.sum(harmonic**2)) / total if total > 0 else 0.0
