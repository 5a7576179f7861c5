"""Precision, recall and F1 of all detectors per kind of transition, beside PySceneDetect's own, and their CPU.

python -m infra.bench.cuts [--media ../shared/media] [--seeds 101 102] [--annotated FOLDER] [--model transnetv2.onnx]

Sets: `made` (films of `curate.film`), `spliced` (real clips joined by ffmpeg), `good` (real clips, joins found by eye),
`annotated` (a folder with annotations of ClipShots, BBC, RAI or AutoShot). See score.py for what counts as found.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.bench.cuts.annotations import annotated
from infra.bench.cuts.contestants import PEERS, contest
from infra.bench.cuts.golden import golden
from infra.bench.cuts.made import made
from infra.bench.cuts.reel import Reel
from infra.bench.cuts.score import Tally
from infra.bench.cuts.spliced import spliced

KINDS = ("cut", "jump", "dissolve", "fade", "wipe", "gradual")


def tallies(reels: Sequence[Reel], model: str) -> dict[str, Tally]:
    """What each detector found of a set."""
    found: dict[str, Tally] = {}
    for name in ("strips", *([f"strips:{model}"] if model else []), *PEERS):
        for reel, results in zip(reels, contest(name, [reel.path for reel in reels]), strict=True):
            for detector, (cpu_s, boundaries) in results.items():
                tally = found.setdefault(detector, Tally())
                tally.add(reel, boundaries)
                tally.cpu_s += cpu_s
    return found


def report(name: str, reels: Sequence[Reel], found: dict[str, Tally]) -> None:
    """Print a Markdown table."""
    true = next(iter(found.values())).true
    kinds = [kind for kind in KINDS if true[kind]]
    counts = ", ".join(f"{true[kind]} {kind}" for kind in kinds)
    print(f"\n{name}: {len(reels)} files, {counts}. Recall / F1.\n")
    print("| detector | " + " | ".join(kinds) + " | all: precision | recall | F1 | false | CPU s |")
    print("|---|" + "---|" * (len(kinds) + 5))
    for detector, tally in found.items():
        cells = [f"{tally.recall([kind]):.2f} / {tally.f1([kind]):.3f}" for kind in kinds]
        whole = f"{tally.precision(kinds):.3f} | {tally.recall(kinds):.3f} | {tally.f1(kinds):.3f}"
        print(f"| {detector} | {' | '.join(cells)} | {whole} | {tally.false} | {tally.cpu_s:.1f} |", flush=True)
    ours = found["house"]
    print(f"\n`house` names {ours.named} of {sum(ours.hits.values())} as they are.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--media", type=Path, default=Path("../shared/media"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--sets", nargs="+", default=["made", "spliced", "good"], choices=["made", "spliced", "good"])
    parser.add_argument("--annotated", type=Path, help="a folder of videos with their annotations")
    parser.add_argument("--model", default="", help="TransNetV2 as infra/models/transnetv2.py writes it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, good = Path(name), chosen.media / "good"
        sets = {
            "made": lambda: made(folder, chosen.seeds),
            "spliced": lambda: spliced(good, folder, chosen.seeds),
            "good": lambda: golden(good, folder),
        }
        for each in chosen.sets:
            reels = sets[each]()
            report(each, reels, tallies(reels, chosen.model))
        if chosen.annotated:
            reels = annotated(chosen.annotated)
            report(str(chosen.annotated), reels, tallies(reels, chosen.model))


if __name__ == "__main__":
    main()
