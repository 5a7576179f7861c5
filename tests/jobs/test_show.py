"""How a run is shown where nobody watches it live."""

import io
import time

from rich.console import Console

from jobs import show
from jobs.progress import Progress
from jobs.show import LiveTable


def logged(*seen: Progress) -> list[str]:
    """What a log gets of these, without the table at the end."""
    console = Console(file=io.StringIO(), width=40)
    watching = LiveTable(console)
    for progress in seen:
        watching.watch(progress)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_log_gets_a_line_when_a_job_ends_and_none_of_jobs_without_work() -> None:
    fetch = Progress("fetch", total=3, done=3, rows_out=2, started_s=10.0, ended_s=14.5)
    fetch.failures["gone"] = 1
    idle = Progress("scan", started_s=14.5, ended_s=14.6)
    assert logged(fetch, idle) == ["fetch: 3/3, 2 rows, 4.5 s, done; 1 gone"]


def test_lengths_and_paces_are_told_however_small_or_large() -> None:
    assert [show.hours(count) for count in (0.002, 1.5, 12_500)] == ["7.2 s", "1 h 30 min", "12,500 h"]
    assert [show.rate(hz) for hz in (0.0031, 0.25, 4.0, 812.4)] == ["0.0031", "0.25", "4.0", "812.4"]


def test_a_log_gets_a_line_when_units_begin() -> None:
    scan = Progress("scan", total=8)
    console = Console(file=(log := io.StringIO()), width=99)
    watching = LiveTable(console)
    watching.last_s = time.monotonic() - show.LOG_EVERY_S - 1  # long after the line of another job
    watching.watch(scan)
    scan.give(4, workers=2)
    watching.watch(scan)
    assert log.getvalue() == "scan: begins, 8 inputs for 2 worker(s)\n"


def test_a_log_gets_a_line_of_a_long_job_now_and_then() -> None:
    progress = Progress("scan", total=8, done=2, rows_out=2)
    assert logged(progress) == []
    watching = LiveTable(Console(file=(log := io.StringIO()), width=99))
    watching.last_s = time.monotonic() - show.LOG_EVERY_S - 1
    watching.watch(progress)
    watching.watch(progress)
    assert log.getvalue().count("scan: 2/8") == 1
    progress.done, watching.last_s = 8, time.monotonic() - show.LOG_EVERY_S - 1
    watching.watch(progress)  # its last commit: the line of its end comes at once
    assert "8/8" not in log.getvalue()


def test_the_clock_of_the_live_table_runs_while_nothing_comes() -> None:
    console = Console(file=io.StringIO(), width=99, force_terminal=True)
    watching = LiveTable(console)
    progress = Progress("read", total=8, started_s=time.monotonic() - 60)
    assert watching.live
    watching.watch(progress)
    progress.started_s -= 60
    with console.capture() as shown:
        console.print(watching.live.get_renderable())
    assert "2 min 00 s" in shown.get()
