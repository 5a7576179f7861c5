"""The bytes of a tensor in its shard: raw, C order, little endian.

int8 has a scale for each channel: first the scales (float32), then the values; value * scale is what was encoded.
bfloat16 is the upper half of a float32, rounded to even. `curate/reader/tensors.py` reads what is written here.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from curate.encode.contract import DType

Values = NDArray[np.float32]

ITEM_BYTES: Mapping[DType, int] = MappingProxyType({"float16": 2, "bfloat16": 2, "float32": 4, "int8": 1, "int16": 2})
SCALE_BYTES = 4
LARGEST_INT8 = 127


def stored(values: Values, dtype: DType) -> bytes:
    """values: [C, ...], finite."""
    match dtype:
        case "float16":
            return values.astype("<f2").tobytes()
        case "float32":
            return values.astype("<f4").tobytes()
        case "int16":
            return np.rint(values).astype("<i2").tobytes()
        case "bfloat16":
            bits = np.ascontiguousarray(values, "<f4").view("<u4")
            rounded: NDArray[np.uint32] = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
            return rounded.astype("<u2").tobytes()
        case "int8":
            largest = np.abs(values).reshape(len(values), -1).max(1)
            scales = np.asarray(np.where(largest > 0, largest / LARGEST_INT8, 1), "<f4")
            whole: NDArray[np.float32] = np.rint(values / _beside(scales, values))
            return scales.tobytes() + whole.astype("|i1").tobytes()


def restored(body: bytes, dtype: DType, shape: tuple[int, ...]) -> Values:
    """What a trainer gets back, [C, ...]."""
    match dtype:
        case "float16":
            return np.frombuffer(body, "<f2").reshape(shape).astype(np.float32)
        case "float32":
            return np.frombuffer(body, "<f4").reshape(shape).astype(np.float32)
        case "int16":
            return np.frombuffer(body, "<i2").reshape(shape).astype(np.float32)
        case "bfloat16":
            return (np.frombuffer(body, "<u2").astype("<u4") << 16).view("<f4").reshape(shape).astype(np.float32)
        case "int8":
            scales = np.frombuffer(body, "<f4", shape[0])
            values = np.frombuffer(body, "|i1", offset=SCALE_BYTES * shape[0]).reshape(shape)
            return np.asarray(values * _beside(scales, values), np.float32)


def _beside(scales: NDArray[np.float32], values: NDArray[np.generic]) -> NDArray[np.float32]:
    """[C, 1, ...], as many axes as the values have."""
    return scales.reshape(-1, *([1] * (values.ndim - 1)))


def snr_db(values: Values, back: Values) -> float:
    """Signal to noise of what was stored, in dB; high: little was lost; 100 and above is given as 100."""
    noise = float(np.square(values - back, dtype=np.float64).sum())
    signal = float(np.square(values, dtype=np.float64).sum())
    return 100.0 if noise <= signal * 1e-10 else float(10 * np.log10(signal / noise))
