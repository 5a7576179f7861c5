"""A campaign against all that parses what comes from outside: bad inputs of every kind, and media damaged in many ways.

PYTHONPATH=. python infra/bench/fuzz.py inputs [--minutes 3] [--seed 1000]
PYTHONPATH=. python infra/bench/fuzz.py media FOLDER [--minutes 5] [--seed 1000]

Inputs and damages are those of `tests/fuzz`, by seeds that no test has. What is neither read nor refused by a
sentence is kept in a folder, with the number of its seed. Exit status 1: there was something.
"""

import argparse
import itertools
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fuzz.inputs import INPUTS, read
from tests.fuzz.media import Examined, clips, damage

SLOW_S = 5.0
"""A text of a few kB that takes longer to read is as good as a hang."""

Round = tuple[str, Callable[[], str]]  # its name, and what gives the kind of its end


def main() -> int:
    """One campaign; what came of it goes to stdout."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("inputs", "media"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1000)
    asked = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="retold-fuzz-"))
    examined = Examined()
    rounds = (
        _inputs(scratch, asked.seed) if asked.kind == "inputs" else _media(asked.folder, scratch, asked.seed, examined)
    )
    ends, found = _campaign(rounds, asked.minutes * 60, scratch)
    examined.close()
    for (name, kind), count in sorted(ends.items()):
        sys.stdout.write(f"{name:24} {kind:16} {count}\n")
    sys.stdout.write(f"{ends.total() / asked.minutes:.0f} rounds a minute, {found} bugs; {scratch if found else ''}\n")
    if not found:
        shutil.rmtree(scratch)
    return 1 if found else 0


def _campaign(rounds: Iterator[Round], seconds: float, scratch: Path) -> tuple[Counter[tuple[str, str]], int]:
    """How rounds ended, by name and kind, and how many of them in a bug."""
    ends, found, last = Counter[tuple[str, str]](), 0, time.monotonic() + seconds
    for name, one in itertools.takewhile(lambda _: time.monotonic() < last, rounds):
        begun = time.process_time()
        try:
            kind = one()
        except Exception:  # noqa: BLE001  what a campaign looks for
            kind = "BUG"
            (scratch / f"bug-{found}.txt").write_text(f"{name}\n{traceback.format_exc()}")
        if time.process_time() - begun > SLOW_S:
            kind = "SLOW"
            (scratch / f"bug-{found}.txt").write_text(f"{name}: {time.process_time() - begun:.1f} s\n")
        found += kind in {"BUG", "SLOW"}
        ends[name.partition("#")[0], kind] += 1
    return ends, found


def _inputs(scratch: Path, seed: int) -> Iterator[Round]:
    for number in itertools.count(seed):
        for name in INPUTS:
            yield (
                f"{name}#{number}",
                lambda name=name, number=number: "refused" if read(name, number, scratch) else "read",
            )


def _media(folder: Path, scratch: Path, seed: int, examined: Examined) -> Iterator[Round]:
    good = clips(folder)
    for number in itertools.count(seed):
        for clip in good:
            bad = scratch / f"damaged{clip.suffix}"
            yield (
                f"{clip.suffix}#{clip.name} {number}",
                lambda clip=clip, number=number, bad=bad: examined(damage(clip, number, bad)),
            )


if __name__ == "__main__":
    sys.exit(main())
