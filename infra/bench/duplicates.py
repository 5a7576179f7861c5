"""What the search for near-duplicates finds of copies made by ffmpeg, what it costs, and how it grows.

    python infra/bench/duplicates.py copies [--media FOLDER] [--films 6] [--keep FOLDER]
    python infra/bench/duplicates.py scale [CLIPS...]

`copies` cuts each original to 16 s of at most 640 pixels width, copies it in every way of `COPIES`, runs scan, split
and score over all of it, and asks which clips are near-duplicates. A pair of clips is *true* where they share 60 % of
the longer one's time, and *none* where they share no moment. What lies between is counted neither way; nor are clips of
one shot at different times, shots that a film shows twice, and flat clips (black). Recall is that of originals among
their copies of one kind, each kind in a corpus of its own; precision is over all pairs of all clips. Thresholds were
chosen on the even originals; the odd ones are the test. Last, the odd originals are an evaluation set.

`scale` groups made-up fingerprints: a tenth of the clips are copies, one in a hundred shows a title that all of these
share.
"""

import argparse
import hashlib
import json
import pickle
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.film import FilmSpec, load_truth, make_film, truth_path
from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.pick.duplicates import alike, likenesses
from curate.pick.duplicates import groups as grouped
from curate.pick.fingerprints import MIRROR, Fingerprints, fingerprints
from curate.pick.leaks import leaks
from curate.pick.neighbours import candidates
from curate.pick.policy import Duplicates, Leaks
from curate.scan.stage import Scan
from curate.score.clip_strip import ClipStrip
from curate.score.duplicate import duplicate
from curate.score.window import window
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split

MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media" / "good"
LONGEST_S, WIDEST = 16, 640
FAST_H264 = ("-c:v", "libx264", "-preset", "ultrafast")
GOOD = (*FAST_H264, "-crf", "24")
LOGO = (
    "drawbox=x=iw*0.82:y=ih*0.06:w=iw*0.13:h=ih*0.12:color=red@0.9:t=fill,"
    "drawbox=x=iw*0.84:y=ih*0.09:w=iw*0.09:h=ih*0.03:color=white:t=fill"
)
AGAIN = MappingProxyType(  # files that show the same; and by how much earlier
    {
        "sintel_trailer_480p_10s.mp4": ("sintel_trailer_480p_30s.mp4", 3.0),
        "flower_540p_vp8.webm": ("flower_540p.mp4", 0.0),
        "bbb_240p_5s.mp4": ("bbb_720p_5s.mp4", 0.0),
    }
)
ONE_SCENE = frozenset(  # a camera that does not move, or a leader that counts on the same picture
    {"film_leader_240p.mp4", "one_by_one_person_432p.mp4", "car_detection_432p.mp4", "bottle_detection_360p.mp4"}
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a copy is made: a filter, an encoder, and how its time runs."""

    filters: str = "null"
    encoder: tuple[str, ...] = GOOD
    start_s: float = 0.0
    less_s: float = 0.0
    speed: float = 1.0
    suffix: str = ".mp4"


COPIES = MappingProxyType(
    {
        "low bitrate": Way(encoder=(*FAST_H264, "-crf", "40")),
        "other codec": Way(encoder=("-c:v", "libvpx", "-b:v", "300k", "-cpu-used", "8"), suffix=".webm"),
        "resized": Way("scale=320:-2"),
        "stretched": Way("scale=384:288,setsar=1"),
        "bars above": Way("pad=iw:ceil(ih*1.333/2)*2:0:(oh-ih)/2"),
        "bars beside": Way("pad=ceil(iw*1.25/2)*2:ih:(ow-iw)/2:0"),
        "cropped 5 %": Way("crop=floor(iw*0.95/2)*2:floor(ih*0.95/2)*2"),
        "cropped 10 %": Way("crop=floor(iw*0.9/2)*2:floor(ih*0.9/2)*2"),
        "logo": Way(LOGO),
        "trimmed": Way(start_s=0.73, less_s=0.9),
        "faster": Way("setpts=PTS/1.25", speed=1.25),
        "mirrored": Way("hflip"),
        "brighter": Way("eq=brightness=0.1:contrast=1.15"),
        "darker": Way("eq=brightness=-0.08:contrast=0.8:gamma=0.8"),
        "all at once": Way(
            f"scale=480:-2,{LOGO},eq=brightness=0.05,setpts=PTS/1.1",
            (*FAST_H264, "-crf", "33"), start_s=0.4, less_s=0.5, speed=1.1,
        ),
    }
)  # fmt: skip
ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Seen:
    """One clip of one original or copy, in the original's time."""

    file: str
    kind: str
    start_s: float
    end_s: float
    clip_id: str
    detail: str


def ffmpeg(source: Path, out: Path, *options: str) -> None:
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-nostdin",
        "-y",
        *options[:4],
        "-i",
        str(source),
        "-an",
        *options[4:],
        str(out),
    ]
    subprocess.run(command, check=True)


