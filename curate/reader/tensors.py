"""Tensors out of shards: ranged reads, and never one that is not what the table says."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import obstore
from numpy.typing import NDArray
from obstore.exceptions import BaseError

from curate.checksum import checksum
from curate.errors import LakeError
from curate.reader.cache import OpenCache
from curate.reader.fault import Fault, Kind
from curate.reader.samples import Tensor
from curate.storage.blobs import Blobs

Array = NDArray[Any]

_DTYPES: Mapping[str, str] = {"float16": "<f2", "float32": "<f4", "int16": "<i2", "int8": "|i1", "bfloat16": "<u2"}
GAP = 64 << 10
"""Bytes between two tensors of a sample that are read along rather than asked around."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tensor and the array that it is read into."""

    tensor: Tensor
    into: Array


@dataclass(frozen=True)
class Source:
    """Where tensors come from: a disk cache, if there is one, and the shards of a lake."""

    blobs: Blobs
    cache: OpenCache | None
    verify: bool

    def fill(self, wanted: Sequence[Wanted], step: int, next_step: int | None) -> None:
        """Read the tensors of one sample; Fault where one is not what was stored.

        next_step: when the plan reads them again here, None: never.
        """
        raw = [(want, _raw(want)) for want in wanted]
        for run in _runs([pair for pair in raw if not self._cached(*pair, step, next_step)]):
            self._fetch(run)
            for want, body in run:
                if self.verify and (found := checksum(body)) != want.tensor.checksum:
                    self._again(want.tensor, body, found)
                if self.cache and next_step is not None:
                    self.cache.put(want.tensor.sha256, body, step, next_step)
        for want, body in raw:
            _decode(want, body)

    def _cached(self, want: Wanted, body: memoryview, step: int, next_step: int | None) -> bool:
        if not self.cache or not self.cache.take(want.tensor.sha256, body, step, next_step):
            return False
        if checksum(body) == want.tensor.checksum:
            return True
        self.cache.forget(want.tensor.sha256)
        return False

    def _again(self, tensor: Tensor, body: memoryview, found: str) -> None:
        """Once more, in case the way here was at fault."""
        read(self.blobs, tensor.shard, tensor.offset, body)
        if checksum(body) != tensor.checksum:
            raise Fault(
                "damaged",
                f"the bytes are damaged: checksum {found}, stored as {tensor.checksum}; "
                "restore the shard, or encode again",
                tensor.shard,
            )

    def _fetch(self, run: Sequence[tuple[Wanted, memoryview]]) -> None:
        """One request for tensors that lie together."""
        first, *_ = run
        if len(run) == 1:
            self._patiently(first[0].tensor.shard, first[0].tensor.offset, first[1])
            return
        start = first[0].tensor.offset
        end = max(want.tensor.offset + want.tensor.length for want, _ in run)
        whole = memoryview(bytearray(end - start))
        self._patiently(first[0].tensor.shard, start, whole)
        for want, body in run:
            at = want.tensor.offset - start
            body[:] = whole[at : at + want.tensor.length]

    def _patiently(self, shard: str, offset: int, into: memoryview) -> None:
        """Read; again, with back-off, where the client gives up before its time, as it does in the midst of a body."""
        until, wait_s = time.monotonic() + (self.blobs.patience_s or 0) / 2, 0.1
        while True:
            try:
                read(self.blobs, shard, offset, into)
            except Fault as fault:
                if fault.kind != "unreachable" or time.monotonic() + wait_s > until:
                    raise
            else:
                return
            time.sleep(wait_s)
            wait_s *= 2


def delivered(dtype: str) -> Any:
    """The dtype of the array that a trainer gets; LakeError where nothing here reads it."""
    if dtype not in _DTYPES:
        raise LakeError(f"no reader for tensors of {dtype}: encode to one of {', '.join(_DTYPES)}")
    return np.dtype("<f4" if dtype in ("int8", "bfloat16") else _DTYPES[dtype])


def read(blobs: Blobs, shard: str, offset: int, into: memoryview) -> None:
    """Fill a buffer with the bytes of a shard from an offset; Fault where they cannot be had."""
    try:
        if "://" in blobs.uri:
            found = obstore.get_range(blobs.store, shard, start=offset, length=len(into))
            count = len(found)
            into[:count] = memoryview(found)
        else:
            count = _read_file(f"{blobs.uri}/{shard}", offset, into)
    except FileNotFoundError as error:
        raise Fault("missing", f"{blobs.uri}/{shard} is missing", shard) from error
    except (BaseError, OSError) as error:
        said = str(error)
        kind: Kind = "truncated" if _after_end(said) else "unreachable"
        what = f"{blobs.uri}/{shard} cannot be read at {offset} + {len(into)}: {said.splitlines()[0]}"
        raise Fault(kind, what, shard) from error
    if count != len(into):
        raise Fault("truncated", f"{blobs.uri}/{shard} ends before {offset + len(into)}: it is truncated", shard)


def _after_end(said: str) -> bool:
    """Does the client say that the object ends before the range begins?"""
    return "416" in said or "InvalidRange" in said


def _read_file(path: str, offset: int, into: memoryview) -> int:
    file = os.open(path, os.O_RDONLY)
    try:
        done = 0
        while done < len(into) and (count := os.preadv(file, [into[done:]], offset + done)):
            done += count
    finally:
        os.close(file)
    return done


def _raw(want: Wanted) -> memoryview:
    """The buffer for the stored bytes: the array itself where it holds them as they are."""
    if np.dtype(_DTYPES[want.tensor.dtype]) == want.into.dtype and want.into.nbytes == want.tensor.length:
        return want.into.reshape(-1).view(np.uint8).data
    return memoryview(bytearray(want.tensor.length))


def _runs(pairs: Sequence[tuple[Wanted, memoryview]]) -> Iterator[list[tuple[Wanted, memoryview]]]:
    """Tensors that one request can bring."""
    run: list[tuple[Wanted, memoryview]] = []
    end = 0
    for pair in sorted(pairs, key=lambda pair: (pair[0].tensor.shard, pair[0].tensor.offset)):
        tensor = pair[0].tensor
        if run and (tensor.shard != run[-1][0].tensor.shard or tensor.offset - end > GAP):
            yield run
            run = []
        run.append(pair)
        end = tensor.offset + tensor.length
    if run:
        yield run


def _decode(want: Wanted, body: memoryview) -> None:
    """Bring what was stored to the array: int8 times its scales, and bfloat16, for which numpy has no type, exactly."""
    tensor, into = want.tensor, want.into
    if body.obj is not None and np.shares_memory(np.frombuffer(body, np.uint8), into):
        return
    scales = np.frombuffer(body, "<f4", tensor.shape[0]) if tensor.dtype == "int8" else np.empty(0, np.float32)
    stored: Array = np.frombuffer(body, _DTYPES[tensor.dtype], offset=scales.nbytes).reshape(tensor.shape)
    if tensor.dtype == "int8":
        np.multiply(stored, scales.reshape(-1, *([1] * (stored.ndim - 1))), out=into)
    elif tensor.dtype == "bfloat16":
        into[...] = (stored.astype("<u4") << 16).view("<f4")
    else:
        into[...] = stored
