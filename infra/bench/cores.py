"""How the time of a run falls with the number of workers: fetch, scan, split and score of a folder.

    python infra/bench/cores.py FOLDER [--workers 1 2] [--times 3]

Wall seconds of the command line into a new lake, the least of so many runs that take turns, with start-up and without:
the sum of what the jobs say of themselves.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(folder: Path, workers: int) -> tuple[float, dict[str, float]]:
    """Wall seconds of the whole command, and of each job."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "jobs", "run", str(folder), "--lake", f"{scratch}/lake", "--until", "score"]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, "--json", "--set", f"resources.workers={workers}"], capture_output=True, text=True, check=True
        )
        whole_s = time.monotonic() - begun
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return whole_s, {line["job"]: line["elapsed_s"] for line in lines if line.get("state") == "done"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options.add_argument("--times", type=int, default=3)
    asked = options.parse_args()
    seen: dict[int, list[tuple[float, dict[str, float]]]] = {workers: [] for workers in asked.workers}
    for _ in range(asked.times):
        for workers, runs in seen.items():
            runs.append(run(asked.folder.resolve(), workers))
            print(f"# {workers}: {runs[-1]}", file=sys.stderr, flush=True)
    print("| workers | whole, wall s | scan, wall s | jobs, wall s |\n|---|---|---|---|")
    for workers, runs in seen.items():
        whole_s = min(whole for whole, _ in runs)
        scan_s = min(jobs["scan"] for _, jobs in runs)
        print(f"| {workers} | {whole_s:.1f} | {scan_s:.1f} | {min(sum(jobs.values()) for _, jobs in runs):.1f} |")


if __name__ == "__main__":
    main()
