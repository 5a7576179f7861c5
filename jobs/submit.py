"""A run that is sent to a cluster, by Ray's server of jobs.

The driver runs on the head, by the head's `python`: what is sent is the command, the recipe, and what was asked for
by name. A run has a name of its lake, recipe and sources, so that one that runs is not sent again.
"""

import asyncio
import hashlib
import json
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from curate.errors import EngineError, UsageError
from jobs.build import ROOMS

RECIPE = "recipe.toml"
"""What the recipe is called where the driver runs."""

MARK = "retold-lake"
"""The key under which a job says that it is of ours, and of which lake."""

STOP = {"RAY_JOB_STOP_WAIT_TIME_S": "60"}
"""A driver that is told to end commits what it has first."""

STOPPED = 1
"""The exit code for a job that ended without one of its own."""


@dataclass(frozen=True)
class Order:
    """A run as it is sent."""

    lake: str
    arguments: tuple[str, ...]  # of `retold run`, but for the lake and the recipe
    recipe: str | None = None  # its text
    name: str | None = None  # None: one of its own
    environment: Mapping[str, str] = field(default_factory=dict)  # seen by whoever sees the cluster's dashboard
    code: bool = False  # send the code of this Python along

    @property
    def id(self) -> str:
        """The same for the same run."""
        told = json.dumps([self.lake.rstrip("/"), self.arguments, self.recipe])
        return self.name or f"retold-{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    @property
    def entrypoint(self) -> str:
        recipe = ("--recipe", RECIPE) if self.recipe is not None else ()
        return shlex.join(["exec", "python", "-m", "jobs", "run", *self.arguments, "--lake", self.lake, *recipe])

    @contextmanager
    def runtime_environment(self) -> Iterator[dict[str, Any]]:
        """What Ray sends along; its files are there as long as this is open."""
        sent: dict[str, Any] = {"env_vars": {**STOP, **self.environment}}
        if self.code:
            sent |= {"py_modules": [str(place(room)) for room in ROOMS], "excludes": ["__pycache__"]}
        with tempfile.TemporaryDirectory(prefix="retold-") as folder:
            if self.recipe is not None:
                (Path(folder) / RECIPE).write_text(self.recipe, "utf-8")
                sent["working_dir"] = folder
            yield sent


def place(room: str) -> Path:
    """The folder of a package of ours."""
    return Path(str(sys.modules[__name__].__file__)).resolve().parents[1] / room


def attempt(name: str, jobs: Mapping[str, bool]) -> str:
    """What the next job of a name is called, by the jobs that there are: id -> whether it has ended.

    UsageError where one of them has not.
    """
    ended = {id_: done for id_, done in jobs.items() if re.fullmatch(rf"{re.escape(name)}(-\d+)?", id_)}
    if running := [id_ for id_, done in ended.items() if not done]:
        raise UsageError(
            f"this run is there already, as {running[0]}: `retold submit --attach {running[0]}` shows it, "
            f"`retold submit --stop {running[0]}` ends it"
        )
    return name if not ended else f"{name}-{1 + max(int(id_.removeprefix(name)[1:] or 1) for id_ in ended)}"


class Cluster:
    """The server of jobs of a Ray cluster, at http://HEAD:8265."""

    def __init__(self, address: str) -> None:
        if find_spec("aiohttp") is None:
            raise UsageError("what talks to a cluster is missing: pip install 'retold[cluster]'")
        from ray.job_submission import JobSubmissionClient  # noqa: PLC0415  half a second

        self.address = address
        with self._answering():
            self.client = JobSubmissionClient(address)

    def submit(self, order: Order) -> str:
        """Send a run; its id. UsageError where it is there already."""
        with self._answering(), order.runtime_environment() as sent:
            known = {
                job.submission_id: job.status.is_terminal() for job in self.client.list_jobs() if job.submission_id
            }
            return str(
                self.client.submit_job(
                    entrypoint=order.entrypoint,
                    submission_id=attempt(order.id, known),
                    runtime_env=sent,
                    metadata={MARK: order.lake},
                )
            )

    def jobs(self) -> list[Any]:
        """Our jobs, the last one first: `JobDetails` of Ray."""
        with self._answering():
            ours = [job for job in self.client.list_jobs() if MARK in (job.metadata or {})]
        return sorted(ours, key=lambda job: job.start_time or 0, reverse=True)

    def job(self, id_: str) -> Any:
        """What is known of a job; UsageError where there is none of this name."""
        with self._answering():
            return self.client.get_job_info(id_)

    def stop(self, id_: str) -> bool:
        """Ask a job to end, once it has committed what is done; False where it has ended."""
        with self._answering():
            return bool(self.client.stop_job(id_))

    def follow(self, id_: str, write: Callable[[str], object]) -> int:
        """Give the log of a job as it comes, and the exit code that it ends with."""

        async def tail() -> None:
            async with aclosing(self.client.tail_job_logs(id_)) as parts:
                async for part in parts:
                    write(part)

        self.job(id_)  # one that is not there is named
        try:
            asyncio.run(tail())
            while not (job := self.client.get_job_info(id_)).status.is_terminal():
                time.sleep(1)
        except (OSError, RuntimeError) as error:
            raise EngineError(
                f"{self.address} does not answer any more, and the job {id_} may run on: {error}"
            ) from error
        if job.driver_exit_code is None and job.message:
            write(f"{job.message}\n")
        return STOPPED if job.driver_exit_code is None else int(job.driver_exit_code)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say what the errors of the client mean."""
        from ray.exceptions import AuthenticationError  # noqa: PLC0415

        try:
            yield
        except AuthenticationError as error:
            raise UsageError(
                f"{self.address} wants a token: set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN_PATH to a copy of what "
                "its head has at ~/.ray/auth_token"
            ) from error
        except (OSError, RuntimeError) as error:
            raise UsageError(f"the cluster at {self.address} refuses, or does not answer: {error}") from error


def local(places: Sequence[str]) -> list[str]:
    """Which of these no other machine sees, unless they share a folder."""
    return [one for one in places if "://" not in one or one.startswith("file://")]


def placed(where: str) -> str:
    """A place as the driver can use it, whatever folder it runs in."""
    return where if "://" in where else str(Path(where).expanduser().resolve())
