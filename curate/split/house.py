"""The house's own detector: cuts, jump cuts, dissolves, fades and wipes, each by what it is."""

from curate.split.boundary import Boundary
from curate.split.cuts import hard_cuts
from curate.split.dissolves import dissolves
from curate.split.fades import fades
from curate.split.frames import Frames
from curate.split.jumps import jumps, named
from curate.split.steps import steps_of
from curate.split.wipes import wipes
from schemas.clip import Transition

STEP = 2  # frames between a fade and a cut that is its first or last step


def house(frames: Frames, threshold: float) -> list[Boundary]:
    """All boundaries; `threshold` is the change that makes a hard cut, in units of the pictures' contrast."""
    if not len(frames):
        return []
    cuts = hard_cuts(frames, threshold)
    found = [reaching(fade, cuts) for fade in separate(fades(frames))]
    cuts = [one for one in cuts if not any(f.start <= one.start <= f.end for f in found)]
    found += named(frames, cuts)
    steps = steps_of(frames)
    found += wipes(frames, steps, found)
    found += dissolves(frames, steps, found)
    found += jumps(frames, found)
    return sorted(found, key=lambda boundary: boundary.start)


def reaching(fade: Boundary, cuts: list[Boundary]) -> Boundary:
    """A fade with the steps just before and after it, which are its own: no shot is so short."""
    start = min([fade.start, *(one.start for one in cuts if 0 <= fade.start - one.start <= STEP)])
    end = max([fade.end, *(one.start for one in cuts if 0 <= one.start - fade.end <= STEP)])
    before: Transition = "fade" if start < fade.start else fade.before
    after: Transition = "fade" if end > fade.end else fade.after
    return Boundary(start, end, before, after, fade.strength)


def separate(boundaries: list[Boundary]) -> list[Boundary]:
    """Those that meet or overlap become one: black that flickers, a fade that ends in another."""
    out: list[Boundary] = []
    for boundary in boundaries:
        if out and boundary.start <= out[-1].end:
            last = out.pop()
            longer = boundary if boundary.end >= last.end else last
            strength = max(last.strength, boundary.strength)
            out.append(Boundary(last.start, longer.end, last.before, longer.after, strength))
        else:
            out.append(boundary)
    return out
