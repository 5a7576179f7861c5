"""Listeners that have weights: they hear the context of a clip in the worker, after the embedded engines.

To add one: its configuration, a frozen dataclass, as a field of `Listen` and in its `models`; one line in `LISTENERS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from captioners.earshot import Earshot
from captioners.heard import Heard
from captioners.level import Samples
from captioners.tagger import Tagger
from captioners.transcriber import WhisperX
from curate.media.silero import RATE_HZ as RATE_HZ  # noqa: PLC0414  of every context


@dataclass(frozen=True, slots=True)
class Context:
    """What a listener is given: the sound around some clips, and what the embedded engines heard in it."""

    wave: Samples  # one channel at 16 kHz
    found: tuple[Heard, ...]  # speech, music, events, silence, in seconds from the first sample


Listener = Callable[[Sequence[Context]], Sequence[Sequence[Heard]]]
"""What a model hears in each of some contexts, one for one, in seconds from the first sample of each."""


def _whisperx(config: WhisperX) -> Listener:
    from captioners.speech_whisperx import listener  # noqa: PLC0415  torch, only where it is asked for

    return listener(config)


def _tagger(config: Tagger) -> Listener:
    if config.is_onnx:
        from captioners.tagger_onnx import listener  # noqa: PLC0415

        return listener(config)
    from captioners.tagger_transformers import listener as classifier  # noqa: PLC0415  torch

    return classifier(config)


LISTENERS: Mapping[type, Callable[[Any], Listener]] = MappingProxyType({WhisperX: _whisperx, Tagger: _tagger})
"""By the type of the configuration: load the model; a package is imported when it is opened."""


def opened(models: Sequence[object]) -> tuple[Listener, ...]:
    """Load what is configured; raises RecipeError where it cannot do what is asked."""
    return tuple(LISTENERS[type(model)](model) for model in models)


Key = tuple[str, int, int]


def heard_by(
    listeners: Sequence[Listener], near: Sequence[Earshot], known: Mapping[Key, tuple[Heard, ...]]
) -> dict[Key, tuple[Heard, ...]]:
    """What the listeners hear in the contexts of some clips; each is heard once, and one that is `known` not again."""
    contexts = {one.context: Context(one.wave, one.found) for one in near}
    new = [key for key in contexts if key not in known]
    heard: dict[Key, tuple[Heard, ...]] = {key: known.get(key, ()) for key in contexts}
    for listener in listeners if new else ():
        for key, found in zip(new, listener([contexts[key] for key in new]), strict=True):
            heard[key] += tuple(found)
    return heard
