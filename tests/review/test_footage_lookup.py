"""Rows of proxies are found by reading little, however many there are."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.review.footage_lake import FilmStore
from curate.storage.join import join_files
from curate.storage.lake import BULKY_GROUP, open_lake
from schemas.media import Blob
from schemas.proxy import Proxy
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace


def rows(first: int, count: int) -> pa.Table:
    """Proxies with thumbnails that do not shrink, and their traces, as a worker writes them."""
    made = [
        Proxy(
            hashlib.sha256(b"%d" % n).hexdigest() + "/0-9", 0, 9, 2, 2, 1, 25, 1, True, False, 100, b"",
            hashlib.shake_256(b"%d" % n).digest(2000), 1, "0" * 64, Blob("proxies/shards/x.tar", n, 9, "0" * 16),
        )
        for n in range(first, first + count)
    ]  # fmt: skip
    traces = to_table(Trace, [Trace(f"caption {one.clip_id}", 0, 1, None, 1, "f", "run", 0) for one in made])
    names = [field.name for field in TABLES["proxies"].schema if field.name != "fingerprint"]
    return pa.table([*to_table(Proxy, made).columns, *traces.drop_columns(["fingerprint"]).columns], names=names)


def test_files_that_were_joined_have_small_groups_and_each_row_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.storage.join.MANY_FILES", 3)
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.commit("proxies", [lake.write("proxies", "f", rows(n * 300, 300)) for n in range(4)], "proxy-f", 1)
    join_files(lake, "proxies", "f", "clip_id")
    (path,) = lake.delta("proxies").file_uris()
    meta = pq.ParquetFile(path.removeprefix("file://")).metadata
    assert meta.num_rows == 1200
    assert all(meta.row_group(n).num_rows <= BULKY_GROUP for n in range(meta.num_row_groups))
    store = FilmStore(lake)
    for n in (0, 299, 600, 1199):
        found = store.row(hashlib.sha256(b"%d" % n).hexdigest() + "/0-9")
        assert found is not None
        assert found.blob == Blob("proxies/shards/x.tar", n, 9, "0" * 16)
