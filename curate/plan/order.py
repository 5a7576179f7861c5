"""The order of a plan: full steps of one bucket, shuffled; what is left of an epoch goes first in the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.chance import draw, uniform

_COPIES, _STEPS, _FIRST_DRAW = 0, 1, 2
"""Purposes: draws for how often a clip is read, for the order of steps, and from there on for each reading of it."""


@dataclass(frozen=True)
class Readings:
    """Readings in the order of the plan, each column [N]."""

    step: NDArray[np.int64]
    slot: NDArray[np.int64]
    epoch: NDArray[np.int64]  # in which it was due: a leftover is read in a later one
    clip: NDArray[np.int64]  # index of the clip
    words: NDArray[np.uint32]  # [2, N] random words of this reading: for the variant, for the caption


@dataclass(frozen=True)
class Carried:
    """What was left over: per epoch and bucket, the number of readings that did not fill a step."""

    after_epoch: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...]  # per bucket, for good


def due(weights: NDArray[np.float64], keys: NDArray[np.uint64], seed: int, epoch: int) -> NDArray[np.int64]:
    """How often each clip is due in an epoch: its weight, rounded up or down by chance: [clips]."""
    whole = np.floor(weights)
    chance = uniform(draw(seed, keys, epoch, np.full(len(keys), _COPIES, np.uint32))[0])
    return (whole + (chance < weights - whole)).astype(np.int64)


def _epoch(
    weights: NDArray[np.float64], keys: NDArray[np.uint64], seed: int, epoch: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The clips due in an epoch, shuffled: indices [N] and random words [2, N]."""
    copies = due(weights, keys, seed, epoch)
    clips = np.repeat(np.arange(len(keys)), copies)
    ordinal = np.arange(len(clips)) - np.repeat(np.cumsum(copies) - copies, copies)
    words = draw(seed, keys[clips], epoch, (ordinal + _FIRST_DRAW).astype(np.uint32))
    order = np.lexsort((keys[clips], words[1], words[0]))
    return clips[order], words[2:, order]


def arrange(
    buckets: NDArray[np.int64], weights: NDArray[np.float64], keys: NDArray[np.uint64], sizes: Sequence[int],
    *, seed: int, epochs: int, short_last: bool,
) -> tuple[Readings, Carried]:  # fmt: skip
    """Deal readings to steps.

    buckets: [clips] index into `sizes`, the samples of a step of each bucket; keys: [clips] hashes of the clip ids.
    """
    queues = [_Queue.empty() for _ in sizes]
    parts: list[Readings] = []
    after: list[tuple[int, ...]] = []
    first_step = 0
    for epoch in range(epochs):
        clips, words = _epoch(weights, keys, seed, epoch)
        taken: list[_Queue] = []
        for bucket in range(len(sizes)):
            mine = buckets[clips] == bucket
            queue = queues[bucket].then(epoch, clips[mine], words[:, mine])
            rest = 0 if short_last and epoch == epochs - 1 else len(queue.clip) % sizes[bucket]
            full, queues[bucket] = queue.split(len(queue.clip) - rest)
            taken.append(full)
        after.append(tuple(len(queue.clip) for queue in queues))
        part = _dealt(taken, sizes, seed, epoch, first_step)
        first_step = int(part.step.max(initial=first_step - 1)) + 1
        parts.append(part)
    return _joined(parts), Carried(tuple(after), after[-1])


@dataclass(frozen=True)
class _Queue:
    """Readings of one bucket that have no step yet."""

    epoch: NDArray[np.int64]
    clip: NDArray[np.int64]
    words: NDArray[np.uint32]

    @classmethod
    def empty(cls) -> "_Queue":
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((2, 0), np.uint32))

    def then(self, epoch: int, clips: NDArray[np.int64], words: NDArray[np.uint32]) -> "_Queue":
        epochs = np.concatenate([self.epoch, np.full(len(clips), epoch, np.int64)])
        return _Queue(epochs, np.concatenate([self.clip, clips]), np.concatenate([self.words, words], axis=1))

    def split(self, at: int) -> tuple["_Queue", "_Queue"]:
        first = _Queue(self.epoch[:at], self.clip[:at], self.words[:, :at])
        return first, _Queue(self.epoch[at:], self.clip[at:], self.words[:, at:])


def _dealt(taken: Sequence[_Queue], sizes: Sequence[int], seed: int, epoch: int, first_step: int) -> Readings:
    """The readings of one epoch in steps of one bucket each, those of all buckets in random order."""
    batch, slot, batches = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for queue, size in zip(taken, sizes, strict=True):
        position = np.arange(len(queue.clip))
        batch.append(batches + position // size)
        slot.append(position % size)
        batches += -(-len(position) // size)
    names = np.arange(batches, dtype=np.uint64)
    words = draw(seed, names, epoch, np.full(batches, _STEPS, np.uint32))
    rank = np.empty(batches, np.int64)
    rank[np.lexsort((names, words[1], words[0]))] = np.arange(batches)
    step = first_step + rank[np.concatenate(batch)]
    order = np.argsort(step, kind="stable")
    whole = _Queue.empty()
    epochs = np.concatenate([whole.epoch, *(queue.epoch for queue in taken)])
    clips = np.concatenate([whole.clip, *(queue.clip for queue in taken)])
    drawn = np.concatenate([whole.words, *(queue.words for queue in taken)], axis=1)
    return Readings(step[order], np.concatenate(slot)[order], epochs[order], clips[order], drawn[:, order])


def _joined(parts: Sequence[Readings]) -> Readings:
    return Readings(
        step=np.concatenate([part.step for part in parts]),
        slot=np.concatenate([part.slot for part in parts]),
        epoch=np.concatenate([part.epoch for part in parts]),
        clip=np.concatenate([part.clip for part in parts]),
        words=np.concatenate([part.words for part in parts], axis=1),
    )
