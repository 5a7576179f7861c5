"""Shots and pieces: what holds for all clips of any strip."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.split.boundary import Boundary
from curate.split.detectors import DETECTORS, DetectorName
from curate.split.frames import frames_of
from curate.split.media_strip import MediaStrip
from curate.split.shots import Span, divided, long_enough, shots
from curate.split.stage import Split
from schemas.clip import clip_id
from tests.split.strips import Pictures, blend, hold, media, scene, strip


@st.composite
def boundaries(draw: st.DrawFn) -> tuple[int, list[Boundary]]:
    """A count of frames, and boundaries in it: sorted, apart."""
    count = draw(st.integers(1, 60))
    ends = sorted(draw(st.sets(st.integers(0, count), max_size=10)))
    kind = st.sampled_from(["cut", "dissolve", "fade"])
    out = []
    for start, end in zip(ends[::2], ends[1::2], strict=False):
        stop = draw(st.sampled_from([start, end])) if start else end
        out.append(Boundary(start, stop, draw(kind), draw(kind), 1.0))
    return count, out


@given(boundaries())
def test_shots_and_boundaries_make_up_all_frames(case: tuple[int, list[Boundary]]) -> None:
    count, found = case
    spans = shots(count, found)
    covered = np.zeros(count, int)
    for span in spans:
        covered[span.start : span.end] += 1
    if not (len(found) == 1 and found[0].start == 0 and found[0].end == count):
        for boundary in found:
            covered[boundary.start : boundary.end] += 1
    assert (covered == 1).all()
    assert [span.shot for span in spans] == list(range(len(spans)))
    assert (spans[0].start_kind == "edge") == (
        not any(b.start == 0 for b in found) or len(spans) == 1 == len(found)
    ) or (spans[0].start > 0)


@given(
    st.lists(st.integers(1, 400_000), min_size=1, max_size=80),
    st.integers(1, 3_000_000),
)
def test_pieces_of_a_long_shot_are_equal_to_a_frame(steps: list[int], max_us: int) -> None:
    edges = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    whole = Span(0, len(steps), "cut", "fade", 3)
    pieces = divided(whole, edges, max_us)
    assert (pieces[0].start, pieces[-1].end) == (0, len(steps))
    assert (pieces[0].start_kind, pieces[-1].end_kind) == ("cut", "fade")
    assert all(a.end == b.start and a.end_kind == b.start_kind == "length" for a, b in pairwise(pieces))
    assert all(piece.end > piece.start and piece.shot == 3 for piece in pieces)
    lengths = [int(edges[piece.end] - edges[piece.start]) for piece in pieces]
    assert max(lengths) <= max_us + max(steps)


def test_shots_that_are_too_short_leave_a_gap_in_the_numbers() -> None:
    edges = np.array([0, 40, 80, 1000, 2000], np.int64) * 1000
    spans = [Span(0, 1, "edge", "cut", 0), Span(1, 2, "cut", "cut", 1), Span(2, 4, "cut", "edge", 2)]
    assert [span.shot for span in long_enough(spans, edges, 200_000)] == [2]
    assert [span.shot for span in long_enough(spans[:2], edges, 200_000)] == [0]


@st.composite
def reels(draw: st.DrawFn) -> tuple[Pictures, list[int]]:
    """Small films of random shots and joins, and the steps between their frames in microseconds."""
    parts = [hold(scene(0), draw(st.integers(1, 12)))]
    for _ in range(draw(st.integers(0, 5))):
        other = hold(scene(draw(st.integers(1, 9))), draw(st.integers(1, 30)), speed=draw(st.sampled_from([0.0, 2.0])))
        join = draw(st.sampled_from(["cut", "dissolve", "black", "flash"]))
        if join == "dissolve":
            parts.append(blend(hold(parts[-1][-1], 10), hold(other[0], 10)))
        elif join == "black":
            parts.append(np.zeros((draw(st.integers(1, 30)), 72, 128, 3), np.uint8))
        elif join == "flash":
            parts.append(np.full((1, 72, 128, 3), 255, np.uint8))
        parts.append(other)
    pictures = np.concatenate(parts)
    steps = draw(
        st.lists(st.sampled_from([16_683, 40_000, 41_000, 700_000]), min_size=len(pictures), max_size=len(pictures))
    )
    return pictures, steps


@settings(max_examples=25)
@given(reels(), st.sampled_from(sorted(DETECTORS)), st.sampled_from([0, 200_000, 2_000_000]))
def test_clips_of_any_strip_are_sorted_apart_and_on_frames(
    reel: tuple[Pictures, list[int]], name: DetectorName, min_us: int
) -> None:
    pictures, steps = reel
    pts = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    curve = np.random.default_rng(len(pictures)).random((2, len(pictures)), np.float32) ** 3
    measured = strip(pictures, pts[:-1], end_us=int(pts[-1]), curve=(curve[0], curve[1]))
    split = Split(detector=name, min_us=min_us, max_us=2_000_000)
    (outcome,) = split.open()([MediaStrip(media(), measured)])
    clips = outcome.rows
    assert outcome.failure is None
    assert clips
    shown = set(pts[:-1].tolist())
    for clip in clips:
        assert clip.start_us in shown
        assert clip.end_us in shown | {int(pts[-1])}
        assert clip.frames == int(((pts[:-1] >= clip.start_us) & (pts[:-1] < clip.end_us)).sum()) > 0
        assert clip.clip_id == clip_id(clip.media_id, clip.start_us, clip.end_us)
    assert all(a.end_us <= b.start_us and a.shot <= b.shot for a, b in pairwise(clips))
    if min_us == 0:
        gaps = [(b.start, b.end) for b in DETECTORS[name].detect(frames_of(measured), DETECTORS[name].threshold)]
        inside = sum(end - start for start, end in gaps)
        assert sum(clip.frames for clip in clips) == len(pictures) - (inside if inside < len(pictures) else 0)
