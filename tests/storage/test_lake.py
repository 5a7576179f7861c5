"""Tables of a lake: made once, committed exactly once, read by key."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from curate.errors import LakeError
from curate.storage.lake import Lake, NewFile, open_lake
from schemas.clip import Score
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    return lake


def file_of(lake: Lake, ids: list[str], fingerprint: str = "f0") -> NewFile:
    body = to_table(Score, [Score(i, "m", 1.0, None) for i in ids])
    traces = to_table(Trace, [Trace(i, 0, 1, None, 1, fingerprint, "run", 0) for i in ids]).drop_columns(
        ["fingerprint"]
    )
    table = pa.table([*body.columns, *traces.columns], names=[*body.schema.names, *traces.schema.names])
    return lake.write("scores", fingerprint, table)


def test_all_tables_exist_with_their_columns(lake: Lake) -> None:
    for name, table in TABLES.items():
        assert set(lake.scan(name).collect_schema().names()) == set(table.schema.names)
    lake.create()  # again: nothing happens


def test_a_commit_counts_once(lake: Lake) -> None:
    lake.commit("scores", [file_of(lake, ["b", "a"])], "job", 1)
    with pytest.raises(LakeError, match="somebody else"):
        lake.commit("scores", [file_of(lake, ["c"])], "job", 1)
    assert lake.scan("scores").collect()["clip_id"].to_list() == ["a", "b"]
    assert lake.transaction("scores", "job") == 1


def test_a_written_file_is_invisible_until_committed(lake: Lake) -> None:
    file_of(lake, ["a"])
    assert lake.scan("scores").collect().height == 0


def test_rows_by_key_open_only_the_files_that_can_match(lake: Lake, tmp_path: Path) -> None:
    near, far, other = file_of(lake, ["a", "b"]), file_of(lake, ["x", "y"]), file_of(lake, ["a"], "f1")
    lake.commit("scores", [near, far, other], "job", 1)
    for file in (far, other):
        (tmp_path / "lake" / "scores" / file.path).write_bytes(b"broken")
    where = (pl.col("fingerprint") == "f0") & pl.col("clip_id").is_in(["b", "c"])
    assert [row.clip_id for row in lake.rows("scores", Score, where)] == ["b"]


def test_a_folder_that_is_no_lake_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="retold run"):
        open_lake(str(tmp_path), {}).scan("clips")


def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(LakeError, match="gs://"):
        open_lake("gs://bucket/x", {})


def test_a_table_of_another_version_is_refused_by_its_columns(tmp_path: Path) -> None:
    old = pa.table({"clip_id": ["a"], "lines": ["b"]})
    write_deltalake(tmp_path / "scores", old)
    lake = open_lake(str(tmp_path), {})
    for use in (lambda: lake.checked("scores"), lake.create):
        with pytest.raises(LakeError, match=r"scores was made by another version of retold: .*'lines'"):
            use()


def test_rows_of_the_wrong_shape_are_refused(lake: Lake) -> None:
    with pytest.raises(TypeError, match="scores"):
        lake.write("scores", "f0", pa.table({"clip_id": ["a"]}))
