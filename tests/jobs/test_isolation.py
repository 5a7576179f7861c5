"""A job over media that hang, crash or swell: each is a failure of its own row, and the others are done."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

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
