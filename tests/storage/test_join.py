"""Small files joined to few: rows stay, large files are left alone, and what others do meanwhile is not undone."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate.storage import join
from curate.storage.files import added, files, replace
from curate.storage.join import join_files
from curate.storage.lake import Lake, open_lake
from tests.storage.test_lake import file_of


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setattr(join, "MANY_FILES", 3)
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    return lake


def commit(lake: Lake, *ids: list[str], fingerprint: str = "f0") -> None:
    version = lake.transaction("scores", fingerprint) + 1
    lake.commit("scores", [file_of(lake, mine, fingerprint) for mine in ids], fingerprint, version)


def clips(lake: Lake) -> list[str]:
    return sorted(lake.scan("scores", "f0").collect()["clip_id"])


def paths(lake: Lake) -> set[str]:
    return {file.path for file in files(lake.delta("scores"))}


def test_few_small_files_stay(lake: Lake) -> None:
    commit(lake, ["a"], ["b"])
    before = paths(lake)
    join_files(lake, "scores", "f0", "clip_id")
    assert paths(lake) == before


def test_joined_rows_are_sorted_and_those_of_another_fingerprint_stay(lake: Lake, tmp_path: Path) -> None:
    commit(lake, ["c", "a"], ["d"], ["b"])
    commit(lake, ["z"], fingerprint="f1")
    (other,) = (file.path for file in files(lake.delta("scores")) if file.fingerprint == "f1")
    join_files(lake, "scores", "f0", "clip_id")
    (mine,) = paths(lake) - {other}
    assert pq.read_table(tmp_path / "lake/scores" / mine)["clip_id"].to_pylist() == ["a", "b", "c", "d"]
    assert other in paths(lake)
    assert lake.transaction("scores", "f0") == 1  # what a job computes meanwhile may be committed


def test_what_was_joined_to_a_large_file_is_not_read_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "LARGE_ROWS", 6)
    commit(lake, ["a", "b"], ["c", "d"], ["e", "f"])
    join_files(lake, "scores", "f0", "clip_id")
    (large,) = paths(lake)
    commit(lake, ["g"], ["h"], ["i"])
    read = []
    monkeypatch.setattr(join, "read", lambda *given, was=join.read: read.append(given[2].path) or was(*given))
    join_files(lake, "scores", "f0", "clip_id")
    assert large in paths(lake)
    assert len(paths(lake)) == 2
    assert large not in read
    assert len(read) == 3
    assert clips(lake) == list("abcdefghi")


def test_a_joined_file_is_bounded_and_covers_a_range_of_its_own(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "JOINED_ROWS", 4)
    commit(lake, ["g", "h"], ["a", "b"], ["e", "f"], ["c", "d"], ["i"])
    join_files(lake, "scores", "f0", "clip_id")
    ranges = sorted(file.ranges["clip_id"] for file in files(lake.delta("scores")))
    assert ranges == [("a", "d"), ("e", "h"), ("i", "i")]


def test_rows_that_are_taken_away_meanwhile_do_not_come_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(lake, ["a"], ["b"], ["c"])

    def interrupted(*given: object, was: object = join.replace, **more: object) -> None:
        doomed = [file for file in files(lake.delta("scores")) if file.ranges["clip_id"] == ("b", "b")]
        replace(lake, "scores", lake.delta("scores"), doomed, [], [])
        was(*given, **more)  # type: ignore[operator]

    monkeypatch.setattr(join, "replace", interrupted)
    join_files(lake, "scores", "f0", "clip_id")
    assert clips(lake) == ["a", "c"]


def test_rows_that_come_meanwhile_stay(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(lake, ["a"], ["b"], ["c"])

    def interrupted(*given: object, was: object = join.replace, **more: object) -> None:
        commit(lake, ["d"])
        was(*given, **more)  # type: ignore[operator]

    monkeypatch.setattr(join, "replace", interrupted)
    join_files(lake, "scores", "f0", "clip_id")
    assert clips(lake) == ["a", "b", "c", "d"]
    assert len(paths(lake)) == 2


def test_joining_is_no_news_to_who_asks_what_was_added(lake: Lake) -> None:
    commit(lake, ["a"], ["b"], ["c"])
    before = lake.delta("scores").version()
    join_files(lake, "scores", "f0", "clip_id")
    assert lake.delta("scores").version() == before + 1
    assert added(lake, "scores", "f0", before) == []
