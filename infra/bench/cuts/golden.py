"""The real clips of ../shared/media/good, with joins that were found by looking at the frames (good.json).

Numbers are frames. A stream is named where a file has two pictures, so that all detectors look at the same one.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.bench.cuts.reel import Join, Reel

TRUTH = Path(__file__).with_name("good.json")


def golden(media: Path, folder: Path, names: Sequence[str] = ()) -> list[Reel]:
    """media: the folder `good`; folder: for copies of single streams; names: of the files wanted; none: all."""
    reels = []
    for name, one in json.loads(TRUTH.read_text("utf-8")).items():
        if names and name not in names:
            continue
        path = media / name
        if "stream" in one:
            path = folder / f"{path.stem}.mkv"
            command = [
                "ffmpeg",
                "-v",
                "error",
                "-y",
                "-i",
                str(media / name),
                "-map",
                f"0:{one['stream']}",
                "-c",
                "copy",
            ]
            subprocess.run([*command, str(path)], check=True)
        joins = tuple(Join(*join) for join in one.get("joins", ()))
        reels.append(Reel(path, joins, tuple((a, b) for a, b in one.get("open", ()))))
    return reels
