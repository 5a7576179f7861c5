"""A job over media that hang, crash or swell: each is a failure of its own row, and the others are done."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from curate.film import FilmSpec, make_film
from curate.media.limits import Limits
from curate.stage import Run, each, operational
from curate.storage.lake import open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from jobs.status import failed_of
from schemas.clip import Score
from schemas.media import Source
from tests.jobs.toy import gather, sources

pytestmark = [pytest.mark.integration]


@dataclass(frozen=True)
class Decode:
    """Stands for a decoder that meets a hostile file."""

    limits: Limits = operational(Limits(memory_bytes=600 << 20, deadline_s=2.0))

    name: ClassVar[str] = "decode"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Score

    def open(self) -> Run[Source, Score]:
        return each(self._one)

    def _one(self, source: Source) -> Iterator[Score]:
        if "hang" in source.uri:
            time.sleep(3600)
        if "crash" in source.uri:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "swell" in source.uri:
            held = bytearray()
            while True:
                held += bytes(os.urandom(1 << 20)) * 32
        yield Score(source.source_id, "decoded", 1.0, None)


def test_hostile_rows_fail_one_by_one_within_their_bounds(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", sources(["a", "b-hang", "c", "d-crash", "e", "f-swell", "g"]))
    job = Job(Decode(), "sources", "source_id", "scores", gather, rows_per_unit=8)
    snapshot = Snapshot(lake, {"scores": job.fingerprint})
    begun = time.monotonic()
    progress = run_job(job, snapshot, Inline(), Policy(), lambda _: None)
    assert (progress.done, progress.rows_out) == (7, 4)
    failed = {row["input_id"]: row["failure"] for row in failed_of(snapshot, "scores").collect().iter_rows(named=True)}
    kinds = {name: failure["kind"] for name, failure in failed.items()}
    assert kinds == {"id-b-hang": "timeout", "id-d-crash": "crashed", "id-f-swell": "too_large"}
    assert "SIGSEGV" in failed["id-d-crash"]["detail"]
    assert "2 s" in failed["id-b-hang"]["detail"]
    assert time.monotonic() - begun < 60


def on_an_older_kernel(lacking: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.media.older_kernel", lacking, sys.executable, "-m", "jobs", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_required_isolation_refuses_a_machine_without_it_before_any_media_is_opened(tmp_path: Path) -> None:
    make_film(tmp_path / "film.mp4", FilmSpec(seed=1, seconds=2, width=96, height=64, fps=10))
    lake = ("--lake", str(tmp_path / "lake"), "--engine", "inline", "--until", "scan")
    done = on_an_older_kernel("landlock", "run", str(tmp_path / "film.mp4"), *lake, "--set", "media.isolation=required")
    assert done.returncode == 2
    assert "media.isolation is required" in done.stderr
    assert "no rules for files (Landlock): run on Linux" in done.stderr
    kept = open_lake(str(tmp_path / "lake"), {})
    assert [kept.scan(name).collect().height for name in ("sources", "media", "strips")] == [1, 0, 0]


def test_what_a_machine_lacks_is_told_once_a_run(tmp_path: Path) -> None:
    for seed in (1, 2):
        make_film(tmp_path / f"{seed}.mp4", FilmSpec(seed=seed, seconds=2, width=96, height=64, fps=10))
    lake, log, page = ("--lake", str(tmp_path / "lake")), tmp_path / "log", tmp_path / "report.html"
    films = [str(tmp_path / f"{seed}.mp4") for seed in (1, 2)]
    wanted = ("--engine", "inline", "--until", "scan", "--log", str(log))
    done = on_an_older_kernel("landlock", "run", *films, *lake, *wanted)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("note: media were opened on a machine without rules for files (Landlock);") == 1
    said = [json.loads(line) for line in log.read_text().splitlines()]
    assert [one["lacks"] for one in said if one["event"] == "media not isolated"] == [["rules for files (Landlock)"]]
    runs = open_lake(str(tmp_path / "lake"), {}).scan("runs").collect()
    assert {job: lacks for job, lacks in runs.select("job", "unheld").iter_rows() if lacks} == {
        job: ["rules for files (Landlock)"] for job in ("fetch", "scan")
    }
    assert on_an_older_kernel("landlock", "report", *lake, "--to", str(page)).returncode == 0
    assert "Media were opened on a machine without rules for files (Landlock)." in page.read_text()
