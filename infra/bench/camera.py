"""How often the camera of made films is told as their truth has it: kind and direction, and how fast it moves.

    python infra/bench/camera.py [--seeds 10 11 13] [--seconds 45]

Every other film has a variable frame rate. Speeds are pixels per second at 256 px short side, those of zooms and rolls
as seen at the nearer edge; of a camera that shakes, the mean distance in pixels. Short shots tell nothing of shaking.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from curate.film import FilmSpec, make_film
from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan
from curate.score.clip_strip import ClipStrip
from curate.score.stage import ScoreClip
from schemas.media import Media
from schemas.strip import Strip
from schemas.truth import Film, Shot

RADIUS_PX = 128.0
CLOSE = 0.15
SIGNED = {
    "pan": ("pan left", "pan right", "pan_x_px_s"),
    "tilt": ("tilt up", "tilt down", "pan_y_px_s"),
    "zoom": ("zoom out", "zoom in", "zoom_per_s"),
    "roll": ("roll counterclockwise", "roll clockwise", "roll_deg_s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A shot of a film whose camera is known, and what the scores say of it; None: no row."""

    true_kind: str  # with its direction
    true_speed: float
    kind: str | None
    speed: float | None  # px/s; of one that shakes: px

    @property
    def close(self) -> bool:
        return self.speed is not None and abs(self.speed / self.true_speed - 1) <= CLOSE


def expected(shot: Shot) -> str:
    """The kind of a shot's camera, with its direction, as `camera` names it."""
    if shot.camera.kind not in SIGNED:
        return shot.camera.kind
    less, more, name = SIGNED[shot.camera.kind]
    return more if getattr(shot.camera, name) > 0 else less


def true_speed(shot: Shot) -> float:
    """Pixels per second at 256 px short side, zoom and roll as seen at the nearer edge; of a shaking one, pixels."""
    of = shot.camera
    return {
        "static": 0.0,
        "pan": abs(of.pan_x_px_s),
        "tilt": abs(of.pan_y_px_s),
        "zoom": abs(of.zoom_per_s) * RADIUS_PX,
        "roll": abs(math.radians(of.roll_deg_s)) * RADIUS_PX,
        "shake": of.shake_px,
    }[of.kind]


def told(media: Media, strip: Strip, truth: Film) -> Iterator[Told]:
    """Every shot of a film but black ones."""
    run = ScoreClip(metrics=("camera", "shake")).open()
    for clip, shot in zip(truth.clips, truth.shots, strict=True):
        if shot.scene == "black":
            continue
        (outcome,) = run([ClipStrip(clip, media, strip)])
        rows = {row.metric: row for row in outcome.rows}
        speed = rows.get("shake" if shot.camera.kind == "shake" else "camera")
        kind = json.loads(rows["camera"].detail or "{}")["kind"] if "camera" in rows else None
        yield Told(expected(shot), true_speed(shot), kind, None if speed is None else speed.value)


def film(seed: int, seconds: float, vfr: bool) -> list[Told]:
    """Make a film, scan it, and score its true shots."""
    spec = FilmSpec(seed=seed, seconds=seconds, width=320, height=180, flashes=True, vfr=vfr, sound=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        truth = make_film(path, spec)
        file = LocalFile(str(path), 0, path.stat().st_size)
        media = read_facts(file).media("0" * 64, "film", file.size)
        (scanned,) = Scan().open()([MediaFile(media, file)])
    return list(told(media, scanned.rows[0], truth))


def report(found: Sequence[Told]) -> None:
    """Print a Markdown table."""
    print("| camera | shots | told | kind and direction right | speed within 15 % | speed to the true one, median |")
    print("|---|---|---|---|---|---|")
    for kind in ("static", *SIGNED, "shake"):
        some = [one for one in found if one.true_kind.split()[0] == kind]
        known = sum(one.kind is not None for one in some)
        right = sum(one.kind == one.true_kind for one in some)
        ratios = [one.speed / one.true_speed for one in some if one.speed is not None and one.true_speed]
        close = sum(one.close for one in some) if ratios else ""
        print(
            f"| {kind} | {len(some)} | {known} | {right} | {close} | {f'{np.median(ratios):.3f}' if ratios else ''} |"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[10, 11, 13])
    options.add_argument("--seconds", type=float, default=45.0)
    asked = options.parse_args()
    report([one for n, seed in enumerate(asked.seeds) for one in film(seed, asked.seconds, bool(n % 2))])


if __name__ == "__main__":
    main()
