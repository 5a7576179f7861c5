"""What is pending after inputs were added is looked for among these alone, and is the same as all would give."""

from pathlib import Path

import pyarrow as pa
import pytest

from curate.storage.files import files, read, replace
from curate.storage.join import join_files
from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.grown import grown
from jobs.job import Job, Snapshot, counter
from jobs.pending import Pending, pending
from jobs.progress import Progress
from tests.jobs import toy
from tests.jobs.toy import Length, sources

FIRST = toy.job(Length())
THEN = Job(Length(factor=2.0), "scores", "clip_id", "ratings", toy.gather, reads={"scores": FIRST.fingerprint})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three sources of which both jobs have done all."""
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    add(lake, "a", "b", "c")
    run(lake, THEN)
    return lake


def add(lake: Lake, *uris: str) -> None:
    lake.append("sources", sources(uris))
    run(lake, FIRST)


def run(lake: Lake, job: Job) -> Progress:
    return run_job(job, Snapshot(lake, {}), Inline(), Policy(attempts=2), lambda _: None)


def looked(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Pending:
    """What is pending; the same as a look at everything finds."""
    found = pending(lake, THEN, 2)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.pending.grown", lambda *_: None)
        whole = pending(lake, THEN, 2)
    assert found.todo.equals(whole.todo)
    assert (found.settled, found.blocked, found.standing) == (whole.settled, whole.blocked, whole.standing)
    return found


def test_only_what_has_come_is_looked_at(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add(lake, "d", "e")
    new = grown(lake, THEN, 2)
    assert new is not None
    assert sorted(new.ids["id"]) == ["id-d", "id-e"]
    assert looked(lake, monkeypatch).todo["id"].to_list() == ["id-d", "id-e"]
    assert run(lake, THEN).settled == 3
    assert run(lake, THEN).settled == 5


def test_an_input_that_comes_again_is_not_pending(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.commit("scores", [lake.write("scores", FIRST.fingerprint, _stored(lake))], "again", 1)
    new = grown(lake, THEN, 2)
    assert new is not None
    assert len(new.ids) == 1
    assert looked(lake, monkeypatch).todo.is_empty()


def test_what_another_recipe_writes_is_nothing_new(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    run(lake, toy.job(Length(factor=7.0)))
    new = grown(lake, THEN, 2)
    assert new is not None
    assert new.ids.is_empty()
    assert looked(lake, monkeypatch).settled == 3


def test_rows_that_were_forgotten_are_made_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    dt = lake.delta("ratings")
    replace(lake, "ratings", dt, files(dt), [], [counter(THEN.name, THEN.fingerprint)])
    assert grown(lake, THEN, 2) is None
    assert len(looked(lake, monkeypatch).todo) == 3


def test_files_that_were_joined_are_looked_at_as_a_whole(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add(lake, "d")
    monkeypatch.setattr("curate.storage.join.MANY_FILES", 2)
    join_files(lake, "scores", FIRST.fingerprint, "clip_id")
    assert grown(lake, THEN, 2) is None
    assert looked(lake, monkeypatch).todo["id"].to_list() == ["id-d"]


def test_inputs_that_waited_are_looked_at_again(lake: Lake) -> None:
    waits = Job(
        Length(factor=3.0), "scores", "clip_id", "ratings", toy.gather,
        reads={"scores": FIRST.fingerprint, "ratings": THEN.fingerprint}, needs=("ratings",),
    )  # fmt: skip
    add(lake, "d")
    assert (run(lake, waits).done, run(lake, waits).blocked) == (3, 1)
    run(lake, THEN)
    assert grown(lake, waits, 2) is None
    assert run(lake, waits).done == 1


def _stored(lake: Lake) -> pa.Table:
    """The rows of one unit of the first job, as a file takes them."""
    return read(lake, "scores", files(lake.delta("scores"))[0])
