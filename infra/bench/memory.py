"""How much memory a worker takes that scans a file: its own process, and the child that decodes.

    python infra/bench/memory.py FILE...

Each file is scanned in a process of its own; figures are the most that was resident, of each and of both at the same
moment (looked at every 10 ms; what they share counts twice). The rows are written, too, as a worker writes them.
"""

import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.media.process import tree_rss_bytes
from curate.scan.stage import Scan
from curate.storage.lake import open_lake
from jobs.job import Job, Snapshot, Unit
from jobs.worker import Worker

LOOK_S = 0.01


@contextmanager
def watched() -> Iterator[list[int]]:
    """The most resident bytes so far of this process and all below it, as the only item of a list."""
    peak, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            peak[0] = max(peak[0], tree_rss_bytes(os.getpid()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def scan(path: Path) -> None:
    """Scan one file as a worker does, and print a row of the table."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media("0" * 64, "source", file.size)
    job = Job(Scan(), "media", "media_id", "strips", lambda _snapshot, _ids: iter([MediaFile(media, file)]))
    with tempfile.TemporaryDirectory() as folder:
        lake = open_lake(folder, {})
        lake.create()
        worker = Worker(job, Snapshot(lake, {}), "run")
        with watched() as both:
            result = worker(Unit(0, (media.media_id,), (1,)))
        worker.run.close()  # type: ignore[attr-defined]  it is isolated; only a child that has ended is counted
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    picture, seconds = media.picture, (media.duration_us or 0) / 1e6
    size = f"{picture.width}x{picture.height}" if picture else ""
    failed = ", ".join(failed.kind for failed in result.failures) or "-"
    print(
        f"| {path.name} | {size} | {seconds:.0f} | {own:.0f} | {child:.0f} | {both[0] / 2**20:.0f} | {failed} |",
        flush=True,
    )


def main() -> None:
    match sys.argv[1:]:
        case ["--one", name]:
            scan(Path(name))
        case names:
            print("| file | picture | s | worker, MiB | its child, MiB | both at once, MiB | failed |", flush=True)
            print("|---|---|---|---|---|---|---|", flush=True)
            for name in names:
                subprocess.run([sys.executable, __file__, "--one", name], check=True)


if __name__ == "__main__":
    main()
