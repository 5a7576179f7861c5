"""What a trainer gets at one step."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from curate.errors import UsageError
from curate.reader.events import Event, latent_span
from curate.reader.fault import Replaced
from curate.reader.samples import Sample, Tensor
from curate.reader.tensors import Array


@dataclass(frozen=True, slots=True)
class Batch:
    """The samples of one rank at one step, all of one bucket.

    A rank that has no slot in a short step gets a batch of none, so that all ranks do the same number of steps.
    Arrays are numpy, or torch tensors where the loader was asked for them.
    """

    step: int
    bucket: str
    clip_ids: tuple[str, ...]
    epochs: tuple[int, ...]
    variants: tuple[str, ...]  # which rendering of its caption each sample has
    captions: tuple[str, ...]  # the text to encode; of variant "none" it is empty
    latents: Any  # [B, C, T', H', W']
    sound: Any | None  # [B, C, T'], zeros after each one's length; None: no sample has sound
    sound_lengths: Any  # [B] int64 latent frames; 0: no sound
    text_embeddings: Any | None  # [B, T, D] of the captions, zeros after each one's length; None: the plan has none
    text_lengths: Any  # [B] int64 vectors of each text: the mask is arange(T) < length
    events: tuple[tuple[Event, ...], ...]
    replaced: tuple[Replaced, ...] = ()  # slots whose own sample is bad; the rows have what was read in its place

    def __len__(self) -> int:
        return len(self.clip_ids)


def batch(
    step: int,
    bucket: str,
    samples: Sequence[Sample],
    latents: Array,
    sounds: Sequence[Array | None],
    texts: Sequence[Array | None],
    replaced: Sequence[Replaced] = (),
) -> Batch:
    """Join samples and their tensors. latents: [B, C, T', H', W']."""
    return Batch(
        step=step,
        bucket=bucket,
        clip_ids=tuple(sample.clip_id for sample in samples),
        epochs=tuple(sample.epoch for sample in samples),
        variants=tuple(sample.variant for sample in samples),
        captions=tuple(sample.text for sample in samples),
        latents=latents,
        sound=_padded(sounds),
        sound_lengths=np.array([0 if sound is None else sound.shape[1] for sound in sounds], np.int64),
        text_embeddings=_padded_texts(texts),
        text_lengths=np.array([0 if text is None else len(text) for text in texts], np.int64),
        events=tuple(_placed(sample) for sample in samples),
        replaced=tuple(replaced),
    )


def _padded(sounds: Sequence[Array | None]) -> Array | None:
    """[B, C, T'] of the longest, zeros elsewhere; None where there is none."""
    heard = [sound for sound in sounds if sound is not None]
    if not heard:
        return None
    longest = max(sound.shape[1] for sound in heard)
    joined: Array = np.zeros((len(sounds), heard[0].shape[0], longest), heard[0].dtype)
    for row, sound in zip(joined, sounds, strict=True):
        if sound is not None:
            row[:, : sound.shape[1]] = sound
    return joined


def _padded_texts(texts: Sequence[Array | None]) -> Array | None:
    """[B, T, D] of the longest, zeros elsewhere; None where there is none."""
    told = [text for text in texts if text is not None]
    if not told:
        return None
    joined: Array = np.zeros((len(texts), max(map(len, told)), told[0].shape[1]), told[0].dtype)
    for row, text in zip(joined, texts, strict=True):
        if text is not None:
            row[: len(text)] = text
    return joined


def _placed(sample: Sample) -> tuple[Event, ...]:
    picture, sound = sample.picture, sample.sound
    return tuple(
        Event(
            heard.kind, heard.text, heard.label, heard.start_us, heard.end_us,
            latent_span(picture.step_us, heard.start_us, heard.end_us),
            None if sound is None else latent_span(sound.step_us, heard.start_us, heard.end_us),
        )
        for heard in sample.heard
        if _inside(picture, heard.start_us, heard.end_us)
    )  # fmt: skip


def _inside(picture: Tensor, start_us: int, end_us: int) -> bool:
    return start_us < picture.end_us and end_us > picture.start_us


def torch() -> Any:
    """The torch module; UsageError where there is none."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise UsageError("as_torch=True needs torch: install it, or take numpy arrays") from error


def as_torch(batch: Batch) -> Batch:
    """The same batch with torch tensors, which share its memory."""
    to = torch().from_numpy
    sound, text = (None if one is None else to(one) for one in (batch.sound, batch.text_embeddings))
    return replace(
        batch, latents=to(batch.latents), sound=sound, sound_lengths=to(batch.sound_lengths), text_embeddings=text,
        text_lengths=to(batch.text_lengths),
    )  # fmt: skip
