"""How honest the check is: what it notices of errors planted in true captions, and how often it cries over none.

    PYTHONPATH=. python infra/bench/honesty.py [--seeds 701 702 703] [--voices 3] [--made 0]

The evidence is the truth of made films (`captioners.probe.truth`). Each caption is made from it: by the embedded
captioner, and in so many other voices (`tests.captioners.check.other_voice`). Clips are the shots, and longer parts in
which more is said; in films of odd seeds every camera stands, so that more is told of where things go. With `--made`
the evidence of so many clips is made up instead: their music has bars. Rates are those of `retold check --mutations`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from captioners.blend import Blend
from captioners.check import Check
from captioners.check.examine import examine
from captioners.check.mutate.detection import Detections, alarmed, detection_rates
from captioners.check.reader import ProseReader
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.probe.truth import truth_of
from curate.film import FilmSpec
from curate.film.director import draw_script
from curate.film.film import shoot
from curate.film.script import Move
from curate.media.facts import read_facts
from curate.media.file import LocalFile
from jobs.mutations import told
from schemas.clip import Clip, clip_id
from schemas.media import Media
from schemas.truth import Film
from tests.captioners.check.other_voice import retold
from tests.captioners.evidences import random_evidence

PARTS = (1, 2, 3)
"""Into how many parts of one length a film is cut, beside its shots."""


def film(seed: int, seconds: float = 45.0) -> tuple[Film, Media]:
    """A small film of few frames: its truth depends on neither. In one of an odd seed no camera moves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        script = draw_script(FilmSpec(seed=seed, seconds=seconds, width=96, height=64, fps=8))
        if seed % 2:
            script = replace(script, takes=tuple(replace(take, move=Move(), scale=1.0) for take in script.takes))
        truth = shoot(path, script)
        file = LocalFile(str(path), 0, path.stat().st_size)
        return truth, read_facts(file).media(truth.media_id, "film", file.size)


def clips_of(truth: Film) -> Iterator[Clip]:
    """The shots of a film, and its parts."""
    yield from truth.clips
    for count in PARTS:
        for at in range(count):
            start_us, end_us = at * truth.end_us // count, (at + 1) * truth.end_us // count
            key = clip_id(truth.media_id, start_us, end_us)
            box = {"crop_x": 0, "crop_y": 0, "crop_width": truth.width, "crop_height": truth.height}
            yield replace(truth.clips[0], clip_id=key, start_us=start_us, end_us=end_us, **box)


def captions_of(truth: Film, media: Media, voices: int) -> Iterator[CaptionedEvidence]:
    """True captions of all clips: in our voice, and in others."""
    for clip in clips_of(truth):
        yield from in_voices(truth_of(truth, clip, media), truth.seed, voices)


def in_voices(evidence: Evidence, seed: int, voices: int) -> Iterator[CaptionedEvidence]:
    """The caption of one clip in our voice, and in so many others."""
    yield ours(evidence)
    yield from (retold(evidence, seed * 100 + voice) for voice in range(voices))


def ours(evidence: Evidence) -> CaptionedEvidence:
    """A clip with the caption that the embedded captioner makes of its evidence."""
    (outcome,) = Blend().open()([evidence])
    return CaptionedEvidence(outcome.rows[0], evidence)


def report(found: Detections) -> None:
    """Print a Markdown table."""
    print("| planted error | captions broken | noticed | rate (95 %) | by claims too |")
    print("|---|---|---|---|---|")
    for one in found.kinds:
        rate = told(one.rate) if one.rate else "needs a model that saw the clip" if one.seer else ""
        print(f"| {one.kind} | {one.broken} | {one.noticed} | {rate} | {one.by_claims} |")
    alarms = told(found.false_alarm_rate) if found.false_alarm_rate else ""
    print(f"\nFalse alarms: {found.false_alarms} of {found.captions} true captions, {alarms}.")


def alarms(rows: list[CaptionedEvidence]) -> Iterator[str]:
    """What was taken for wrong in true captions, and the caption."""
    reader, rules = ProseReader(), Check().rules
    for row in rows:
        found = examine(row.caption, row.evidence, reader, rules)
        if alarmed(found):
            yield f"\n{row.caption.dense}"
            yield from (f"  {a.question.text} {a.question.truth!r}, not {a.answer!r}" for a in found.answers
                        if a.answer is not None and not a.right)  # fmt: skip
            told_of = [*((claim.text, each) for claim, each in found.claims), *found.strays]
            yield from (f"  contradicted: {text}" for text, each in told_of if each == "contradicted")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[701, 702, 703])
    options.add_argument("--voices", type=int, default=3)
    options.add_argument("--made", type=int, default=0)
    asked = options.parse_args()
    if asked.made:
        rows = [row for seed in range(asked.made) for row in in_voices(random_evidence(seed), seed, asked.voices)]
    else:
        rows = [row for seed in asked.seeds for row in captions_of(*film(seed), asked.voices)]
    report(detection_rates(rows, Check()))
    sys.stderr.writelines(f"{line}\n" for line in alarms(rows))


if __name__ == "__main__":
    main()
