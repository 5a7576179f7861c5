"""One pass over a plan: slots looked up, read ahead, replaced where they are bad, joined to batches."""

import logging
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType

import numpy as np

from curate.errors import LakeError
from curate.reader.batch import Batch, as_torch, batch
from curate.reader.buffers import Buffers
from curate.reader.cache import OpenCache
from curate.reader.fault import Fault, Replaced
from curate.reader.options import Options
from curate.reader.outline import Outline
from curate.reader.prefetch import Late, Prefetch, Read
from curate.reader.samples import Lacking, Sample, Slot, Tensor, Want, window
from curate.reader.spare import candidates
from curate.reader.tables import Tables
from curate.reader.tensors import Array, Source, Wanted, delivered
from curate.reader.windows import slots_by_step
from curate.storage.blobs import Blobs

_LOG = logging.getLogger("retold.reader")


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was read beside the picture of a sample."""

    sound: Array | None
    text: Array | None  # [T, D]


@dataclass(frozen=True, slots=True)
class _Step:
    """A step whose samples are being read into one array."""

    step: int
    slots: list[Slot]
    latents: Array


class Reading:
    """A context in which `batches` gives the batches of some steps, in order."""

    def __init__(
        self, tables: Tables, blobs: Blobs, outline: Outline, want: Want, options: Options, replaced: list[Replaced]
    ) -> None:
        """replaced: where it is noted what was replaced."""
        self._tables, self._outline, self._want, self._options = tables, outline, want, options
        self._replaced = replaced
        self._cache = None if options.cache is None else OpenCache(options.cache, want.plan_hash)
        self._source = Source(replace(blobs, patience_s=options.timeout_s), self._cache, options.verify)
        self._begun: deque[_Step] = deque()
        self._buffers = Buffers()

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._cache is not None:
            self._cache.close()

    def batches(self) -> Iterator[Batch]:
        with (
            closing(self._reads()) as reads,
            Prefetch(reads, self._options.prefetch_bytes, self._options.threads, self._options.timeout_s) as ahead,
        ):
            for _ in range(self._want.first, self._outline.steps, self._want.stride):
                ahead.fill()  # a step of no slots has no read that would begin it
                yield self._batch(self._begun.popleft(), ahead)

    def _reads(self) -> Generator[Read[_Beside], None, None]:
        """What is to be read, slot by slot; each gives what its sample has beside the picture."""
        whole = self._options.bad == "stop"
        rows = self._options.window_rows
        for step, slots in slots_by_step(self._tables, self._outline, self._want, rows=rows, whole=whole):
            begun = _Step(step, slots, self._latents(step, len(slots)))
            self._begun.append(begun)
            for slot, into in zip(slots, begun.latents, strict=True):
                size = 0 if isinstance(slot, Lacking) else min(slot.size, self._options.prefetch_bytes)
                yield Read(size, partial(self._read, slot, into))

    def _latents(self, step: int, count: int) -> Array:
        """Room for the pictures of a step."""
        bucket = self._outline.bucket(step)
        if bucket not in self._outline.shapes:
            raise LakeError(f"no latent of bucket {bucket} is left in the lake: run `retold encode`")
        return self._buffers.array((count, *self._outline.shapes[bucket]), self._outline.dtypes[bucket])

    def _read(self, slot: Slot, into: Array) -> _Beside:
        if isinstance(slot, Lacking):
            raise Fault("lacking", f"the lake lacks its {slot.what}")
        return _filled(self._source, slot, into)

    def _batch(self, begun: _Step, ahead: Prefetch[_Beside]) -> Batch:
        taken = [self._taken(slot, ahead) for slot in begun.slots]
        latents = begun.latents
        if any(isinstance(beside, Fault) for _, beside in taken):
            latents = latents.copy()  # a read that is late may still write to the old ones
        samples: list[Sample] = []
        besides: list[_Beside] = []
        replaced: list[Replaced] = []
        for index, (slot, beside) in enumerate(taken):
            if isinstance(beside, Fault):
                spare = self._spare(slot, beside)
                latents[index] = spare.latent
                replaced.append(spare.note)
                slot, beside = spare.sample, spare.beside  # noqa: PLW2901  from here on it is this slot's sample
            assert isinstance(slot, Sample)  # noqa: S101  of a lacking one there is a fault
            samples.append(slot)
            besides.append(beside)
        self._replaced.extend(replaced)
        sounds, texts = [one.sound for one in besides], [one.text for one in besides]
        made = batch(begun.step, self._outline.bucket(begun.step), samples, latents, sounds, texts, replaced)
        return as_torch(made) if self._options.as_torch else made

    def _taken(self, slot: Slot, ahead: Prefetch[_Beside]) -> tuple[Slot, _Beside | Fault]:
        try:
            return slot, ahead.take()
        except Fault as fault:
            return slot, fault
        except Late as error:
            return slot, Fault("late", str(error), None if isinstance(slot, Lacking) else slot.picture.shard)

    def _spare(self, slot: Slot, fault: Fault) -> "_Spare":
        """What takes the place of a bad sample; LakeError where nothing may."""
        where = ", ".join(
            [f"rank {self._want.rank}", f"step {slot.step}", *([fault.shard] if fault.shard else []), slot.clip_id]
        )
        if self._options.bad == "stop":
            raise LakeError(f"{where}: {fault}") from fault
        if len(self._replaced) >= self._options.bad_at_most:
            raise LakeError(f"{where}: {fault}; {len(self._replaced)} samples were replaced, more than bad_at_most")
        for step, other in candidates(self._outline, slot.step, slot.slot):
            found = self._looked_up(step, other)
            read = None if isinstance(found, Lacking) else self._read_alone(found)
            if read is not None and isinstance(found, Sample):
                note = Replaced(slot.step, slot.slot, slot.clip_id, fault.kind, str(fault), step, other, found.clip_id)
                _LOG.warning("%s: %s; in its place: step %d, slot %d, %s", where, fault, step, other, found.clip_id)
                return _Spare(found, *read, note)
        raise LakeError(f"{where}: {fault}; and so are all samples that might take its place") from fault

    def _looked_up(self, step: int, slot: int) -> Slot:
        """Any slot of the plan."""
        of = replace(self._want, rank=slot, world=int(self._outline.sizes[step]), first=0, stride=1, cached_by=None)
        ((_, (found,)),) = window(self._tables, of, step, step + 1).by_step([step])
        return found

    def _read_alone(self, sample: Sample) -> tuple[Array, _Beside] | None:
        """The tensors of one sample, None where it is bad too. The cache is for those that the plan reads."""
        latent: Array = np.empty(sample.picture.shape, delivered(sample.picture.dtype))
        source = replace(self._source, cache=None)
        read = Read(sample.size, partial(_filled, source, sample, latent))
        try:
            with Prefetch([read], sample.size, 1, self._options.timeout_s) as alone:
                return latent, alone.take()
        except (Fault, Late):
            return None


@dataclass(frozen=True, slots=True)
class _Spare:
    """A sample in the place of a bad one."""

    sample: Sample
    latent: Array
    beside: _Beside
    note: Replaced


def _filled(source: Source, sample: Sample, into: Array) -> _Beside:
    """Read the picture of a sample into an array; what it has beside it."""
    wanted = [Wanted(sample.picture, into)]
    sound, text = _room(sample.sound, wanted), _room(sample.embedding, wanted)
    source.fill(wanted, sample.step, sample.next_step)
    return _Beside(sound, text)


def _room(tensor: Tensor | None, wanted: list[Wanted]) -> Array | None:
    """An array for a tensor, which is wanted from here on."""
    if tensor is None:
        return None
    into: Array = np.empty(tensor.shape, delivered(tensor.dtype))
    wanted.append(Wanted(tensor, into))
    return into
