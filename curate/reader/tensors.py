"""Tensors out of shards: one ranged read each, and never one that is not what the table says."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import LakeError
from curate.reader.samples import Tensor
from curate.storage.blobs import Blobs

Array = NDArray[Any]

_DTYPES: Mapping[str, str] = {"float16": "<f2", "float32": "<f4", "int16": "<i2", "int8": "|i1", "bfloat16": "<u2"}


def read_tensor(blobs: Blobs, tensor: Tensor) -> Array:
    """The tensor, in the shape of its row; LakeError where the bytes are not those that were stored."""
    if tensor.dtype not in _DTYPES:
        raise LakeError(f"no reader for tensors of {tensor.dtype}: encode to one of {', '.join(_DTYPES)}")
    body = blobs.read(tensor.shard, tensor.offset, tensor.length)
    found = hashlib.sha256(body).hexdigest()
    if found != tensor.sha256:
        raise LakeError(
            f"the bytes are damaged: sha256 {found[:12]}, stored as {tensor.sha256[:12]}; "
            "restore the shard, or encode again"
        )
    return _values(body, tensor)


def _values(body: bytes, tensor: Tensor) -> Array:
    """As they were stored; int8 times its scales and bfloat16, for which numpy has no type, as float32, exactly."""
    scales = np.frombuffer(body, "<f4", tensor.shape[0]) if tensor.dtype == "int8" else np.empty(0, np.float32)
    stored: Array = np.frombuffer(body, _DTYPES[tensor.dtype], offset=scales.nbytes).reshape(tensor.shape)
    if tensor.dtype == "int8":
        return np.asarray(stored * scales.reshape(-1, *([1] * (stored.ndim - 1))), np.float32)
    if tensor.dtype == "bfloat16":
        return np.asarray((stored.astype("<u4") << 16).view("<f4"))
    return stored
