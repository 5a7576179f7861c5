"""What is done to a film, and what is true of the copy."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curate.film.tones import Wave
from schemas.clip import clip_id
from schemas.truth import Film

Fact = Literal["cut", "camera", "movement", "frozen", "text", "text_time", "order", "speech", "knock", "music"]
"""What a copy may leave without a known truth."""


@dataclass(frozen=True)
class Edit:
    """One perturbation of one film."""

    truth: Film  # of the copy, but for its ids
    order: NDArray[np.int64] | None = None  # [T]: which frame of the film stands in each place; None: as it was
    pts_us: tuple[int, ...] | None = None  # of each place; None: as they were
    mirrored: bool = False
    wave: Wave | None = None  # None: as it was
    lost: frozenset[Fact] = frozenset()  # was true of the film; of the copy it is not, and what is instead is not known
    unknown: frozenset[Fact] = frozenset()  # may still be true, or not
    backward: bool = False  # time runs from the end of the film to its beginning


def identified(film: Film, media_id: str) -> Film:
    """The truth under the id of its own file."""
    whole = clip_id(media_id, 0, film.end_us)
    clips = tuple(
        replace(clip, media_id=media_id, clip_id=clip_id(media_id, clip.start_us, clip.end_us)) for clip in film.clips
    )
    sounds = tuple(
        replace(sound, clip_id=whole, sound_id=f"{whole}#{sound.kind}-{k:03d}") for k, sound in enumerate(film.sounds)
    )
    texts = tuple(replace(text, clip_id=whole, text_id=f"{whole}#text-{k:03d}") for k, text in enumerate(film.texts))
    return replace(film, media_id=media_id, clips=clips, sounds=sounds, texts=texts)
