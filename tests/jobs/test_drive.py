"""The loop of every job, without Ray."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import LakeError
from curate.storage.lake import Lake, NewFile, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from jobs.progress import Progress
from tests.jobs.toy import Length, job, sources


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", sources(["a/b", "c/bad", "d", "e/none", "f/flaky"]))
    return lake


def run(lake: Lake, a_job: Job, **policy: object) -> Progress:
    return run_job(a_job, Snapshot(lake, {}), Inline(), Policy(**policy), lambda _: None)  # type: ignore[arg-type]


def test_every_input_leaves_a_trace(lake: Lake) -> None:
    progress = run(lake, job(Length()))
    assert (progress.total, progress.done, progress.rows_out) == (5, 5, 4)
    assert progress.failures == {"not_media": 1, "unreachable": 1}
    rows = lake.scan("scores").sort("input_id", "ordinal").collect()
    assert rows["input_id"].to_list() == ["id-a/b"] * 2 + ["id-c/bad"] + ["id-d"] * 2 + ["id-e/none", "id-f/flaky"]
    assert rows["outputs"].to_list() == [2, 2, 0, 2, 2, 0, 0]
    assert rows["value"].to_list() == [3.0, 1.0, None, 1.0, 0.0, None, None]
    failures = rows.filter(pl.col("failure").is_not_null())["failure"].to_list()
    assert failures[0] == {"kind": "not_media", "detail": "c/bad is bad"}
    ledger = lake.scan("runs").collect()
    assert ledger["rows_in"].to_list() == [5]
    assert lake.scan("stages").collect()["stage"].to_list() == ["length"]


def test_long_work_goes_to_the_engine_in_waves(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.drive.WAVE", 2)
    waves: list[int] = []

    class Counted(Inline):
        def map(self, make: Any, units: list[Any], *more: Any) -> Iterator[Any]:
            waves.append(len(units))
            return super().map(make, units, *more)

    lake.append("sources", sources([f"{number:02d}" for number in range(15)]))
    progress = run_job(job(Length(), rows_per_unit=4), Snapshot(lake, {}), Counted(), Policy(), lambda _: None)
    assert waves == [2, 2, 1]
    assert progress.done == progress.total == 20
    assert lake.scan("scores").select(pl.col("input_id").n_unique()).collect().item() == 20


def test_transient_failures_are_tried_until_attempts_are_spent(lake: Lake) -> None:
    totals = [run(lake, job(Length()), attempts=3).total for _ in range(4)]
    assert totals == [5, 1, 1, 0]
    tried = lake.scan("scores").filter(pl.col("input_id") == "id-f/flaky").collect()
    assert sorted(tried["attempt"].to_list()) == [1, 2, 3]


def test_a_kind_of_failure_is_retried_on_demand(lake: Lake) -> None:
    run(lake, job(Length()), attempts=1)
    assert run(lake, job(Length()), attempts=1).total == 0
    assert run(lake, job(Length()), attempts=1, retry=frozenset({"not_media"})).total == 1


def test_a_changed_configuration_is_new_work_beside_the_old(lake: Lake) -> None:
    run(lake, job(Length()), attempts=1)
    assert run(lake, job(Length(factor=2.0)), attempts=1).total == 5
    assert run(lake, job(Length()), attempts=1).total == 0
    assert run(lake, job(Length(pause_s=0.0)), attempts=1).total == 0


def test_new_inputs_are_the_only_work(lake: Lake) -> None:
    run(lake, job(Length()), attempts=1)
    lake.append("sources", sources(["new"]))
    assert run(lake, job(Length()), attempts=1).total == 1


def test_an_input_waits_for_the_tables_it_needs(lake: Lake) -> None:
    first = job(Length())
    then = Job(
        Length(factor=3.0), "sources", "source_id", "scores", first.gather,
        reads={"scores": first.fingerprint}, needs=("scores",),
    )  # fmt: skip
    waiting = run(lake, then)
    assert (waiting.total, waiting.blocked) == (0, 5)
    run(lake, first, attempts=1)
    ready = run(lake, then)
    assert (ready.total, ready.blocked) == (3, 2)


def test_an_interrupt_keeps_what_is_done(lake: Lake) -> None:
    def watch(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(job(Length(), rows_per_unit=1), Snapshot(lake, {}), Inline(), Policy(attempts=1), watch)
    assert lake.scan("scores").select("input_id").unique().collect().height == 2
    assert lake.scan("runs").collect()["outcome"].to_list() == ["interrupted"]
    assert run(lake, job(Length()), attempts=1).total == 3


def test_a_second_driver_of_the_same_job_is_refused(lake: Lake) -> None:
    a_job = job(Length(), rows_per_unit=1)

    def watch(progress: Progress) -> None:
        if progress.done == 1 and not lake.scan("runs").collect().height:
            run(lake, a_job, attempts=1)

    with pytest.raises(LakeError, match="somebody else is running this job"):
        run_job(a_job, Snapshot(lake, {}), Inline(), Policy(attempts=1), watch)
    done = lake.scan("scores").filter(pl.col("ordinal") == 0).collect()
    assert done["input_id"].n_unique() == len(done) == 5


def test_a_tombstone_takes_a_source_out(lake: Lake) -> None:
    lake.append("sources", [replace(s, tombstone=True) for s in sources(["d"])])
    assert run(lake, job(Length())).total == 4


def test_an_unchanged_lake_is_not_asked_again(lake: Lake, tmp_path: Path) -> None:
    lake.append("sources", [replace(s, tombstone=True) for s in sources(["f/flaky"])])
    first = run(lake, job(Length()))
    files = list((tmp_path / "lake" / "scores").rglob("*.parquet"))
    kept = [file.read_bytes() for file in files]
    for file in files:
        file.write_bytes(b"not to be read")
    again = run(lake, job(Length()))
    assert (again.total, again.settled) == (0, first.done) == (0, 4)
    for file, body in zip(files, kept, strict=True):
        file.write_bytes(body)
    lake.append("sources", sources(["new"]))
    assert run(lake, job(Length())).total == 1


class Refusing(Lake):
    """A lake whose next commit is refused, or interrupted just after it went through."""

    def commit(self, name: str, files: Sequence[NewFile], app: str, version: int) -> None:
        if not (Path(self.uri) / "trouble").exists():
            return super().commit(name, files, app, version)
        (Path(self.uri) / "trouble").unlink()
        if self.options["trouble"] == "refused":
            raise LakeError("refused")
        super().commit(name, files, app, version)
        raise KeyboardInterrupt


@pytest.mark.parametrize(("trouble", "kept"), [("refused", 0), ("interrupted", 2)])
def test_a_commit_in_trouble_loses_nothing(tmp_path: Path, trouble: str, kept: int) -> None:
    lake = Refusing(str(tmp_path / "lake"), {"trouble": trouble})
    lake.create()
    lake.append("sources", sources(["a", "b"]))
    (tmp_path / "lake" / "trouble").touch()
    with pytest.raises(KeyboardInterrupt if trouble == "interrupted" else LakeError):
        run(lake, job(Length()))
    assert lake.scan("scores").collect()["input_id"].n_unique() == kept
    again = run(lake, job(Length()))
    assert again.total == 2 - kept
    rows = lake.scan("scores").collect()
    assert rows.select("input_id", "ordinal").n_unique() == len(rows) == 4
    assert run(lake, job(Length())).settled == 2


def test_blocked_and_failed_inputs_are_still_told_when_nothing_is_asked_again(lake: Lake) -> None:
    first = job(Length())
    then = replace(job(Length(factor=3.0)), reads={"scores": first.fingerprint}, needs=("scores",))
    for _ in range(3):
        run(lake, first)
    run(lake, then)
    for _ in range(2):
        assert (run(lake, first).standing, run(lake, then).blocked) == (2, 2)
    assert run(lake, first, attempts=4).total == 1


def test_an_input_given_twice_stops_the_job(lake: Lake) -> None:
    lake.append("sources", sources(["d"]))
    with pytest.raises(RuntimeError, match=r"gave \['id-d'\] too often"):
        run(lake, job(Length()))
    assert lake.scan("scores").collect().height == 0


def test_many_small_files_become_few_and_the_rows_stay(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.storage.join.MANY_FILES", 3)
    lake.append("sources", [replace(s, tombstone=True) for s in sources(["f/flaky"])])
    run(lake, job(Length(), 1))
    before = set(map(repr, lake.scan("scores").collect().rows()))
    assert len(lake.delta("scores").file_uris()) == 4
    lake.append("sources", sources(["new"]))
    run(lake, replace(job(Length(), 1), sorted_by="clip_id"))
    assert len(lake.delta("scores").file_uris()) == 1
    assert before < set(map(repr, lake.scan("scores").collect().rows()))
    assert run(lake, job(Length())).total == 0


def test_large_files_are_not_joined_for_being_many(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.storage.join.MANY_FILES", 3)
    monkeypatch.setattr("curate.storage.join.LARGE_BYTES", 1)
    run(lake, replace(job(Length(), 1), sorted_by="clip_id"), attempts=1)
    before = lake.delta("scores").file_uris()
    lake.append("sources", sources(["new"]))
    run(lake, replace(job(Length(), 1), sorted_by="clip_id"), attempts=1)
    assert set(before) < set(lake.delta("scores").file_uris())