def shortened(original: Path, folder: Path) -> tuple[Path, float]:
    """The original that copies are made of, and its length in seconds."""
    out = folder / f"{original.name}.short.mp4"
    scale = f"scale='min({WIDEST},iw)':-2"
    ffmpeg(
        original, out, "-ss", "0", "-t", str(LONGEST_S), "-vf", scale, *FAST_H264, "-crf", "18", "-pix_fmt", "yuv420p"
    )
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(out)]
    return out, float(subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout)


def copied(original: Path, way: Way, seconds: float, out: Path) -> Path:
    filters = f"{way.filters},scale=trunc(iw/2)*2:trunc(ih/2)*2"
    span = ("-ss", str(way.start_s), "-t", str(seconds - way.start_s - way.less_s))
    ffmpeg(original, out, *span, "-vf", filters, "-pix_fmt", "yuv420p", *way.encoder)
    return out


class Measuring:
    """Scan, split and score, and what the metric has cost."""

    def __init__(self) -> None:
        self._scan, self._split = Scan().open(), Split().open()
        self.cpu_s = self.seconds = 0.0

    def clips(self, path: Path, file: str, kind: str, way: Way) -> Iterator[Seen]:
        local = LocalFile(str(path), 0, path.stat().st_size)
        media = read_facts(local).media(hashlib.sha256(path.read_bytes()).hexdigest(), path.name, local.size)
        (scanned,) = self._scan([MediaFile(media, local)])
        (split,) = self._split([MediaStrip(media, scanned.rows[0])])
        for clip in split.rows:
            part = window(ClipStrip(clip, media, scanned.rows[0]))
            begin = time.process_time()
            found = duplicate(part)
            self.cpu_s += time.process_time() - begin
            self.seconds += (clip.end_us - clip.start_us) / 1e6
            start_s, end_s = (us / 1e6 * way.speed + way.start_s for us in (clip.start_us, clip.end_us))
            yield Seen(file, kind, start_s, end_s, clip.clip_id, json.dumps(found.detail))


def corpus(media: Path, films: int, folder: Path) -> list[Seen]:
    """All clips of all originals and copies; what was measured of an original before is read back from `folder`."""
    originals = sorted(path for path in media.iterdir() if path.suffix in (".mp4", ".mkv", ".webm"))
    for seed in range(films):
        path = folder / f"film{seed}.mp4"
        if not path.exists():
            make_film(path, FilmSpec(seed=100 + seed, seconds=24, speech=False, sound=None))
        originals.append(path)
    measuring, seen = Measuring(), []
    for original in originals:
        kept = folder / f"{original.name}.seen"
        if not kept.exists():
            short, seconds = shortened(original, folder)
            clips = list(measuring.clips(short, original.name, ORIGINAL, Way()))
            for kind, way in COPIES.items():
                copy = copied(short, way, seconds, folder / f"copy{way.suffix}")
                clips += measuring.clips(copy, original.name, kind, way)
            kept.write_bytes(pickle.dumps(clips))
        seen += pickle.loads(kept.read_bytes())  # noqa: S301  written above
    if measuring.seconds:
        print(f"the metric: {measuring.cpu_s / measuring.seconds * 1e3:.2f} CPU ms per second of video")
    return seen


