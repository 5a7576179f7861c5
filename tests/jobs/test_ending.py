"""An end that is asked for comes, wherever it was when it was asked for."""

import gc
import os
import signal
import weakref
from pathlib import Path

import pytest
from rich.console import Console

from curate.storage.lake import open_lake
from jobs.drive import Policy, run_job
from jobs.ending import raise_if_ended, terminable
from jobs.engines import Inline
from jobs.follow import Logs, Pace, follow
from jobs.job import Snapshot
from jobs.progress import Progress
from jobs.recipe import build
from jobs.session import open_session
from jobs.show import JsonLines
from jobs.status import Standing
from jobs.watching import Standings, watch
from tests.jobs.toy import Length, job, sources

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Gone:
    """Something that others hold only a weak reference to."""


def ask_where_nobody_hears(number: int = signal.SIGTERM) -> None:
    """Send a signal to this process while the callback of a weak reference runs: what it raises is only printed."""
    gone = Gone()
    kept = weakref.ref(gone, lambda _: os.kill(os.getpid(), number))
    del gone
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_that_nobody_heard_is_kept_until_it_is_asked_for(number: int) -> None:
    with terminable():
        raise_if_ended()
        ask_where_nobody_hears(number)
        with pytest.raises(KeyboardInterrupt):
            raise_if_ended()
    raise_if_ended()  # that was the end of that run


def test_the_handlers_of_before_are_there_again() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with terminable():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_who_follows_ends_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_session(str(tmp_path / "lake"), build({}, []), "inline", JsonLines())
    look = Logs.versions

    def looks(logs: Logs) -> dict[str, int]:
        ask_where_nobody_hears()
        return look(logs)

    monkeypatch.setattr(Logs, "versions", looks)
    follow(opened, ["fetch"], Pace(0.02))  # without an idle time: it would go on for ever
    assert not opened.progress


def test_who_watches_ends_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_session(str(tmp_path / "lake"), build({}, []), "inline", JsonLines())

    def looks(_: Standings) -> list[Standing]:
        ask_where_nobody_hears(signal.SIGINT)
        return []

    monkeypatch.setattr(Standings, "look", looks)
    watch(opened.snapshot, opened.recipe, 0.02, Console(), as_json=True)


def test_a_job_ends_by_it_and_keeps_what_is_done(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", sources(["a", "b", "c"]))

    def watch(progress: Progress) -> None:
        if progress.done == 2:
            ask_where_nobody_hears()

    with terminable(), pytest.raises(KeyboardInterrupt):
        run_job(job(Length(), rows_per_unit=1), Snapshot(lake, {}), Inline(), Policy(), watch)
    assert lake.scan("scores").collect()["input_id"].n_unique() == 2
    assert lake.scan("runs").collect()["outcome"].to_list() == ["interrupted"]
