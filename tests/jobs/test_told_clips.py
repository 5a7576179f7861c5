"""What goes into the stage of proxies: bytes once for a clip, and only where somebody may look."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from jobs.gather import told_clips
from jobs.job import Snapshot
from schemas.caption import Status, Verdict
from schemas.clip import clip_id
from tests.care.world import BODIES, STAGES, make_lake, media_of, put

BARE = clip_id(media_of("four"), 0, 9)
CAPTIONS = ["another", *(f"caption-{clip_id(media_of(name), 0, 9)}" for name in BODIES if name != "one")]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Verdicts of three clips; that of `four` alone has no proxy, and a second caption, which is flagged."""
    lake = make_lake(str(tmp_path / "lake"))
    (first,) = lake.rows("verdicts", Verdict, pl.col("clip_id") == BARE)
    put(lake, "verdicts", {"another": [replace(first, caption_id="another", status="flagged")]})
    return Snapshot(lake, {table: f"f-{table}" for table in STAGES})


def always(status: Status, clip_id: str) -> bool:
    return True


def never(status: Status, clip_id: str) -> bool:
    return False


def flagged(status: Status, clip_id: str) -> bool:
    return status == "flagged"


def passed(status: Status, clip_id: str) -> bool:
    return status == "pass"


@pytest.mark.parametrize(
    ("wants", "brings"), [(always, "another"), (flagged, "another"), (passed, f"caption-{BARE}")]
)  # fmt: skip
def test_every_verdict_is_answered_and_one_brings_the_bytes_of_a_clip(
    wants: object, brings: str, snapshot: Snapshot
) -> None:
    told = list(told_clips(snapshot, CAPTIONS, wants))  # type: ignore[arg-type]
    assert sorted(one.id for one in told) == sorted(CAPTIONS)
    (one,) = (one for one in told if one.file is not None)
    assert (one.id, one.clip.clip_id) == (brings, BARE)
    assert one.file is not None
    with Path(one.file.path).open("rb") as file:
        file.seek(one.file.offset)
        assert file.read(one.file.size) == BODIES["four"]


def test_where_nobody_looks_no_byte_is_read(snapshot: Snapshot) -> None:
    for shard in Path(snapshot.lake.uri, "media", "shards").iterdir():
        shard.unlink()
    told = list(told_clips(snapshot, CAPTIONS, never))
    assert sorted(one.id for one in told) == sorted(CAPTIONS)
    assert all(one.file is None for one in told)
