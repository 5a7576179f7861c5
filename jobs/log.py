"""The log of a run, for machines: a JSON object a line, with run, job, unit and key."""

import json
import logging
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from curate.errors import UsageError
from jobs.progress import Progress
from jobs.worker import Result
from schemas.uri import shown_text

LOGGER = logging.getLogger("retold.run")
MOST = 100
"""Failed rows of one kind in one job that have a line each; the others are counted when the job ends."""


class JsonLine(logging.Formatter):
    """One record as a line. What opens a door is left out of the URIs in it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps({key: shown_text(one) if isinstance(one, str) else one for key, one in line.items()})


class Log:
    """Watches the jobs of one run, and logs what becomes of them: into a file, after what is there, or `-`, stderr."""

    def __init__(self, to: str) -> None:
        self.handler = _handler(to)
        self.jobs = dict[str, _Seen]()  # that have begun and not ended, by run
        self.unheld = set[str]()  # what has been told of

    def __enter__(self) -> "Log":
        LOGGER.addHandler(self.handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is not None:
            stopped = logging.WARNING if issubclass(kind, KeyboardInterrupt | SystemExit) else logging.ERROR
            for seen in self.jobs.values():
                told = _told(seen.progress)
                _say(stopped, "job stops", seen.about, **told, error=kind.__name__, reason=str(error))
            if not self.jobs:
                _say(stopped, "run stops", {}, error=kind.__name__, reason=str(error))
        LOGGER.removeHandler(self.handler)
        self.handler.close()

    def watch(self, progress: Progress) -> None:
        if progress.run_id is None:
            return
        if progress.run_id not in self.jobs:
            self.jobs[progress.run_id] = _Seen(progress)
        self.jobs[progress.run_id].look()
        if new := sorted(progress.unheld - self.unheld):
            self.unheld.update(new)
            _say(logging.WARNING, "media not isolated", self.jobs[progress.run_id].about, lacks=new)
        if progress.ended_s is not None:
            del self.jobs[progress.run_id]


@dataclass(slots=True)
class _Seen:
    """What has been logged of one job, and so need not be again."""

    progress: Progress
    begun: bool = False
    units: int = 0
    last: Result | None = None
    listed: Counter[str] = field(default_factory=Counter)  # failed rows by kind

    @property
    def about(self) -> dict[str, Any]:
        return {"run": self.progress.run_id, "job": self.progress.job}

    def look(self) -> None:
        progress = self.progress
        if not self.begun:
            waiting = {"inputs": progress.total, "settled": progress.settled, "blocked": progress.blocked}
            _say(logging.INFO, "job begins", self.about, **waiting)
        if progress.units > self.units:
            _say(logging.INFO, "units begin", self.about, units=progress.units, workers=progress.workers)
        if progress.last is not None and progress.last is not self.last:
            self._unit(progress.last)
        self.begun, self.units, self.last = True, progress.units, progress.last
        if progress.ended_s is not None:
            unlisted = dict(progress.failures - self.listed)
            _say(
                logging.INFO,
                "job ends",
                self.about,
                **_told(progress),
                **({"not_listed": unlisted} if unlisted else {}),
            )

    def _unit(self, result: Result) -> None:
        about = {**self.about, "unit": result.unit}
        for failed in result.failures:
            if self.listed[failed.kind] < MOST:
                self.listed[failed.kind] += 1
                _say(logging.WARNING, "row failed", about, key=failed.input_id, kind=failed.kind)
        _say(
            logging.INFO, "unit ends", about, rows_in=result.rows_in, rows_out=result.rows_out,
            failed=len(result.failures), cpu_s=round(result.cpu_s, 3), busy_s=round(result.busy_s, 3),
            tokens_in=result.tokens_in, tokens_out=result.tokens_out,
        )  # fmt: skip


def _told(progress: Progress) -> dict[str, Any]:
    return {
        "done": progress.done,
        "inputs": progress.total,
        "rows_out": progress.rows_out,
        "failures": dict(progress.failures),
        "elapsed_s": round(progress.elapsed_s, 3),
        "cpu_s": round(progress.cpu_s, 3),
        "worker_s": round(progress.worker_s, 3),
        "gpu_s": round(progress.gpu_s, 3),
        "bytes_read": progress.bytes_read,
        "bytes_written": progress.bytes_written,
    }


def _say(level: int, event: str, about: dict[str, Any], **more: Any) -> None:
    LOGGER.log(level, event, extra={"fields": {**about, **more}})


def _handler(to: str) -> logging.Handler:
    made: logging.Handler
    try:
        made = (
            logging.StreamHandler(sys.stderr) if to == "-" else logging.FileHandler(Path(to).absolute(), "a", "utf-8")
        )
    except OSError as error:
        raise UsageError(
            f"the log {to} cannot be written: {error.strerror}; name another file, or - for stderr"
        ) from error
    made.setFormatter(JsonLine())
    return made
