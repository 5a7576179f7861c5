"""The house's own detector: cuts, jump cuts, dissolves, fades and wipes, each by what it is."""

from curate.split.boundary import Boundary
from curate.split.cuts import hard_cuts
from curate.split.dissolves import dissolves
from curate.split.fades import fades
from curate.split.frames import Frames
from curate.split.jumps import jumps, named
from curate.split.steps import steps_of
from curate.split.wipes import wipes


def house(frames: Frames, threshold: float) -> list[Boundary]:
    """All boundaries; `threshold` is the change that makes a hard cut, in units of the pictures' contrast."""
    if not len(frames):
        return []
    found = separate(fades(frames))
    cuts = [one for one in hard_cuts(frames, threshold) if not any(f.start <= one.start <= f.end for f in found)]
    found += named(frames, cuts)
    steps = steps_of(frames)
    found += wipes(frames, steps, found)
    found += dissolves(frames, steps, found)
    found += jumps(frames, found)
    return sorted(found, key=lambda boundary: boundary.start)


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
