"""Parts of real clips, joined by ffmpeg in all the ways it knows: real motion, exact truth."""

import itertools
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from infra.bench.cuts.reel import Join, Reel

WIDTH, HEIGHT, FPS = 640, 360, 25
GAP_S = 0.8  # what a jump cut leaves out, at least

# Files of ../shared/media/good and what is one shot of them, in seconds.
SOURCES: tuple[tuple[str, float, float], ...] = (
    ("bbb_480p_30s.mp4", 2.5, 11.6), ("car_detection_432p.mp4", 0.0, 29.5), ("friday_bw_480p.mp4", 0.0, 5.8),
    ("sam2_dog_720p.mp4", 0.0, 9.3), ("flower_540p.mp4", 0.0, 4.7), ("bottle_detection_360p.mp4", 0.0, 39.0),
    ("bbb_480p_30s.mp4", 16.0, 22.8), ("sam2_bedroom_540p.mp4", 0.0, 6.3), ("mdn_crystal_480p.mp4", 0.0, 11.5),
    ("asl_book_480p.mkv", 0.0, 3.4), ("dj_great_wall_360p.mp4", 0.0, 11.6), ("sam2_cups_720p.mp4", 0.0, 9.6),
    ("cockatoo_720p.mp4", 0.0, 13.5), ("mdn_rabbit_480p.webm", 0.0, 7.4), ("bbb_480p_30s.mp4", 23.3, 29.5),
    ("one_by_one_person_432p.mp4", 0.0, 138.0), ("sintel_trailer_480p_30s.mp4", 22.0, 23.7),
    ("sam2_coffee_720p.mp4", 0.0, 9.2), ("bbb_720p_5s.mp4", 0.0, 5.0), ("sam2_blocks_720p.mp4", 0.0, 9.3),
    ("sintel_trailer_480p_30s.mp4", 4.3, 5.7), ("bbb_480p_30s.mp4", 12.1, 15.5),
)  # fmt: skip

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "cut": ("",),
    "jump": ("",),
    "dissolve": ("fade",),
    "fade": ("fadeblack", "fadewhite"),
    "wipe": (
        "wipeleft", "wiperight", "wipeup", "wipedown", "smoothleft", "smoothright", "smoothup", "smoothdown",
        "wipetl", "wipebr", "diagtl", "diagbr", "circleopen", "circleclose", "vertopen", "horzclose", "radial",
    ),
}  # fmt: skip
"""ffmpeg's xfade transitions of each kind."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames of a source, and how they are joined to those before: `taken` frames of both overlap."""

    source: int
    start_s: float
    frames: int
    kind: str = ""
    transition: str = ""
    taken: int = 0


