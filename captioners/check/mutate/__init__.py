"""Captions broken on purpose, to see whether the check notices."""

from collections.abc import Mapping
from types import MappingProxyType

from captioners.check.mutate import objects, picture, sound, speakers, timing, words
from captioners.check.mutate.mutation import Mutant, Mutation, Victim, broken

MUTATIONS: Mapping[str, Mutation] = MappingProxyType(
    {
        "swapped colour": picture.swapped_colour,
        "wrong camera move": picture.wrong_camera,
        "wrong direction": picture.wrong_direction,
        "wrong brightness": picture.wrong_brightness,
        "wrong text": words.wrong_text,
        "missing text": words.missing_text,
        "wrong word": words.wrong_word,
        "wrong speaker": speakers.wrong_speaker,
        "dropped sound": sound.dropped_sound,
        "invented sound": sound.invented_sound,
        "changed count": sound.changed_count,
        "wrong tempo": sound.wrong_tempo,
        "wrong key": sound.wrong_key,
        "wrong metre": sound.wrong_metre,
        "wrong dynamics": sound.wrong_dynamics,
        "shifted time": timing.shifted_time,
        "reversed order": timing.reversed_order,
        "missing object": objects.missing_object,
        "wrong number of objects": objects.wrong_number,
    }
)
"""Each breaks a caption in one way, or says that there is nothing in it to break so."""

SEER = frozenset({"missing object", "wrong number of objects"})
"""The kinds that no tool sees: they show only in questions that a model asked who saw the clip."""

__all__ = ["MUTATIONS", "SEER", "Mutant", "Mutation", "Victim", "broken"]
