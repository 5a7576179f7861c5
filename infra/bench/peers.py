"""What fetching, scanning, splitting and scoring costs beside other systems that do the same work.

    python infra/bench/peers.py FOLDER --peers DIR [--times 3] [--only WORD...]

DIR holds one script a system, which takes a folder of videos and prints a line of JSON (`cpu_s`, `wall_s`,
`peak_rss_mb`, `clips_found`) as its last, and `meter.py`, which counts what a command and all that it starts take.
Each system runs alone, in turn, `--times` times; the least CPU of each is compared with that of decoding the same files
to nowhere. Retold runs as a user runs it: the command line, into a new lake, with Ray and without.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT = "ffmpeg -f null (the limit)"
PEERS = {
    LIMIT: ("peer_ffmpeg_decode.py",),
    "bare ffmpeg, clips copied": ("peer_floor_ffmpeg.py", "copy"),
    "bare ffmpeg, clips encoded": ("peer_floor_ffmpeg.py", "reencode"),
    "PySceneDetect, clips copied": ("peer_pyscenedetect.py", "content", "copy"),
    "PySceneDetect, clips encoded": ("peer_pyscenedetect.py", "content", "reencode"),
    "Data-Juicer": ("peer_datajuicer.py", "default", "small"),
}
ENGINES = {"retold, inline": "inline", "retold, Ray": "ray"}


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_s: float
    wall_s: float
    peak_mib: float
    clips: int | None


def peer(script: Sequence[str], peers: Path, folder: Path) -> Cost:
    """One run of another system's script."""
    name, *arguments = script
    told = _line([sys.executable, str(peers / name), str(folder), *arguments])
    return Cost(told["cpu_s"], told["wall_s"], told["peak_rss_mb"], told["clips_found"])


def retold(engine: str, peers: Path, folder: Path) -> Cost:
    """One run of our own command line into a new lake."""
    with tempfile.TemporaryDirectory() as scratch:
        lake = f"{scratch}/lake"
        run = [sys.executable, "-m", "jobs", "run", str(folder), "--lake", lake, "--engine", engine, "--until", "score"]
        told = _line([sys.executable, str(peers / "meter.py"), "--", *run, "--json"])
        status = subprocess.run(
            [sys.executable, "-m", "jobs", "status", "--lake", lake, "--json"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    jobs = {row["job"]: row for row in map(json.loads, status.splitlines())}
    return Cost(told["cpu_s"], told["wall_s"], told["peak_rss_mb"], jobs["split"]["rows"])


def _line(command: Sequence[str]) -> dict[str, float]:
    """The last line that a command prints, as JSON; what failed ends this program."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    told = json.loads(lines[-1]) if lines else {"rc": done.returncode}
    if told.get("rc") or done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--only", nargs="*", default=[], help="words of the names of the systems to run")
    asked = options.parse_args()
    names = [*PEERS, *ENGINES]
    names = [one for one in names if one == LIMIT or not asked.only or any(word in one for word in asked.only)]
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for _ in range(asked.times):
        for name in names:
            if name in ENGINES:
                costs[name].append(retold(ENGINES[name], asked.peers.resolve(), asked.folder.resolve()))
            else:
                costs[name].append(peer(PEERS[name], asked.peers.resolve(), asked.folder.resolve()))
            print(f"# {name}: {costs[name][-1]}", file=sys.stderr, flush=True)
    limit_s = min(cost.cpu_s for cost in costs[LIMIT])
    print("| system | CPU s | / limit | wall s | peak MiB | clips |\n|---|---|---|---|---|---|")
    for name, seen in costs.items():
        best = min(seen, key=lambda cost: cost.cpu_s)
        print(
            f"| {name} | {best.cpu_s:.1f} | {best.cpu_s / limit_s:.2f} | {best.wall_s:.1f} "
            f"| {best.peak_mib:.0f} | {best.clips if best.clips is not None else ''} |"
        )


if __name__ == "__main__":
    main()
