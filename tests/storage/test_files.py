"""The files of a table: which may hold a key, and how some give way to others."""

from pathlib import Path

import pytest

from curate.storage.files import Conflict, TableFile, files, read, replace, retired
from curate.storage.lake import Lake, open_lake
from tests.storage.test_lake import file_of

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.commit("scores", [file_of(lake, [f"{A}/1", f"{B}/1"])], "job", 1)
    return lake


@pytest.mark.parametrize(
    ("low", "high", "held"),
    [
        (f"{A}/1", f"{A}/2", [A]),
        (f"{A}/1", f"{C}/0", [A, B, C]),
        (B, B, [B]),
        ("a" * 32, "c" * 31 + "d", [A, B, C]),  # as Delta shortens them
        ("d", "e", []),
    ],
)
def test_a_file_is_passed_over_only_if_its_range_has_no_key_of_a_media(low: str, high: str, held: list[str]) -> None:
    file = TableFile("p", 1, 1, None, {"clip_id": (low, high)})
    assert [media for media in (A, B, C) if file.may_hold("clip_id", [media])] == held
    assert file.may_hold("media_id", [A])  # of a column without a range nothing is known


def test_files_give_way_to_others_in_one_commit(lake: Lake) -> None:
    dt = lake.delta("scores")
    (old,) = files(dt)
    assert (old.rows, old.fingerprint, old.ranges["input_id"]) == (2, "f0", (f"{A}/1", f"{B}/1"))
    assert read(lake, "scores", old).column("input_id").to_pylist() == [f"{A}/1", f"{B}/1"]
    replace(lake, "scores", dt, [old], [file_of(lake, [f"{C}/1"])], ["job"])
    assert lake.scan("scores").collect()["clip_id"].to_list() == [f"{C}/1"]
    assert lake.transaction("scores", "job") == 2
    assert retired(lake.delta("scores"), 0) == {old.path}
    assert retired(lake.delta("scores"), 24) == set()


def test_a_version_that_somebody_has_changed_is_not_written_over(lake: Lake) -> None:
    early = lake.delta("scores")
    replace(lake, "scores", lake.delta("scores"), files(early), [], [])
    with pytest.raises(Conflict, match="somebody else"):
        replace(lake, "scores", early, files(early), [], [])


def test_a_job_that_has_committed_meanwhile_is_a_conflict(lake: Lake) -> None:
    early = lake.delta("scores")
    lake.commit("scores", [file_of(lake, [f"{C}/1"])], "job", 2)
    with pytest.raises(Conflict):
        replace(lake, "scores", early, [], [], ["job"])


def test_the_log_holds_nothing_but_ids(lake: Lake, tmp_path: Path) -> None:
    from tests.jobs.toy import sources

    lake.append("sources", sources(["a-telling-uri"]))
    lake.delta("sources").delete("source_id = 'nobody'")
    log = b"".join(file.read_bytes() for file in (tmp_path / "lake/sources/_delta_log").iterdir())
    assert b"id-a-telling" in log
    assert b'"a-telling' not in log
