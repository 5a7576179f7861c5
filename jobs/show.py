"""How a run is shown: a live table on a terminal, a line for each job elsewhere, JSON lines on demand."""

import json
import sys
import time
from contextlib import ExitStack
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table

from jobs.progress import Progress

LOG_EVERY_S = 60.0


class Show(Protocol):
    """Watches the jobs of one run."""

    def __enter__(self) -> "Show": ...

    def __exit__(self, *error: Any) -> None: ...

    def watch(self, progress: Progress) -> None: ...


def eta_s(progress: Progress) -> float | None:
    """Seconds still to go at the rate so far; None before the first row and after the last."""
    if not progress.done or progress.done >= progress.total:
        return None
    return progress.elapsed_s / progress.done * (progress.total - progress.done)


def span(seconds: float | None) -> str:
    """A duration for a person: 4.2 s, 3 min 05 s, 2 h 10 min."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def hours(count: float) -> str:
    """The same of hours, of which there may be many: 1,250 h."""
    return span(count * 3600) if count < 100 else f"{count:,.0f} h"


def rate(hz: float) -> str:
    """Inputs a second."""
    return f"{hz:.1f}" if hz >= 1 else f"{hz:.2g}"


def state(progress: Progress) -> str:
    """One word on where a job stands."""
    if progress.interrupted:
        return "interrupted"
    if progress.reached:
        return "budget reached"
    if progress.ended_s is None:
        return "running"
    if progress.total:
        return "done"
    return "waiting" if progress.blocked else "nothing to do"


def failures(progress: Progress) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in progress.failures.most_common())


def table(jobs: dict[str, Progress]) -> Table:
    """All jobs so far, a row each."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("job")
    for name in ("rows", "had", "gave", "rate/s", "time", "left"):
        grid.add_column(name, justify="right")
    grid.add_column("state")
    grid.add_column("failures")
    for progress in jobs.values():
        grid.add_row(
            progress.job,
            f"{progress.done}/{progress.total}",
            str(progress.settled),
            str(progress.rows_out),
            rate(progress.done / progress.elapsed_s) if progress.done else "",
            span(progress.elapsed_s),
            span(eta_s(progress)),
            state(progress) + (f", {progress.blocked} wait" if progress.blocked else ""),
            failures(progress),
        )
    return grid


def line(progress: Progress) -> str:
    """One job, for a log: `fetch: 52/52, 35 rows, 41.1 s, done; 3 gone`."""
    left = eta_s(progress)
    parts = [
        f"{progress.done}/{progress.total}",
        f"{progress.rows_out} rows",
        span(progress.elapsed_s),
        state(progress),
    ]
    failed = f"; {failures(progress)}" if progress.failures else ""
    return f"{progress.job}: {', '.join(parts)}{f', {span(left)} left' if left else ''}{failed}"


class Several:
    """All of these, side by side."""

    def __init__(self, *shows: Show) -> None:
        self.shows, self.opened = shows, ExitStack()

    def __enter__(self) -> "Several":
        for one in self.shows:
            self.opened.enter_context(one)
        return self

    def __exit__(self, *error: Any) -> None:
        self.opened.__exit__(*error)

    def watch(self, progress: Progress) -> None:
        for one in self.shows:
            one.watch(progress)


class LiveTable:
    """Redraws the table a few times a second; elsewhere prints a line as a job begins, each minute, and as it ends."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.jobs: dict[str, Progress] = {}
        self.last_s = time.monotonic()  # of a line
        self.live: Live | None = None
        if console.is_terminal:  # drawn anew by itself: a clock that stands looks like a run that hangs
            self.live = Live(
                console=console, refresh_per_second=4, transient=True, get_renderable=lambda: table(dict(self.jobs))
            )

    def __enter__(self) -> "LiveTable":
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.live:
            self.live.stop()
        self.console.print(table(self.jobs))

    def watch(self, progress: Progress) -> None:
        self.jobs[progress.job] = progress
        now = time.monotonic()
        if self.live or not progress.total:
            return
        if progress.units and not progress.done:  # it may be long before the first of them is done
            say = f"{progress.job}: begins, {progress.total} inputs for {progress.workers} worker(s)"
            self.console.print(say, markup=False, highlight=False)
            return
        under_way = 0 < progress.done < progress.total
        if progress.ended_s is None and (not under_way or now - self.last_s < LOG_EVERY_S):
            return
        self.last_s = now
        self.console.print(line(progress), markup=False, highlight=False)


class JsonLines:
    """A line of JSON for each job when it starts, about once a second, and when it ends."""

    def __init__(self) -> None:
        self.last_s: dict[str, float] = {}

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(self, *error: object) -> None: ...

    def watch(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.ended_s is None and now - self.last_s.get(progress.job, 0.0) < 1.0:
            return
        self.last_s[progress.job] = now
        line = {
            "job": progress.job,
            "state": state(progress),
            "total": progress.total,
            "done": progress.done,
            "settled": progress.settled,
            "blocked": progress.blocked,
            "rows_out": progress.rows_out,
            "failed": progress.failed,
            "failures": dict(progress.failures),
            "elapsed_s": round(progress.elapsed_s, 3),
            "eta_s": eta_s(progress),
            "cpu_s": round(progress.cpu_s, 3),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