class Truth:
    """Which pairs of clips show the same, and which do not: [N, N] each."""

    def __init__(self, seen: list[Seen], prints: Fingerprints, folder: Path) -> None:
        shift = np.array([AGAIN.get(one.file, ("", 0.0))[1] for one in seen])
        self.start, self.end = (np.array([getattr(one, name) for one in seen]) + shift for name in ("start_s", "end_s"))
        scenes = [AGAIN.get(one.file, (one.file,))[0] for one in seen]
        _, self.scene = np.unique(scenes, return_inverse=True)
        self.kind = np.array([one.kind for one in seen])
        self.file = np.array([one.file for one in seen])
        length = self.end - self.start
        shared = np.minimum.outer(self.end, self.end) - np.maximum.outer(self.start, self.start)
        same = np.equal.outer(self.scene, self.scene)
        shown = np.logical_and.outer(prints.counts > 0, prints.counts > 0)
        shot = self._shots()
        one_shot = same & (np.equal.outer(shot, shot) | np.logical_or.outer(shot < 0, shot < 0))
        self.true = same & shown & (shared >= 0.6 * np.maximum.outer(length, length))
        self.leaks = same & shown & (shared >= np.minimum(1.0, np.minimum.outer(length, length) / 2))
        self.none = (~same | (~one_shot & (shared < 0.05))) & ~self._shown_twice(folder)

    def _shots(self) -> NDArray[np.int64]:
        """[N]: the clip of the original that a clip lies in; -1 where it lies in none."""
        found = np.full(len(self.kind), -1)
        middle = (self.start + self.end) / 2
        for index in np.flatnonzero(self.kind == ORIGINAL):
            inside = (self.file == self.file[index]) & (self.start[index] <= middle) & (middle < self.end[index])
            found[inside] = index if self.file[index] not in ONE_SCENE else -2 - self.scene[index]
        return found

    def _shown_twice(self, folder: Path) -> NDArray[np.bool_]:
        twice = np.zeros((len(self.kind), len(self.kind)), np.bool_)
        middle = (self.start + self.end) / 2
        for name in {file for file in self.file if (folder / file).exists()}:
            film = load_truth(truth_path(folder / name))
            for again in film.duplicates:
                first, second = (
                    (self.file == name) & (middle >= shot.start_us / 1e6 - 0.2) & (middle <= shot.end_us / 1e6 + 0.2)
                    for shot in (film.shots[again.shot], film.shots[again.of])
                )
                twice |= np.logical_and.outer(first, second) | np.logical_and.outer(second, first)
        return twice


def found_pairs(prints: Fingerprints, chosen: NDArray[np.bool_], rule: Duplicates) -> NDArray[np.bool_]:
    """[N, N], upper triangle: what is found where the corpus has only the chosen clips."""
    clips = np.flatnonzero(chosen)
    part = prints.of(clips)
    a, b = candidates(part, rule.bits)
    close = alike(part, a, b, rule)
    pairs = np.zeros((len(chosen), len(chosen)), np.bool_)
    pairs[clips[a[close]], clips[b[close]]] = True
    return pairs


def copies(media: Path, films: int, folder: Path, rule: Duplicates) -> None:
    """Print recall per kind of copy, and precision."""
    by_id = {one.clip_id: one for one in corpus(media, films, folder)}
    table = pl.LazyFrame(
        {"clip_id": list(by_id), "metric": "duplicate", "detail": [one.detail for one in by_id.values()]}
    )
    prints = fingerprints(table)
    seen = [by_id[clip_id] for clip_id in prints.clips]
    truth = Truth(seen, prints, folder)
    halves = [truth.scene % 2 == half for half in (0, 1)]
    original = truth.kind == ORIGINAL
    print(f"{len(seen)} clips, {len(prints.hashes) / len(seen):.1f} pictures each; {rule!r}\n")
    print("| copy | chosen on | of | test | of |\n|---|---|---|---|---|")
    for kind in COPIES:
        line = [kind]
        of_kind = truth.kind == kind
        for half in halves:
            found = found_pairs(prints, half & (original | of_kind), rule)
            asked = truth.true & np.logical_and.outer(half & original, half & of_kind)
            hits = ((found | found.T) & asked).sum()
            line += [f"{hits / asked.sum():.3f}", str(asked.sum())]
        print(f"| {' | '.join(line)} |", flush=True)
    line = ["precision, all pairs"]
    for half in halves:
        found = found_pairs(prints, half, rule)
        right, wrong = (found & truth.true).sum(), (found & truth.none).sum()
        line += [f"{right / (right + wrong):.4f}", str(right + wrong)]
    print(f"| {' | '.join(line)} |")
    for bits in (10, 12, 14):
        guard(prints, truth, Leaks(bits=bits))


def guard(prints: Fingerprints, truth: Truth, rule: Leaks) -> None:
    """Print what is found of copies where half of the originals are an evaluation set."""
    held = (truth.kind == ORIGINAL) & (truth.scene % 2 == 1)
    held_ids = pl.DataFrame({"clip_id": prints.clips.filter(pl.Series(held))})
    found = leaks(prints, held_ids.with_columns(evaluation=pl.lit("originals")), rule)
    dropped = np.asarray(prints.clips.is_in(found["clip_id"].implode()))
    leaking, clean = truth.leaks[:, held].any(axis=1) & ~held, truth.none[:, held].all(axis=1) & ~held
    shares = {kind: dropped[leaking & (truth.kind == kind)].mean() for kind in COPIES}
    least = min(shares, key=lambda kind: shares[kind])
    print(f"\n{rule} drops {dropped[leaking].sum()} of {leaking.sum()} clips that share a second with an original")
    print(f"(least: {shares[least]:.3f} of {least!r}), and {dropped[clean].sum()} of {clean.sum()} that share nothing.")


