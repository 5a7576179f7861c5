"""The public annotation formats of shot boundaries: ClipShots, BBC Planet Earth, RAI, AutoShot.

A folder of theirs is read as it is unpacked: the annotations anywhere in it, the videos anywhere in it. Where two
frames are annotated they are, in all formats, the last of the old shot and the first of the new one, counted from 0.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from curate.errors import UsageError
from infra.bench.cuts.reel import Join, Reel

VIDEOS = (".mp4", ".mkv", ".webm", ".avi", ".mov", ".mpg")
_HEAD = re.compile(r"\[?([^\s,\[\]]+\.(?:mp4|mkv|webm|avi|mov|mpg))\]?(?:\s+\d+)?")
_SPAN = re.compile(r"\[?(\d+)\s*[,.\s]+\s*(\d+)\]?,?")


def joined(last: int, first: int) -> Join:
    """The join between a shot that ends with the frame `last` and one that begins with `first`."""
    return Join("cut", first, first) if first == last + 1 else Join("gradual", last + 1, first)


def clipshots(text: str) -> dict[str, tuple[Join, ...]]:
    """ClipShots' JSON: `{"a.mp4": {"transitions": [[last, first], ...], "frame_num": n}}`."""
    films = json.loads(text)
    return {name: tuple(_joins(one["transitions"])) for name, one in films.items()}


def autoshot(text: str) -> dict[str, tuple[Join, ...]]:
    """AutoShot's text: `a.mp4 frames`, then a line `last,first` for each transition, then a blank line.

    Its slips of the pen (`2959.2960`, `568,,569`) are read as they are meant; spans that go back in time are left out.
    """
    films: dict[str, list[tuple[int, int]]] = {}
    spans: list[tuple[int, int]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, span = _HEAD.fullmatch(line), _SPAN.fullmatch(line)
        if head:
            spans = films.setdefault(head[1], [])
        elif span:
            spans.append((int(span[1]), int(span[2])))
        else:
            raise UsageError(f"a line of AutoShot's annotations is neither a video nor a transition: {line!r}")
    return {name: tuple(_joins(found)) for name, found in films.items()}


def shots(text: str, late: int = 0) -> tuple[Join, ...]:
    """BBC's and RAI's text: a line `first last` for each shot; BBC's numbers are one too low (`late` 1)."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    spans = [(int(row[0]) + late, int(row[1]) + late) for row in rows]
    return tuple(_joins((a[1], b[0]) for a, b in pairwise(spans)))


def _joins(pairs: Iterable[Iterable[int]]) -> Iterator[Join]:
    for last, first in pairs:
        if first > last:
            yield joined(int(last), int(first))


def annotated(folder: Path) -> list[Reel]:
    """All videos of a folder that have annotations in it, in any of the formats."""
    videos = {path.name: path for path in sorted(folder.rglob("*")) if path.suffix.lower() in VIDEOS}
    known: dict[str, tuple[Join, ...]] = {}
    for path in sorted(folder.rglob("*.json")):
        known |= clipshots(path.read_text("utf-8"))
    for path in sorted(folder.rglob("*.txt")):
        text = path.read_text("utf-8")
        if _HEAD.match(text.lstrip()):
            known |= autoshot(text)
        elif _SPAN.match(text.lstrip()):
            name = _video_of(path, videos)
            known |= {name: shots(text, late=int(name.startswith("bbc")))} if name else {}
    reels = [Reel(videos[name], joins) for name, joins in sorted(known.items()) if name in videos]
    if not reels:
        raise UsageError(f"no video with annotations (ClipShots, BBC, RAI, AutoShot) in {folder}: {len(videos)} videos")
    return reels


def _video_of(path: Path, videos: dict[str, Path]) -> str | None:
    """`01_pole.txt` is of `bbc_01.mp4`, `3_gt.txt` of `3.mp4`, `7.txt` of `7.mp4`."""
    number = re.match(r"\d+", path.stem)
    stems = (path.stem.removesuffix("_gt"), f"bbc_{number[0]}" if number else "")
    return next((name for name in sorted(videos) if Path(name).stem in stems), None)
