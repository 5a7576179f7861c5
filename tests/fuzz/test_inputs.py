"""Whatever comes from outside is read, or refused by a sentence."""

from pathlib import Path

import pytest

from tests.fuzz.inputs import INPUTS, read

COUNTS = {"recipe as data": 60, "manifest parquet": 60}


@pytest.mark.parametrize("name", INPUTS)
def test_bad_input_is_read_or_refused(name: str, tmp_path: Path) -> None:
    refused = [read(name, seed, tmp_path) for seed in range(COUNTS.get(name, 100))]
    assert any(refused) or name == "URIs"
