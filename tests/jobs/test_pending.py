"""What is pending of many inputs is looked for span by span, and is what it is of all together."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from curate.storage.lake import Lake, open_lake
from jobs import pending as module
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from jobs.pending import Pending, pending, spans
from tests.jobs import toy
from tests.jobs.toy import Length

KINDS = ("good", "bad", "flaky", "none")


def add(lake: Lake, numbers: range) -> None:
    made = toy.sources([f"{KINDS[number % 4]}/{number}" for number in numbers])
    lake.append("sources", [replace(one, source_id=hashlib.sha256(one.uri.encode()).hexdigest()) for one in made])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Forty sources are done, twenty more are there."""
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    add(lake, range(40))
    run_job(toy.job(Length()), Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    add(lake, range(40, 60))
    return lake


def both(
    lake: Lake, job: Job, monkeypatch: pytest.MonkeyPatch, retry: frozenset[str] = frozenset()
) -> tuple[Pending, Pending]:
    """What is pending, looked for at once and span by span."""
    whole = pending(lake, job, 3, retry)
    with monkeypatch.context() as few:
        few.setattr(module, "SPAN_ROWS", 7)
        assert len(spans(lake, job)) > 3
        return whole, pending(lake, job, 3, retry)


def test_inputs_in_spans_are_those_of_a_lake(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = both(lake, toy.job(Length()), monkeypatch)
    assert len(whole.todo) == 30  # ten have failed for a transient reason
    assert (whole.settled, whole.standing) == (30, 10)
    assert parts.todo.equals(whole.todo)
    assert replace(parts, todo=whole.todo) == whole


def test_failures_to_retry_are_in_their_spans(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = both(lake, toy.job(Length()), monkeypatch, retry=frozenset({"not_media"}))
    assert len(whole.todo) == 40
    assert parts.todo.equals(whole.todo)


def test_what_waits_for_another_table_does_so_in_each_span(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = toy.job(Length())
    then = Job(
        Length(factor=2.0), "sources", "source_id", "ratings", toy.gather,
        reads={"scores": first.fingerprint}, needs=("scores",),
    )  # fmt: skip
    whole, parts = both(lake, then, monkeypatch)
    assert (len(whole.todo), whole.blocked) == (20, 40)
    assert parts.todo.equals(whole.todo)
    assert replace(parts, todo=whole.todo) == whole


def test_every_id_is_of_one_span(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPAN_ROWS", 7)
    found = spans(lake, toy.job(Length()))
    assert (found[0].first, found[-1].end) == (None, None)
    assert [one.end for one in found[:-1]] == [one.first for one in found[1:]]
