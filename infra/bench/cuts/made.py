"""Films of `curate.film`, with wipes, jumps and flashes, and their truth."""

from collections.abc import Sequence
from pathlib import Path

from curate.film import FilmSpec, make_film
from infra.bench.cuts.reel import Join, Reel


def made(folder: Path, seeds: Sequence[int], seconds: float = 60.0) -> list[Reel]:
    """One film for each seed."""
    reels = []
    for seed in seeds:
        spec = FilmSpec(
            seed=seed, seconds=seconds, wipes=True, jumps=True, flashes=True, sound=None, width=480, height=270
        )
        path = folder / f"film-{seed}.mp4"
        truth = make_film(path, spec)
        reels.append(Reel(path, tuple(Join(one.kind, one.first_frame, one.end_frame) for one in truth.transitions)))
    return reels
