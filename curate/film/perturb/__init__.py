"""Copies of a film in which one thing is not as it was, with what is true of them."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from curate.errors import UsageError
from curate.film.perturb import picture, sound
from curate.film.perturb.edit import Edit, Fact, identified
from curate.film.perturb.recording import recorded, write_copy
from curate.film.tones import Wave
from curate.film.truth_file import save_truth, truth_path
from schemas.truth import Film

__all__ = ["PERTURBATIONS", "Edit", "Fact", "perturb"]

PERTURBATIONS: Mapping[str, Callable[[Film, Wave, int], Edit]] = MappingProxyType(
    {
        "reversed": picture.backward,
        "mirrored": picture.mirrored,
        "frozen": picture.frozen,
        "shuffled": picture.shuffled,
        "muted": sound.muted,
        "swapped": sound.swapped,
        "shifted": sound.shifted,
    }
)
"""Each from the truth and the sound of a film and a seed."""


def perturb(path: Path, film: Film, name: str, out: Path, seed: int = 0) -> Edit:
    """Write the copy `out` (an mp4) and its truth beside it. UsageError where the film cannot be perturbed so."""
    if name not in PERTURBATIONS:
        raise UsageError(f"no perturbation is called {name!r}; there are {', '.join(PERTURBATIONS)}")
    if film.still or film.samples is None:
        raise UsageError(f"{path} is a still or has no sound: a film to be perturbed has both time and sound")
    with recorded(path, film) as recording:
        edit = PERTURBATIONS[name](film, recording.wave, seed)
        write_copy(out, film, recording, edit)
    save_truth(truth_path(out), truth := identified(edit.truth, hashlib.sha256(out.read_bytes()).hexdigest()))
    return Edit(**{**vars(edit), "truth": truth})