def script(seed: int, kinds: Sequence[str], count: int, sources: Sequence[int]) -> list[Piece]:
    """`count` pieces; each kind of transition in turn, in a drawn order."""
    rng = np.random.default_rng((seed, 77))
    order = [kinds[k % len(kinds)] for k in rng.permutation(count - 1)]
    pieces: list[Piece] = []
    for asked in ["", *order]:
        least = 2 * 36 + 12
        wanted = int(rng.integers(least, least + 50))
        before = pieces[-1] if pieces else None
        later = _later(before, least) if asked == "jump" and before is not None else None
        kind = "cut" if asked == "jump" and later is None else asked
        taken = 0 if kind in ("", "cut", "jump") else int(rng.integers(8, 36))
        if before is not None and later is not None:
            source, start = before.source, later
        else:
            others = [k for k in sources if before is None or SOURCES[k][0] != SOURCES[before.source][0]]
            source = int(rng.choice(others))
            _, first, last = SOURCES[source]
            room = max(0.0, last - first - wanted / FPS)
            start = first + float(rng.uniform(0, room / 4 if "jump" in kinds else room))  # a jump needs room behind it
        frames = min(wanted, int((SOURCES[source][2] - start) * FPS))
        transition = str(rng.choice(TRANSITIONS[kind])) if kind else ""
        taken = min(taken, frames // 3, before.frames // 3 if before else 0)
        pieces.append(Piece(source, start, frames, kind, transition, taken))
    return pieces


def _later(before: Piece, least: int) -> float | None:
    """Where the same shot goes on after a jump; None where it is over."""
    start = before.start_s + before.frames / FPS + GAP_S
    return start if (SOURCES[before.source][2] - start) * FPS >= least else None


def splice(media: Path, out: Path, pieces: Sequence[Piece]) -> Reel:
    """Write a film of `pieces` (H.264), and say where they are joined.

    Each piece is cut into what it shows alone and what it shares with its neighbours; all parts are cut to the frame.
    """
    command, filters, parts = ["ffmpeg", "-v", "error", "-y"], [], []
    joins, length = [], 0
    shared = [*(piece.taken for piece in pieces), 0]
    for k, piece in enumerate(pieces):
        name = SOURCES[piece.source][0]
        command += ["-ss", f"{piece.start_s:.3f}", "-t", f"{piece.frames / FPS + 1:.3f}", "-i", str(media / name)]
        size = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},setsar=1"
        filters.append(f"[{k}:v]fps={FPS},{size},format=yuv420p,tpad=stop_mode=clone:stop=25,split=3[a{k}][b{k}][c{k}]")
        alone = piece.taken, piece.frames - shared[k + 1]
        for part, (first, end) in {"a": (0, piece.taken), "b": alone, "c": (alone[1], piece.frames)}.items():
            cut = f"trim=start_frame={first}:end_frame={end},setpts=N/{FPS}/TB,settb=1/{FPS}"
            filters.append(f"[{part}{k}]{cut}[{part}{k}t]" if end > first else f"[{part}{k}]nullsink")
        if piece.taken:
            filters.append(
                f"[c{k - 1}t][a{k}t]xfade=transition={piece.transition}:duration={piece.taken / FPS}:offset=0,"
            )
            filters[-1] += (
                f"tpad=stop_mode=clone:stop=1,trim=end_frame={piece.taken},setpts=N/{FPS}/TB,settb=1/{FPS}[x{k}]"
            )
            parts.append(f"[x{k}]")
        if k:
            joins.append(Join(piece.kind, length + (1 if piece.taken else 0), length + piece.taken))
        parts.append(f"[b{k}t]")
        length += piece.frames - shared[k + 1]
    filters.append(f"{''.join(parts)}concat=n={len(parts)}:v=1:a=0,settb=1/{FPS},setpts=N[out]")
    coding = [
        "-map",
        "[out]",
        "-fps_mode",
        "passthrough",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "23",
        str(out),
    ]
    subprocess.run(
        [*command, "-filter_complex_threads", "1", "-filter_complex", ";".join(filters), *coding], check=True
    )
    with av.open(str(out)) as container:
        written = sum(1 for packet in container.demux(video=0) if packet.size)
    if written != length:
        raise RuntimeError(f"ffmpeg wrote {written} frames of {length}: the truth of {out} would be wrong")
    return Reel(out, tuple(joins))


def spliced(media: Path, folder: Path, seeds: Sequence[int], half: int | None = None) -> list[Reel]:
    """A film of each kind of transition, and two with all of them, for each seed.

    half: 0 or 1 takes only sources of even or odd number, so that thresholds can be chosen on other clips than they are
    tested on.
    """
    sources = [k for k in range(len(SOURCES)) if half is None or k % 2 == half]
    every = tuple(TRANSITIONS)
    sets: list[tuple[str, tuple[str, ...]]] = [*((kind, (kind,)) for kind in every), ("all0", every), ("all1", every)]
    reels = []
    for seed, (number, (name, kinds)) in itertools.product(seeds, enumerate(sets)):
        pieces = script(1000 * seed + number, kinds, 13, sources)
        reels.append(splice(media, folder / f"{name}-{seed}.mp4", pieces))
    return reels
