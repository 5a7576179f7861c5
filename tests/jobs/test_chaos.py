"""Kill anything at any moment, run again: the lake is as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.film import FilmSpec, make_film
from curate.storage.lake import open_lake
from tests.jobs.lakes import differences, doubled

pytestmark = [pytest.mark.integration]

KILLS = {"driver": 6, "raylet": 3, "worker": 8, "child": 7}
MARKS = {"raylet": "/raylet", "worker": "ray::", "child": "curate.media.child"}


def processes_below(pid: int) -> Iterator[tuple[int, str]]:
    """Process ids and command lines of all descendants."""
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        try:
            children = [
                int(child)
                for task in Path(f"/proc/{parent}/task").iterdir()
                for child in (task / "children").read_text().split()
            ]
        except OSError:
            continue
        for child in children:
            waiting.append(child)
            try:
                yield child, Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue


def kill(driver: subprocess.Popen[bytes], victim: str, dice: random.Random) -> bool:
    """Kill one process of a kind; False where there is none."""
    if victim == "driver":
        driver.kill()
        return True
    found = [pid for pid, line in processes_below(driver.pid) if MARKS[victim] in line and "IDLE" not in line]
    if not found:
        return False
    try:
        os.kill(dice.choice(found), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def command(inputs: Path, lake: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "jobs", "run", str(inputs), "--lake", str(lake), *more]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    for seed in range(4):
        make_film(folder / f"film{seed}.mp4", FilmSpec(seed=seed, seconds=8, width=320, height=180))
    (folder / "text.mp4").write_text("not a film")
    (folder / "again.mp4").write_bytes((folder / "film0.mp4").read_bytes())
    return folder


@pytest.mark.timeout(1800)
def test_kills_at_random_moments_leave_no_trace(inputs: Path, tmp_path: Path) -> None:
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    subprocess.run(command(inputs, calm, "--engine", "inline"), check=True, capture_output=True)
    dice, left, runs = random.Random(7), [kind for kind, kills in KILLS.items() for _ in range(kills)], 0  # noqa: S311
    while left:
        with (tmp_path / "wild.log").open("ab") as log:
            driver = subprocess.Popen(command(inputs, wild), stdout=log, stderr=log)
            while driver.poll() is None and left:
                time.sleep(dice.uniform(0.5, 5))
                victim = next((kind for kind in dice.sample(left, len(left)) if kill(driver, kind, dice)), None)
                if victim:
                    left.remove(victim)
            if not left:
                driver.kill()
            driver.wait()
        runs += 1
        if driver.returncode == 0:  # it came through; the rest of the kills go to a fresh lake
            assert not differences(open_lake(str(calm), {}), open_lake(str(wild), {}))
            assert not doubled(open_lake(str(wild), {}))
            wild = tmp_path / f"wild{runs}"
    last = subprocess.run(command(inputs, wild), check=False, capture_output=True, text=True)
    assert last.returncode == 0, last.stdout + last.stderr
    assert not doubled(open_lake(str(wild), {}))
    assert not differences(open_lake(str(calm), {}), open_lake(str(wild), {}))
