"""Text on screen: frames are sampled, those that changed are read, and the same text in a row of them is one row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from captioners.ocr import Line, Reader, engine, reader
from curate.media.file import ClipFile
from curate.media.limits import GIB, Limits
from curate.media.picture import frames_rgb
from curate.stage import Run, each, operational
from schemas.clip import Clip, Text
from schemas.media import Picture

Rgb = NDArray[np.uint8]
"""[H, W, 3], 0..255."""


@dataclass(frozen=True)
class Read:
    """Read what is written on the picture.

    Times are exact to half a sampling step: `0.5 / rate_hz` seconds, more in clips of over `max_frames / rate_hz`.
    """

    rate_hz: float = 2.0  # pictures that are looked at, of each second
    max_frames: int = 60  # of one clip; a longer one is sampled more sparsely
    score: float = 0.6  # lines that the reader is less sure of are dropped
    changed: float = 6.0  # grey levels, 0..255, that some block must differ by for a frame to be read anew
    short_side_px: int = 720  # larger pictures are read at this size
    detector_side_px: int = 480  # smaller ones are enlarged to this size for finding text
    limits: Limits = operational(Limits(memory_bytes=4 * GIB, deadline_s=120.0, deadline_per_media_s=10.0))

    name: ClassVar[str] = "read"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = ClipFile
    gives: ClassVar[type] = Text

    def open(self) -> Run[ClipFile, Text]:
        lines = reader(self.detector_side_px)
        by = engine()

        def one(row: ClipFile) -> Iterable[Text]:
            if row.media.picture is None:
                return ()
            at_us = sampled_us(row.clip.start_us, row.clip.end_us, self.rate_hz, self.max_frames)
            size = reduced(row.media.picture, self.short_side_px)
            frames = frames_rgb(row.file, row.media, row.clip.start_us, row.clip.end_us, at_us=at_us, size=size)
            readings = read_changed((frame for _, frame in frames), lines, self.changed, self.score)
            return texts(row.clip, at_us, readings, by)

        return each(one)


def sampled_us(start_us: int, end_us: int, rate_hz: float, most: int) -> list[int]:
    """The middles of equal parts of a span, as many as `rate_hz` asks for, from 1 to `most`."""
    count = min(most, max(1, round((end_us - start_us) * rate_hz / 1e6)))
    step_us = (end_us - start_us) / count
    return [start_us + int((index + 0.5) * step_us) for index in range(count)]


def reduced(picture: Picture, short_side_px: int) -> tuple[int, int]:
    """(width, height) of the displayed picture, its short side at most `short_side_px`."""
    scale = min(1.0, short_side_px / min(picture.width, picture.height))
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def read_changed(frames: Iterable[Rgb], lines: Reader, changed: float, score: float) -> list[list[Line]]:
    """The lines in each frame; one that hardly differs from the last that was read shows the same lines."""
    readings: list[list[Line]] = []
    last: NDArray[np.float32] | None = None
    for frame in frames:
        now = thumb(frame)
        if last is None or difference(last, now) >= changed:
            readings.append([line for line in lines(frame) if line.score >= score and believable(line)])
            last = now
        else:
            readings.append(readings[-1])
    return readings


def believable(line: Line) -> bool:
    """Whether it is text: a lone glyph that is no digit is mostly a shape, and so is what fills half the picture."""
    return (len(line.text) > 1 or line.text.isdigit()) and line.width * line.height < 0.5


def thumb(frame: Rgb) -> NDArray[np.float32]:
    """Grey means of blocks, about 160 along the longer side, 0..255."""
    block = max(1, max(frame.shape[:2]) // 160)
    height, width = (max(1, side // block) for side in frame.shape[:2])
    grey = frame[: height * block, : width * block].astype(np.float32).mean(axis=2)
    return np.asarray(grey.reshape(height, -1, width, grey.shape[1] // width).mean(axis=(1, 3)), np.float32)


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The mean absolute difference in the 8 x 8 patch where it is largest, in grey levels."""
    apart = np.abs(one - other)
    height, width = (-(-side // 8) * 8 for side in apart.shape)
    padded = np.pad(apart, ((0, height - apart.shape[0]), (0, width - apart.shape[1])))
    return float(padded.reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3)).max())


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line in one sampled frame."""

    sample: int
    line: Line


def texts(clip: Clip, at_us: Sequence[int], readings: Sequence[Sequence[Line]], by: str) -> list[Text]:
    """One row for each text, from its first to its last sighting, both widened by half a step, in order of time."""
    half_us = (clip.end_us - clip.start_us) / max(1, len(at_us)) / 2
    rows = []
    for index, seen in enumerate(tracks(readings)):
        best = spelling(seen)
        x, y, width, height = np.median(
            [(s.line.x, s.line.y, s.line.width, s.line.height) for s in seen], axis=0
        ).tolist()
        rows.append(
            Text(
                clip_id=clip.clip_id,
                text_id=f"{clip.clip_id}#text-{index:03d}",
                start_us=max(clip.start_us, round(at_us[seen[0].sample] - half_us)),
                end_us=min(clip.end_us, round(at_us[seen[-1].sample] + half_us)),
                text=best.text,
                x=x,
                y=y,
                width=width,
                height=height,
                language=None,
                score=best.score,
                engine=by,
            )
        )
    return rows


def tracks(readings: Sequence[Sequence[Line]]) -> list[list[Sighting]]:
    """Sightings of the same text in successive samples (one may miss it), by first sample, then from top to bottom."""
    running: list[list[Sighting]] = []
    done: list[list[Sighting]] = []
    for sample, lines in enumerate(readings):
        done += [track for track in running if track[-1].sample < sample - 2]
        running = [track for track in running if track[-1].sample >= sample - 2]
        free = [track for track in running if track[-1].sample < sample]
        for line in sorted(lines, key=lambda one: -one.score):
            sighting = Sighting(sample, line)
            same = [track for track in free if alike(track[-1].line.text, line.text)]
            if same:
                nearest = min(same, key=lambda track: distance(track[-1].line, line))
                nearest.append(sighting)
                free.remove(nearest)
            else:
                running.append([sighting])
    return sorted([*done, *running], key=lambda track: (track[0].sample, track[0].line.y, track[0].line.x))


def alike(one: str, other: str) -> bool:
    """Whether two readings are of one text: equal but for spaces, case and one letter in eight, never a digit."""
    first, second = ("".join(text.casefold().split()) for text in (one, other))
    if first == second:
        return True
    if [c for c in first if c.isdigit()] != [c for c in second if c.isdigit()]:
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= 0.875


def distance(one: Line, other: Line) -> float:
    """Between the centres of two boxes, in shares of the picture."""
    across = one.x + one.width / 2 - other.x - other.width / 2
    down = one.y + one.height / 2 - other.y - other.height / 2
    return float(np.hypot(across, down))


def spelling(seen: Sequence[Sighting]) -> Line:
    """The reading with most score in all; of its sightings, the surest."""
    weights: dict[str, float] = {}
    for sighting in seen:
        weights[sighting.line.text] = weights.get(sighting.line.text, 0.0) + sighting.line.score
    best = max(weights, key=lambda text: weights[text])
    return max((s.line for s in seen if s.line.text == best), key=lambda line: line.score)