def made_up(clips: int, chance: np.random.Generator) -> tuple[Fingerprints, NDArray[np.int64]]:
    """Fingerprints of clips and, for each, the clip that it is a copy of (or itself).

    One to eight pictures, each 8 to 16 bits from the one before; a copy differs by 6 bits a picture, and half of the
    copies are mirrored.
    """
    counts = chance.integers(1, 9, clips)
    first = np.concatenate([[0], np.cumsum(counts)])
    of = np.arange(clips)
    copies = np.flatnonzero(chance.random(clips) < 0.1)
    of[copies] = chance.integers(0, clips, len(copies))
    of[copies] = of[of[copies]]
    counts[copies] = counts[of[copies]]
    first = np.concatenate([[0], np.cumsum(counts)])
    owner = np.repeat(np.arange(clips), counts)
    place = np.arange(len(owner)) - first[owner]
    hashes = chance.integers(0, 2**64, len(owner), np.uint64)
    for step in range(1, 8):
        late = np.flatnonzero(place == step)
        hashes[late] = hashes[late - 1] ^ flips(len(late), 12, chance)
    titled = np.flatnonzero((chance.random(clips) < 0.01) & (counts > 3))
    hashes[first[titled]] = hashes[0]
    copied = np.flatnonzero(of[owner] != owner)
    noise = flips(len(copied), 6, chance)
    noise[owner[copied] % 2 == 0] ^= MIRROR
    hashes[copied] = hashes[first[of[owner[copied]]] + place[copied]] ^ noise
    ids = pl.select((pl.int_range(clips, dtype=pl.Int64) + 10**9).cast(pl.String)).to_series()
    return Fingerprints(ids, first, hashes, np.full(len(owner), 1000, np.int32)), of


def flips(count: int, bits: int, chance: np.random.Generator) -> NDArray[np.uint64]:
    """[count]: up to `bits` random bits set in each."""
    result = np.zeros(count, np.uint64)
    for _ in range(bits):
        result |= np.uint64(1) << chance.integers(0, 64, count, np.uint64)
    return result


def scale(clips: int, rule: Duplicates) -> None:
    """Print what grouping so many clips costs, and what it finds."""
    prints, of = made_up(clips, np.random.default_rng(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    ranking = prints.clips.to_frame("clip_id").with_row_index("rank")
    wall, cpu = time.perf_counter(), time.process_time()
    groups = grouped(likenesses(prints, rule), ranking, rule)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    kept = dict(groups.drop_nulls("group").select("clip_id", "group").iter_rows())
    ids = prints.clips
    copies = np.flatnonzero(of != np.arange(clips))
    hits = sum(kept.get(ids[int(c)], 1) == kept.get(ids[int(of[c])], 2) for c in copies[:20_000])
    sizes = groups.drop_nulls("group").group_by("group").len()["len"]
    line = f"| {clips} | {len(prints.hashes)} | {wall:.0f} | {cpu:.0f} | {before:.1f} | {peak:.1f} "
    print(f"{line}| {hits / min(len(copies), 20_000):.3f} | {len(sizes)} | {max(sizes.to_list())} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    of_copies = modes.add_parser("copies")
    of_copies.add_argument("--media", type=Path, default=MEDIA)
    of_copies.add_argument("--films", type=int, default=6)
    of_copies.add_argument("--keep", type=Path, help="where what was measured is kept, and read back by a next run")
    for name in ("bits", "single_bits", "share"):
        of_copies.add_argument(f"--{name.replace('_', '-')}", type=float if name == "share" else int)
    modes.add_parser("scale").add_argument("clips", type=int, nargs="*", default=[100_000, 1_000_000])
    asked = parser.parse_args()
    if asked.mode == "scale":
        print("| clips | pictures | wall s | CPU s | GiB before | GiB peak | copies found | groups | largest |")
        print("|---|---|---|---|---|---|---|---|---|")
        for clips in asked.clips:
            scale(clips, Duplicates())
        return
    given = {name: value for name in ("bits", "single_bits", "share") if (value := getattr(asked, name)) is not None}
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        copies(asked.media, asked.films, folder, Duplicates(**given))


if __name__ == "__main__":
    main()
