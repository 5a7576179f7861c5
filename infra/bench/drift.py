"""How often `drift` goes the way that the things of made films go.

    python infra/bench/drift.py [--seeds 201 202 203] [--seconds 45]

Shots whose camera stands still, by whether all that moves in them goes one way. "Sure" is what captions tell of it
(`captioners.certainty.drift`).
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from captioners import certainty
from captioners.evidence import Evidence
from curate.film import FilmSpec, make_film
from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan
from curate.score.clip_strip import ClipStrip
from curate.score.stage import ScoreClip
from schemas.media import Media
from schemas.strip import Strip
from schemas.truth import Film, Shot


@dataclass(frozen=True, slots=True)
class Passing:
    """A shot, and what is said of it; None: no row, or not sure."""

    ways: frozenset[str]  # of what moves
    speed: float  # the fastest
    measured: float | None
    sure: str | None


def passing(media: Media, strip: Strip, truth: Film) -> Iterator[Passing]:
    """Every shot of a film whose camera stands still."""
    run = ScoreClip(metrics=("drift", "local_motion")).open()
    for clip, shot in zip(truth.clips, truth.shots, strict=True):
        if shot.scene == "black" or shot.camera.kind != "static":
            continue
        (outcome,) = run([ClipStrip(clip, media, strip)])
        rows = {row.metric: row.value for row in outcome.rows}
        told = certainty.drift(Evidence(clip, media, outcome.rows, None, None))
        yield Passing(ways(shot), max((one.speed_px_s for one in shot.things), default=0.0), rows.get("drift"), told)


def ways(shot: Shot) -> frozenset[str]:
    """Where the things of a shot go."""
    return frozenset(thing.direction for thing in shot.things if thing.direction != "still")


def film(seed: int, seconds: float) -> list[Passing]:
    """Make a film, scan it, and score its true shots."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        truth = make_film(path, FilmSpec(seed=seed, seconds=seconds, width=320, height=180, sound=None))
        file = LocalFile(str(path), 0, path.stat().st_size)
        media = read_facts(file).media("0" * 64, "film", file.size)
        (scanned,) = Scan().open()([MediaFile(media, file)])
    return list(passing(media, scanned.rows[0], truth))


def report(found: Sequence[Passing]) -> None:
    """Print a Markdown table."""
    print("| what moves | shots | measured | sure | right | speed to the true one, median |")
    print("|---|---|---|---|---|---|")
    for name, count in (("nothing", 0), ("one way", 1), ("two ways", 2)):
        some = [one for one in found if len(one.ways) == count]
        sure = [one for one in some if one.sure]
        right = sum(one.ways == {one.sure} for one in sure)
        ratios = [one.measured / one.speed for one in some if one.measured and one.speed]
        ratio = f"{np.median(ratios):.2f}" if ratios else ""
        measured = sum(one.measured is not None for one in some)
        print(f"| {name} | {len(some)} | {measured} | {len(sure)} | {right} | {ratio} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    options.add_argument("--seconds", type=float, default=45.0)
    asked = options.parse_args()
    report([one for seed in asked.seeds for one in film(seed, asked.seconds)])


if __name__ == "__main__":
    main()
