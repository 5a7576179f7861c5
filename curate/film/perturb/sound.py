"""Perturbations of the sound: muted, another film's, shifted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from curate.film.perturb.edit import Edit
from curate.film.testimony import heard
from curate.film.tones import RATE_HZ, Wave
from curate.film.track import SENTENCES, compose
from schemas.clip import Sound
from schemas.truth import Film

SHIFT_US = 400_000
"""More than a person forgives: 45 ms early and 125 ms late (ITU-R BT.1359)."""


def muted(film: Film, wave: Wave, seed: int) -> Edit:
    """A track on which nothing sounds."""
    silence = replace(_blank(film), start_us=0, end_us=film.end_us)
    return Edit(replace(film, sounds=(silence,)), wave=np.zeros_like(wave))


def swapped(film: Film, wave: Wave, seed: int) -> Edit:
    """The sound of another film: other sentences at other times, music in another tempo and key."""
    said = any(sound.kind == "sentence" for sound in film.sounds)
    track = compose(_other(film, len(wave), said), len(wave), said, first_sentence=len(SENTENCES) // 2)
    return Edit(replace(film, sounds=heard(film.media_id, film.end_us, track)), wave=track.wave)


def _other(film: Film, samples: int, said: bool) -> int:
    """The next seed whose music has neither the tempo nor the key of this film's."""
    ours = {(s.tempo_bpm, s.key) for s in film.sounds if s.kind == "music"}
    for seed in range(film.seed + 1, film.seed + 100):
        theirs = {(h.tempo_bpm, h.key) for h in compose(seed, samples, speech=False).heard if h.kind == "music"}
        if not any(a[0] == b[0] or a[1] == b[1] for a in ours for b in theirs):
            return seed
    return film.seed + 1


def shifted(film: Film, wave: Wave, seed: int) -> Edit:
    """The sound comes 0.4 s late; what falls over the end is gone."""
    late = np.zeros_like(wave)
    samples = round(SHIFT_US * RATE_HZ / 1e6)
    late[samples:] = wave[:-samples]
    return Edit(replace(film, sounds=tuple(_shifted(film))), wave=late)


def _shifted(film: Film) -> Iterator[Sound]:
    for sound in film.sounds:
        whole = sound.end_us + SHIFT_US <= film.end_us
        if sound.start_us + SHIFT_US >= film.end_us or not (whole or sound.kind in ("silence", "speech", "event")):
            continue
        begins = 0 if sound.start_us == 0 and sound.kind == "silence" else sound.start_us + SHIFT_US
        beats_us = tuple(beat + SHIFT_US for beat in sound.beats_us)
        yield replace(sound, start_us=begins, end_us=min(sound.end_us + SHIFT_US, film.end_us), beats_us=beats_us)


def _blank(film: Film) -> Sound:
    return Sound(
        "", "", "silence", 0, film.end_us, None, None, None, None, None, None, None, None, None, (), "film"
    )  # fmt: skip
