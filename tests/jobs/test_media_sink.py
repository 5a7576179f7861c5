"""The same bytes are stored once: within a unit, across units, and when another run brings them again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.stage import Heavy
from curate.storage.lake import open_lake
from jobs import road as module
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.road import fingerprints, road
from jobs.session import open_session
from jobs.show import JsonLines
from schemas.media import Media


def still(folder: Path, name: str, seed: int) -> None:
    folder.mkdir(exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (16, 16, 3), np.uint8)).save(folder / name)


def fetched(lake: str, *folders: Path) -> dict[str, tuple[str, int]]:
    """File -> shard and offset, after a run over these folders."""
    session = open_session(lake, Recipe(), "inline", JsonLines())
    session.add(map(str, folders))
    session.run(["fetch"])
    rows = list(session.lake.rows("media", Media))
    uris = dict(session.lake.scan("sources").select("source_id", "uri").collect().rows())
    assert all(row.blob for row in rows)
    return {uris[row.source_id].rpartition("/")[2]: (row.blob.shard, row.blob.offset) for row in rows if row.blob}


@pytest.mark.integration
def test_bytes_that_the_lake_has_are_not_stored_again(tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    still(tmp_path / "one", "a.png", 0)
    still(tmp_path / "one", "b.png", 0)
    first = fetched(lake, tmp_path / "one")
    assert first["a.png"] == first["b.png"]
    still(tmp_path / "two", "c.png", 0)
    still(tmp_path / "two", "d.png", 1)
    second = fetched(lake, tmp_path / "two")
    assert second["c.png"] == first["a.png"]
    assert second["d.png"] != first["a.png"]


def media(number: int) -> Heavy[Media]:
    body = bytes([number])
    row = Media(f"{number:064x}", str(number), 1, "png", None, True, (), None, None)
    return Heavy(replace(row), body)


def test_a_sink_knows_what_it_has_just_stored_though_nothing_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RECENT", 2)
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    jobs = road(Recipe())
    assert jobs[0].open_sink is not None
    sink = jobs[0].open_sink(Snapshot(lake, fingerprints(jobs)))
    one = sink(lake, "a", [media(0), media(1), media(2)])
    again = sink(lake, "b", [media(2), media(3)])
    assert again[0].blob == one[2].blob
    forgotten = sink(lake, "c", [media(0)])  # long ago and not committed: stored once more, and right
    assert forgotten[0].blob is not None
    assert lake.blobs.read(forgotten[0].blob.shard, forgotten[0].blob.offset, 1) == b"\0"
