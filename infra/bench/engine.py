"""What the engine costs: CPU per row of a stage that does nothing, and the time to find nothing to do.

.venv/bin/python infra/bench/engine.py [ROWS]
"""

import functools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from curate.stage import Run, each
from curate.storage.lake import open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Engine, Inline
from jobs.job import Job, Snapshot
from jobs.ray_engine import RayEngine
from schemas.clip import Score
from schemas.media import Source


@dataclass(frozen=True)
class Nothing:
    """One constant score a row."""

    name: ClassVar[str] = "nothing"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Score

    def open(self) -> Run[Source, Score]:
        return each(lambda source: [Score(source.source_id, "nothing", 0.0, None)])


def gather(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    return snapshot.rows("sources", Source, "source_id", ids)


def daemons_cpu_s() -> float:
    """User and system seconds of the children of this process (Ray's daemons), without those of their own children."""
    ticks = 0
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            fields = (Path("/proc") / pid / "stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def measure(engine: Engine, rows: int, unit: int) -> tuple[float, float, float]:
    """CPU seconds and wall seconds of a job, and wall seconds of the same job when nothing is pending.

    The CPU is that of the driver, of the workers as they report it for each unit, and of Ray's daemons.
    """
    with tempfile.TemporaryDirectory() as folder:
        lake = open_lake(folder, {})
        lake.create()
        lake.append(
            "sources", (Source(f"{i:08d}", f"file:///{i}", None, None, None, None, False, 0) for i in range(rows))
        )
        job = Job(Nothing(), "sources", "source_id", "scores", gather, rows_per_unit=unit)
        go = functools.partial(run_job, job, Snapshot(lake, {}), engine, Policy(), lambda _: None)
        engine.workers(None)
        own, others, wall = time.process_time(), daemons_cpu_s(), time.perf_counter()
        done = go()
        cpu = daemons_cpu_s() - others + (0.0 if isinstance(engine, Inline) else done.cpu_s)
        cpu, wall = cpu + time.process_time() - own, time.perf_counter() - wall
        idle = time.perf_counter()
        if go().total:
            raise SystemExit("the second run found work to do")
        return cpu, wall, time.perf_counter() - idle


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print("| engine | rows | rows a unit | CPU ms a row | wall s | nothing to do, s |\n|---|---|---|---|---|---|")
    engines: dict[str, Engine] = {"inline": Inline(), "ray": RayEngine()}
    for name, engine in engines.items():
        for unit in (16, 128):
            cpu, wall, idle = measure(engine, rows, unit)
            print(f"| {name} | {rows} | {unit} | {cpu / rows * 1000:.3f} | {wall:.1f} | {idle:.2f} |", flush=True)


if __name__ == "__main__":
    main()
