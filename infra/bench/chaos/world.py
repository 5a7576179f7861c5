"""A lake on which a fault is tried: how its driver is started, waited for, and run until it is clean."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from curate.storage.lake import Lake, open_lake
from jobs.engines import Inline
from jobs.environment import storage_options
from jobs.fsck import Pool, fsck
from schemas.tables import TABLES
from tests.jobs.lakes import differences, doubled

ROOT = Path(__file__).parents[3]
RERUNS = 5
DEADLINE_S = 1500


@dataclass(frozen=True)
class Driver:
    """A run that is under way, and where it writes what."""

    process: subprocess.Popen[bytes]
    log: Path
    said: Path

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)

    def begins(self, job: str) -> bool:
        """Wait for a job; False where the run ends before."""
        while self.process.poll() is None:
            if self.log.exists() and any(job == begun for begun in begun_jobs(self.log)):
                return True
            time.sleep(0.05)
        return False


@dataclass(frozen=True)
class World:
    """What one round of the campaign works on."""

    inputs: Path
    lake: str
    folder: Path  # of logs
    environment: Mapping[str, str]
    engine: str
    until: str
    jobs: tuple[str, ...] = ()  # that have work, in order

    def command(self) -> list[str]:
        run = [sys.executable, "-m", "jobs", "run", str(self.inputs), "--lake", self.lake, "--json"]
        return [*run, "--engine", self.engine, "--until", self.until]

    def start(self, more: Mapping[str, str] | None = None, before: tuple[str, ...] = ()) -> Driver:
        """Start a run, perhaps below another program."""
        number = len(list(self.folder.glob("*.jsonl.said")))
        log, said = self.folder / f"{number}.jsonl", self.folder / f"{number}.jsonl.said"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [*before, *self.command(), "--log", str(log)],
                env={**os.environ, **self.environment, **(more or {})}, stdout=out, stderr=out, cwd=ROOT,
            )  # fmt: skip
        return Driver(process, log, said)

    def moment(self, driver: Driver, dice: random.Random) -> str | None:
        """Wait for a moment that the dice choose, and say which it is; None where the run ended before."""
        job, pause_s = dice.choice(["start", *self.jobs]), 2 * dice.random() ** 3
        if job != "start" and not driver.begins(job):
            return None
        time.sleep(pause_s)
        return None if driver.process.poll() is not None else f"{pause_s:.1f} s after {job}"

    def opened(self) -> Lake:
        return open_lake(self.lake, storage_options(self.environment))


def begun_jobs(log: Path) -> list[str]:
    """The jobs that have begun, by the log of a run."""
    lines = log.read_text().splitlines()
    return [line.partition('"job": "')[2].partition('"')[0] for line in lines if '"event": "job begins"' in line]


def told(driver: Driver, code: int) -> bool:
    """Whether a run came through, or said what is wrong: of its engine, too, which was killed under it."""
    said = driver.said.read_text(errors="replace")
    return code in (0, 2) or (code == 1 and "\nerror: " in said and "Traceback" not in said)


def last_words(driver: Driver) -> str:
    return next(iter(driver.said.read_text(errors="replace").strip().splitlines()[-1:]), "")[:300]


def rerun(world: World) -> tuple[int, list[str]]:
    """Run until a run comes through: how many it took, and what was wrong with them."""
    wrong = list[str]()
    for number in range(1, RERUNS + 1):
        driver = world.start()
        code = driver.wait()
        if code == 0:
            return number, wrong
        if not told(driver, code):
            wrong.append(f"a rerun ended with {code}: {last_words(driver)}")
    return RERUNS, [*wrong, f"no run came through: {last_words(driver)}"]


def flaws(world: World, calm: Lake) -> list[str]:
    """What is lost, doubled or damaged in a lake, beside one that nobody disturbed."""
    lake = world.opened()
    found = fsck(lake, TABLES, Pool(Inline(), 1), lambda _: None)
    return [
        *differences(calm, lake),
        *(f"{table}: rows of one attempt are there twice" for table in doubled(lake)),
        *(f"{one.path}: {one.kind}" for one in found.damages),
    ]
