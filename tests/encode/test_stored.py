import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.checksum import checksum
from curate.encode.contract import DType
from curate.encode.stored import ITEM_BYTES, restored, snr_db, stored
from curate.reader.samples import Tensor
from curate.reader.tensors import Source, Wanted, delivered
from curate.storage.blobs import Blobs

SHAPE = (16, 3, 4, 5)


def normal(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("dtype", "least_db"), [("float32", 100), ("float16", 70), ("bfloat16", 50), ("int8", 38)]
)  # fmt: skip
def test_what_is_lost_is_what_the_type_loses(dtype: DType, least_db: float) -> None:
    values = normal()
    body = stored(values, dtype)
    assert len(body) == values.size * ITEM_BYTES[dtype] + (64 if dtype == "int8" else 0)
    loss = snr_db(values, restored(body, dtype, SHAPE))
    assert least_db <= loss <= least_db + 15


def test_each_channel_has_its_own_int8_scale_and_silence_stays_silent() -> None:
    values = normal() * np.logspace(-3, 3, 16, dtype=np.float32).reshape(-1, 1, 1, 1)
    values[7] = 0
    back = restored(stored(values, "int8"), "int8", SHAPE)
    assert not back[7].any()
    for channel in (0, 8, 15):
        assert snr_db(values[channel], back[channel]) > 35
    assert np.abs(back).reshape(16, -1).max(1) == pytest.approx(np.abs(values).reshape(16, -1).max(1), rel=1e-5)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**127), max_value=2.0**127))
def test_bfloat16_is_the_nearest_one(value: float) -> None:
    (back,) = restored(stored(np.array([value], np.float32), "bfloat16"), "bfloat16", (1,))
    assert abs(float(back) - value) <= abs(value) * 2**-8 + 1e-38


def test_codes_come_back_as_they_are() -> None:
    codes = np.arange(9 * 114, dtype=np.float32).reshape(9, 114)
    assert np.array_equal(restored(stored(codes, "int16"), "int16", (9, 114)), codes)


@pytest.mark.parametrize("dtype", list(ITEM_BYTES))
def test_the_reader_gives_what_was_stored(dtype: DType, tmp_path: Path) -> None:
    values = normal() * 100
    body = stored(values, dtype)
    (tmp_path / "s").write_bytes(b"before" + body + b"after")
    names = checksum(body), hashlib.sha256(body).hexdigest()
    tensor = Tensor("s", 6, len(body), *names, dtype, SHAPE, 0, 1, np.array([0]))
    given = np.empty(SHAPE, delivered(dtype))
    Source(Blobs(str(tmp_path)), None, True).fill([Wanted(tensor, given)], 0, None)
    assert np.array_equal(given, restored(body, dtype, SHAPE))
