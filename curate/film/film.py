"""Makes a film and its truth."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from curate.film.ball import knocking
from curate.film.director import draw_script
from curate.film.frames import frames
from curate.film.pixels import Pixels
from curate.film.reel import write_reel
from curate.film.script import Script
from curate.film.spec import FilmSpec
from curate.film.testimony import Look, look, middle, testify
from curate.film.tones import RATE_HZ
from curate.film.track import Track, compose
from curate.film.truth_file import save_truth, truth_path
from schemas.truth import Film


def make_film(out: Path, spec: FilmSpec) -> Film:
    """Write `out` (an mp4) and its truth beside it; the same spec gives the same bytes."""
    return shoot(out, draw_script(spec))


def shoot(out: Path, script: Script) -> Film:
    """Write the film of a given script."""
    spec = script.spec
    track = _track(script) if spec.sound else None
    looks: dict[int, Look] = {}
    write_reel(out, script, _watched(script, looks), track.wave if track else None)
    film = testify(script, track, hashlib.sha256(out.read_bytes()).hexdigest(), looks)
    save_truth(truth_path(out), film)
    return film


def _track(script: Script) -> Track:
    spec, samples = script.spec, round(script.end_us * RATE_HZ / 1e6)
    if script.hits_us:
        return knocking(spec, script.hits_us, samples)
    return compose(spec.seed, samples, spec.speech)


def _watched(script: Script, looks: dict[int, Look]) -> Iterator[Pixels]:
    """Pass the frames on, and describe the middle one of each take."""
    wanted = {middle(take): k for k, take in enumerate(script.takes)}
    for frame, picture in enumerate(frames(script)):
        if frame in wanted:
            looks[wanted[frame]] = look(script.takes[wanted[frame]], picture)
        yield picture
