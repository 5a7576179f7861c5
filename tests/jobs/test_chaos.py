"""Kill anything at any moment, run again: the lake is as if nothing had happened."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curate.film import FilmSpec, make_film
from curate.storage.lake import open_lake
from tests.jobs.lakes import differences, doubled
from tests.jobs.processes import kill

pytestmark = [pytest.mark.integration]

KILLS = {"driver": 2, "raylet": 1, "worker": 3, "child": 3}
"""Far more of them: `infra/bench/chaos`."""


def command(inputs: Path, lake: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "jobs", "run", str(inputs), "--lake", str(lake), *more]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    for seed in range(2):
        make_film(folder / f"film{seed}.mp4", FilmSpec(seed=seed, seconds=6, width=320, height=180))
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
                victim = next((kind for kind in dice.sample(left, len(left)) if kill(driver.pid, kind, dice)), None)
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
