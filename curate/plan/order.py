"""The order of a plan: full steps of one bucket, shuffled; what is left of an epoch goes first in the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.chance import draw

_STEPS, _FIRST_DRAW = 1, 2
"""Purposes: draws for the order of steps, and from there on for each reading of a clip."""


@dataclass(frozen=True)
class Readings:
    """The readings of one epoch in the order of the plan, each column [N]; and what it leaves for the next."""

    step: NDArray[np.int64]
    slot: NDArray[np.int32]
    epoch: NDArray[np.int32]  # in which it was due: a leftover is read in a later one
    clip: NDArray[np.int32]  # index of the clip
    words: NDArray[np.uint32]  # [2, N] random words of this reading: for the variant, for the caption
    left: tuple[int, ...]  # per bucket, the number of readings that did not fill a step


def due(rates: NDArray[np.float64], phases: NDArray[np.float64], epoch: int) -> NDArray[np.int64]:
    """How often each clip is due in an epoch, [clips]: in any run of epochs as often as its rate says, up to one."""
    return (np.floor(rates * (epoch + 1) + phases) - np.floor(rates * epoch + phases)).astype(np.int64)


def arrange(
    buckets: NDArray[np.int16], rates: NDArray[np.float64], phases: NDArray[np.float64], keys: NDArray[np.uint64],
    sizes: Sequence[int], *, seed: int, epochs: int, short_last: bool,
) -> Iterator[Readings]:  # fmt: skip
    """Deal the readings of each epoch to steps.

    buckets: [clips] index into `sizes`, the samples of a step of each bucket; keys: [clips] hashes of the clips, which
    ascend; phases: [clips] in [0, 1).
    """
    queues = [_Queue.empty() for _ in sizes]
    first_step = 0
    for epoch in range(epochs):
        clips, words = _epoch(due(rates, phases, epoch), keys, seed, epoch)
        of = buckets[clips]
        taken: list[_Queue] = []
        for bucket in range(len(sizes)):
            mine = np.flatnonzero(of == bucket)
            queue = queues[bucket].then(epoch, clips[mine], words[:, mine])
            rest = 0 if short_last and epoch == epochs - 1 else len(queue.clip) % sizes[bucket]
            full, queues[bucket] = queue.split(len(queue.clip) - rest)
            taken.append(full)
        del clips, words, of
        yield _dealt(taken, sizes, seed, epoch, first_step, tuple(len(queue.clip) for queue in queues))
        first_step += sum(-(-len(queue.clip) // size) for queue, size in zip(taken, sizes, strict=True))


def _epoch(
    copies: NDArray[np.int64], keys: NDArray[np.uint64], seed: int, epoch: int
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """The clips due in an epoch, shuffled: indices [N] and random words [2, N]."""
    clips = np.repeat(np.arange(len(keys), dtype=np.int32), copies)
    ordinal = np.arange(len(clips)) - np.repeat(np.cumsum(copies) - copies, copies)
    words = draw(seed, keys[clips], epoch, (ordinal + _FIRST_DRAW).astype(np.uint32))
    del ordinal
    order = np.argsort(words[0].astype(np.uint64) << np.uint64(32) | words[1], kind="stable")
    return clips[order], words[2:, order]


@dataclass(frozen=True)
class _Queue:
    """Readings of one bucket that have no step yet."""

    epoch: NDArray[np.int32]
    clip: NDArray[np.int32]
    words: NDArray[np.uint32]

    @classmethod
    def empty(cls) -> "_Queue":
        return cls(np.empty(0, np.int32), np.empty(0, np.int32), np.empty((2, 0), np.uint32))

    def then(self, epoch: int, clips: NDArray[np.int32], words: NDArray[np.uint32]) -> "_Queue":
        epochs = np.concatenate([self.epoch, np.full(len(clips), epoch, np.int32)])
        return _Queue(epochs, np.concatenate([self.clip, clips]), np.concatenate([self.words, words], axis=1))

    def split(self, at: int) -> tuple["_Queue", "_Queue"]:
        """In two; the second does not keep the memory of the first."""
        first = _Queue(self.epoch[:at], self.clip[:at], self.words[:, :at])
        return first, _Queue(self.epoch[at:].copy(), self.clip[at:].copy(), self.words[:, at:].copy())


def _dealt(
    taken: Sequence[_Queue], sizes: Sequence[int], seed: int, epoch: int, first_step: int, left: tuple[int, ...]
) -> Readings:
    """The readings of one epoch in steps of one bucket each, those of all buckets in random order."""
    batch, slot, batches = [np.empty(0, np.int32)], [np.empty(0, np.int32)], 0
    for queue, size in zip(taken, sizes, strict=True):
        position = np.arange(len(queue.clip), dtype=np.int32)
        batch.append(batches + position // np.int32(size))
        slot.append(position % np.int32(size))
        batches += -(-len(position) // size)
    names = np.arange(batches, dtype=np.uint64)
    words = draw(seed, names, epoch, np.full(batches, _STEPS, np.uint32))
    rank = np.empty(batches, np.int32)
    rank[np.lexsort((names, words[1], words[0]))] = np.arange(batches, dtype=np.int32)
    step = rank[np.concatenate(batch)]
    order = np.argsort(step, kind="stable")
    whole = [_Queue.empty(), *taken]
    return Readings(
        step=first_step + step[order].astype(np.int64),
        slot=np.concatenate(slot)[order],
        epoch=np.concatenate([queue.epoch for queue in whole])[order],
        clip=np.concatenate([queue.clip for queue in whole])[order],
        words=np.concatenate([queue.words for queue in whole], axis=1)[:, order],
        left=left,
    )
