import dataclasses
from typing import Any

import pytest

from curate.encode.bucket import Bucket
from curate.encode.contract import Contract, EncoderSpec, Normalisation, content_key
from curate.media.picture import Box

SPEC = EncoderSpec(
    id="wan-2.1", version=1, weights_hash="aa", channels=16, time_stride=4, space_stride=8, frame_rule="1+4n",
    causal=True, compute="float32", dtype="float16", tiling=None, normalisation=Normalisation(True, (0.0,), (1.0,)),
    posterior="mean",
)  # fmt: skip
CONTRACT = Contract(SPEC, "from the start", 24.0, "RGB", Bucket(17, 256, 448), Box(0, 0, 640, 360))


def others(value: Any) -> list[Any]:
    """The same value with one thing in it changed: each field in turn."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            dataclasses.replace(value, **{field.name: other})
            for field in dataclasses.fields(value)
            for other in others(getattr(value, field.name))
        ]
    if isinstance(value, bool) or value is None:
        return [not value]
    return [value + type(value)([1.5])] if isinstance(value, tuple) else [value + type(value)(1)]


def key(contract: Contract, media_id: str = "m", start_us: int = 0, end_us: int = 1) -> str:
    return content_key(media_id, start_us, end_us, contract.json())


def test_whatever_changes_in_a_contract_is_another_key() -> None:
    changed = others(CONTRACT)
    assert len(changed) == 13 + 2 + 3 + 3 + 4, "encoder, its constants, span to input, bucket, crop"
    keys = {key(contract) for contract in changed}
    assert len(keys) == len(changed)
    assert key(CONTRACT) not in keys


@pytest.mark.parametrize("other", [{"media_id": "n"}, {"start_us": 2}, {"end_us": 2}])
def test_other_bytes_or_another_span_is_another_key(other: dict[str, Any]) -> None:
    assert key(CONTRACT, **other) != key(CONTRACT)


def test_the_frame_step_is_in_the_frame_rule() -> None:
    steps = [dataclasses.replace(SPEC, frame_rule=rule).frame_step for rule in ("1+4n", "1+12n", "1", "160n")]
    assert steps == [4, 12, 0, 0]
