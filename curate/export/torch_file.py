"""A file that `torch.load(..., weights_only=True)` reads, written without torch.

It is a zip of stored members: `data.pkl`, a pickle in which a tensor is rebuilt from a storage that it names, and
`data/0`, `data/1`, … the storages. Source: pytorch, `torch/serialization.py` (`_save`, `_legacy` is another form) and
`torch/_utils.py` (`_rebuild_tensor_v2`).
"""

import io
import math
import pickle
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DType = Literal["float16", "float32", "bfloat16", "bool"]
_STORAGES: Mapping[str, tuple[str, int]] = {
    "float16": ("HalfStorage", 2), "float32": ("FloatStorage", 4), "bfloat16": ("BFloat16Storage", 2),
    "bool": ("BoolStorage", 1),
}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TorchTensor:
    """A tensor: raw, C order, little endian."""

    dtype: DType
    shape: tuple[int, ...]
    body: bytes

    def __post_init__(self) -> None:
        if math.prod(self.shape) * _STORAGES[self.dtype][1] != len(self.body):
            raise ValueError(f"a tensor of {self.shape} in {self.dtype} has not {len(self.body)} bytes")


def torch_file(values: Mapping[str, TorchTensor | int | float]) -> bytes:
    """A dictionary of tensors and numbers as a `.pt` file."""
    tensors = [value for value in values.values() if isinstance(value, TorchTensor)]
    members = {"data.pkl": _pickled(values), "byteorder": b"little", "version": b"3\n"}
    members |= {f"data/{place}": tensor.body for place, tensor in enumerate(tensors)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, body in members.items():
            file.writestr(zipfile.ZipInfo(f"archive/{name}", _EPOCH), body)
    return out.getvalue()


def _pickled(values: Mapping[str, TorchTensor | int | float]) -> bytes:
    parts, place = [pickle.PROTO + b"\x02" + pickle.EMPTY_DICT + pickle.MARK], 0
    for name, value in values.items():
        parts.append(_text(name))
        if isinstance(value, TorchTensor):
            parts.append(_tensor(value, place))
            place += 1
        else:
            parts.append(_number(value))
    return b"".join((*parts, pickle.SETITEMS, pickle.STOP))


def _tensor(tensor: TorchTensor, place: int) -> bytes:
    """`_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`."""
    kind, size = _STORAGES[tensor.dtype]
    strides = [math.prod(tensor.shape[axis + 1 :]) for axis in range(len(tensor.shape))]
    count = len(tensor.body) // size
    storage = (_text("storage"), _named("torch", kind), _text(str(place)), _text("cpu"), _number(count))
    rebuilt = (
        pickle.MARK + b"".join(storage) + pickle.TUPLE + pickle.BINPERSID,
        _number(0), _numbers(tensor.shape), _numbers(strides), pickle.NEWFALSE,
        _named("collections", "OrderedDict") + pickle.EMPTY_TUPLE + pickle.REDUCE,
    )  # fmt: skip
    return _named("torch._utils", "_rebuild_tensor_v2") + pickle.MARK + b"".join(rebuilt) + pickle.TUPLE + pickle.REDUCE


def _named(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    body = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(body)) + body


def _numbers(values: "tuple[int, ...] | list[int]") -> bytes:
    return pickle.MARK + b"".join(map(_number, values)) + pickle.TUPLE


def _number(value: float) -> bytes:
    if isinstance(value, float):
        return pickle.BINFLOAT + struct.pack(">d", value)
    body = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return pickle.LONG1 + bytes([len(body)]) + body
