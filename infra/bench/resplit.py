"""Cost of splitting stored strips again, and what each detector finds of films with known truth.

python infra/bench/resplit.py [--strips 200] [--films 2]

Strips of 30 s (750 frames) are cut out of made films, stored as the lake stores them (Parquet, lz4) and read back
through `schemas.row`, as `split` does in a job. CPU seconds of one thread; the total is scaled to 10,000 strips.
"""

import argparse
import dataclasses
import hashlib
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.film import FilmSpec, make_film
from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan
from curate.split.boundary import Boundary
from curate.split.detectors import DETECTORS
from curate.split.frames import frames_of
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from schemas.media import Media
from schemas.row import from_table, to_table
from schemas.strip import Strip
from schemas.truth import Film, TransitionTruth

FRAMES, SPAN_US = 750, 30_000_000
SHIFT = 75  # frames from one strip of a film to the next
TARGET_STRIPS, TARGET_S = 10_000, 30.0
SLACK = {"cut": 0, "dissolve": 2, "fade": 2}  # frames


def made(folder: Path, seed: int) -> tuple[Media, Strip, Film]:
    """A minute of film, measured."""
    path = folder / f"{seed}.mp4"
    truth = make_film(path, FilmSpec(seed=seed, seconds=60.0, width=320, height=180, flashes=True, speech=False))
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(hashlib.sha256(path.read_bytes()).hexdigest(), "", file.size)
    (outcome,) = Scan().open()([MediaFile(media, file)])
    return media, outcome.rows[0], truth


def part(strip: Strip, first: int) -> Strip:
    """The strip of `FRAMES` frames from `first` on, as of a media of its own."""
    frames = frames_of(strip)
    span = slice(first, first + FRAMES)
    start = int(frames.pts_us[first])
    sampled = strip.sample_pts_us.to_numpy()
    samples = slice(*np.searchsorted(sampled, [start, start + SPAN_US]).tolist())
    columns: dict[str, object] = {}
    for field in dataclasses.fields(strip):
        value = getattr(strip, field.name)
        if isinstance(value, pa.Array) and len(value) == len(frames):
            columns[field.name] = pa.array(value.to_numpy()[span])
        elif isinstance(value, pa.Array) and len(value) == len(sampled):
            columns[field.name] = pa.array(value.to_numpy()[samples])
    columns["pts_us"] = pa.array(frames.pts_us[span] - start)
    columns["sample_pts_us"] = pa.array(sampled[samples] - start)
    columns["thumbs"] = frames.luma[span].tobytes() + frames.chroma[:, span].tobytes()
    columns["end_us"] = int(frames.edges_us[first + FRAMES]) - start
    return dataclasses.replace(strip, **columns)


def speed(folder: Path, media: Media, strips: list[Strip], count: int) -> None:
    """Print what reading and splitting cost.

    A strip is let go before the next one is read, as in a job. No row group has a strip twice: it would be stored once.
    """
    path = folder / "strips.parquet"
    table = to_table(Strip, strips)
    with pq.ParquetWriter(path, table.schema, compression="lz4", use_dictionary=False) as writer:
        for _ in range(0, count, len(strips)):
            writer.write_table(table)
    split = Split().open()
    reading = splitting = 0.0
    clips = done = 0
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        begin = time.process_time()
        for strip in from_table(Strip, file.read_row_group(group, use_threads=False)):
            middle = time.process_time()
            (outcome,) = split([MediaStrip(media, strip)])
            end = time.process_time()
            reading, splitting = reading + middle - begin, splitting + end - middle
            clips, done, begin = clips + len(outcome.rows), done + 1, end
    total = (reading + splitting) / done * TARGET_STRIPS
    size_kb = path.stat().st_size / done / 1e3
    print(f"{done} strips of {FRAMES} frames, {clips / done:.1f} clips each, {size_kb:.0f} kB each")
    print(f"read  {reading / done * 1e3:6.2f} ms a strip")
    print(f"split {splitting / done * 1e3:6.2f} ms a strip")
    print(f"{TARGET_STRIPS} strips: {total:.1f} CPU-s of one thread (aim: {TARGET_S:.0f} s)")


def matches(one: Boundary, join: TransitionTruth) -> bool:
    """Whether a boundary is that join, of its kind and to its frames."""
    slack = SLACK[join.kind]
    close = abs(one.start - join.first_frame) <= slack and abs(one.end - join.end_frame) <= slack
    return close and (one.before, one.after) == (join.kind, join.kind)


def accuracy(films: list[tuple[Media, Strip, Film]]) -> None:
    """Print a table: per detector the joins found, by kind, and the boundaries that are none."""
    print(f"{'detector':10} {'cuts':>9} {'dissolves':>9} {'fades':>9} {'false':>6} {'precision':>9} {'recall':>7}")
    for name, detector in DETECTORS.items():
        if detector.network:
            continue
        found, joins = Counter[str](), Counter[str]()
        boundaries = 0
        for _, strip, truth in films:
            seen = detector.detect(frames_of(strip), detector.threshold)
            boundaries += len(seen)
            for join in truth.transitions:
                joins[join.kind] += 1
                found[join.kind] += any(matches(one, join) for one in seen)
        hits = found.total()
        shares = "".join(f"{f'{found[kind]}/{joins[kind]}':>10}" for kind in ("cut", "dissolve", "fade"))
        precision = hits / boundaries if boundaries else 0.0
        print(f"{name:10}{shares} {boundaries - hits:6} {precision:9.2f} {hits / joins.total():7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strips", type=int, default=200)
    parser.add_argument("--films", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = [made(folder, 100 + seed) for seed in range(chosen.films)]
        strips = [part(strip, first) for _, strip, _ in films for first in range(0, FRAMES + 1, SHIFT)]
        speed(folder, films[0][0], strips, chosen.strips)
        accuracy(films)


if __name__ == "__main__":
    main()
