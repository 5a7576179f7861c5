"""Captions broken on purpose, to see whether the check notices."""

from collections.abc import Mapping
from types import MappingProxyType

from captioners.check.mutate import picture, sound, timing, words
from captioners.check.mutate.mutation import Mutant, Mutation, Victim, broken

MUTATIONS: Mapping[str, Mutation] = MappingProxyType(
    {
        "swapped colour": picture.swapped_colour,
        "wrong camera move": picture.wrong_camera,
        "wrong brightness": picture.wrong_brightness,
        "wrong text": words.wrong_text,
        "missing text": words.missing_text,
        "wrong word": words.wrong_word,
        "dropped sound": sound.dropped_sound,
        "invented sound": sound.invented_sound,
        "changed count": sound.changed_count,
        "wrong tempo": sound.wrong_tempo,
        "wrong key": sound.wrong_key,
        "shifted time": timing.shifted_time,
        "reversed order": timing.reversed_order,
    }
)
"""Each breaks a caption in one way, or says that there is nothing in it to break so."""

__all__ = ["MUTATIONS", "Mutant", "Mutation", "Victim", "broken"]
