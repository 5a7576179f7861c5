"""One unit in one worker, without an engine around it."""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import ClassVar

import polars as pl
import pyarrow.parquet as pq
import pytest

from curate.errors import Gone
from curate.stage import Outcome, Run, each
from curate.storage.lake import open_lake
from jobs import gather
from jobs.clock import BusyClock, CpuClock, tree_cpu_s
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from schemas.ledger import RunRecord
from schemas.media import Media, Source
from schemas.strip import Strip
from schemas.view import View
from tests.jobs.toy import sources
from tests.report.rows import media, strip


@dataclass(frozen=True)
class Measure:
    """A strip for each source, of some 21 kB of pixels."""

    name: ClassVar[str] = "measure"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Strip

    def open(self) -> Run[Source, Strip]:
        return each(lambda source: [strip(source.source_id, [(0, 1_000_000)], 1)])


def gathered(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    return snapshot.rows("sources", Source, "source_id", ids)


@dataclass(frozen=True)
class TakesAll:
    """Takes all rows before it works on any; they need the folder that was there when they were given."""

    name: ClassVar[str] = "takes-all"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Strip

    def open(self) -> Run[Source, Strip]:
        def run(rows: Iterable[Source]) -> Iterator[Outcome[Strip]]:
            for source in list(rows):
                there = [strip(source.source_id, [(0, 1_000_000)], 1)] if not LYING.empty() else []
                yield Outcome(source.id, tuple(there))

        return run


LYING: SimpleQueue[str] = SimpleQueue()
"""What `kept_while_it_runs` has lying here; the stage cannot be handed it, it is plain data."""


def kept_while_it_runs(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    """Rows whose bytes lie here for as long as this runs."""
    LYING.put("bytes")
    try:
        yield from gathered(snapshot, ids)
    finally:
        LYING.get_nowait()


def test_what_rows_refer_to_stays_until_all_of_a_unit_are_done(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path), {})
    lake.create()
    lake.append("sources", sources([f"s{i}" for i in range(5)]))
    job = Job(TakesAll(), "sources", "source_id", "strips", kept_while_it_runs, rows_per_unit=16)
    done = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    assert done.rows_out == 5
    assert LYING.empty()


def test_a_unit_of_many_pixels_is_written_in_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.worker.FILE_BYTES", 40_000)
    lake = open_lake(str(tmp_path), {})
    lake.create()
    lake.append("sources", sources([f"s{i}" for i in range(7)]))
    job = Job(Measure(), "sources", "source_id", "strips", gathered, rows_per_unit=16)
    done = run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    assert done.rows_out == 7
    rows = lake.scan("strips").select("media_id", size=pl.col("thumbs").bin.size()).collect()
    assert sorted(rows["media_id"]) == sorted(source.source_id for source in sources([f"s{i}" for i in range(7)]))
    assert len(lake.delta("strips").file_uris()) > 7 // 2
    group = pq.ParquetFile(tmp_path / "strips" / lake.delta("strips").file_uris()[0]).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert columns["input_id"].is_stats_set
    assert not columns["thumbs"].is_stats_set  # each would be held in memory twice more
    assert done.bytes_written == sum(
        (tmp_path / "strips" / uri).stat().st_size for uri in lake.delta("strips").file_uris()
    )


BURN = "import sys, time\nwhile time.process_time() < {}: pass\nprint(flush=True)\nsys.stdin.read()"


@contextmanager
def burnt(seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """A child that has taken so many seconds of CPU, and waits."""
    command = [sys.executable, "-c", BURN.format(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        yield child


def test_cpu_of_children_is_counted_but_of_those_that_were_there_before() -> None:
    with burnt(0.5):
        clock = CpuClock()
        clock.begin()
        with burnt(0.3):
            assert 0.25 < clock.end() < 0.6
            clock.begin()
        assert 0 <= clock.end() < 0.2
        clock.begin()
    assert clock.end() >= 0  # what is waited for comes in, what is gone takes nothing back


def test_cpu_of_units_that_overlap_is_counted_once() -> None:
    def burn(seconds: float) -> None:
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    clock, before = CpuClock(), tree_cpu_s()
    clock.begin()
    burn(0.2)
    clock.begin()
    burn(0.2)
    spent = clock.end() + clock.end()
    assert 0.35 < spent <= tree_cpu_s() - before + 0.02
    burn(0.3)  # while there is no unit
    clock.begin()
    assert clock.end() < 0.2


def test_seconds_with_work_are_counted_once_and_those_without_never() -> None:
    clock = BusyClock()
    clock.begin()
    clock.begin()
    time.sleep(0.1)
    clock.end(2)
    time.sleep(0.3)
    clock.begin()
    time.sleep(0.1)
    assert 0.2 <= clock.taken() < 0.4
    assert clock.taken() < 0.1  # what was taken is not told again


@dataclass(frozen=True)
class Talkative:
    """Looks at each source for a fifth of a second, and says how many tokens it took."""

    name: ClassVar[str] = "talkative"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = View

    def open(self) -> Run[Source, View]:
        def one(source: Source) -> list[View]:
            time.sleep(0.2)
            if source.uri.endswith("s0"):
                raise Gone("nothing to look at")
            return [View(source.source_id, "{}", "m", None, "e", "p", None, None, "{}", (), 100, 7)]

        return each(one)


def slowly(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    for source in gathered(snapshot, ids):
        time.sleep(0.3)
        yield source


def test_the_ledger_tells_tokens_and_what_was_held_for_nothing(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path), {})
    lake.create()
    lake.append("sources", sources([f"s{i}" for i in range(3)]))
    job = Job(Talkative(), "sources", "source_id", "views", slowly, rows_per_unit=2, gpus=0.5)
    run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    (run,) = lake.rows("runs", RunRecord)
    assert (run.tokens_in, run.tokens_out, run.failed) == (200, 14, 1)
    assert run.worker_s >= 3 * (0.2 + 0.3)
    assert run.gpu_s == pytest.approx(0.5 * run.worker_s)
    assert run.gpu_idle_s is not None
    assert 0.5 * 3 * 0.3 <= run.gpu_idle_s <= run.gpu_s - 0.5 * 3 * 0.2


def test_without_a_gpu_none_is_idle(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path), {})
    lake.create()
    lake.append("sources", sources(["s1"]))
    job = Job(Talkative(), "sources", "source_id", "views", gathered)
    run_job(job, Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
    (run,) = lake.rows("runs", RunRecord)
    assert run.gpu_s == 0
    assert run.gpu_idle_s is None


def test_strips_of_long_media_are_read_a_few_at_a_time() -> None:
    hour, minute = 3_600_000_000, 60_000_000
    lengths = {"a": hour, "b": minute, "c": minute, "d": None, "e": hour, **{f"f{i}": minute for i in range(40)}}
    known: dict[str, Media] = {name: media(name, length) for name, length in lengths.items()}
    read = list(gather._of_little_time(known))
    assert [one for some in read for one in some] == list(known)
    assert read[:3] == [["a"], ["b", "c", "d"], ["e"]]
    assert [len(some) for some in read[3:]] == [30, 10]
