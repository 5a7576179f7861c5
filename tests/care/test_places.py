"""Where rows say that bytes lie."""

from dataclasses import replace
from pathlib import Path

import pytest

from curate.care.places import SHARDED, places, shards
from schemas.media import Blob, Media, Sidecar
from tests.care.world import make_lake, put, source_of


@pytest.mark.parametrize("table", SHARDED)
def test_the_shards_of_a_table_are_those_of_its_places(table: str, tmp_path: Path) -> None:
    lake = make_lake(str(tmp_path / "lake"))
    assert shards(lake, table) == set(places(lake, table).collect()["shard"]) != set()


def test_a_shard_of_which_only_a_sidecar_is_used_is_used(tmp_path: Path) -> None:
    lake = make_lake(str(tmp_path / "lake"))
    row: Media = next(lake.rows("media", Media))
    beside = Sidecar("en", automatic=False, blob=Blob("media/shards/beside.tar", 512, 9, "0" * 16))
    put(lake, "media", {source_of("later"): [replace(row, source_id=source_of("later"), sidecars=(beside,))]})
    assert "media/shards/beside.tar" in shards(lake, "media")
