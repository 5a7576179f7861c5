"""Things lie where their times say."""

import re
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report.barcode import barcode
from curate.report.clock import clock, lasting, number, size, ticks
from curate.report.lane import sound_lanes, text_lane
from curate.report.sheet import GAP, contact_sheet
from curate.report.trace import content, loudness, traces
from curate.report.view import jobs, marks, media_views
from curate.report.wall import wall
from curate.report.window import Window, around, pack
from tests.report.rows import clip, frames, runs, small, sound, sounds, strip, texts


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=30))
def test_packed_spans_never_overlap_and_rows_are_as_few_as_can_be(sized: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in sized]
    rows = pack(spans)
    for i, (row, (start, end)) in enumerate(zip(rows, spans, strict=True)):
        assert all(rows[j] != row or spans[j][1] <= start or spans[j][0] >= end for j in range(len(spans)) if j != i)
    deepest = max((sum(start <= at < end for start, end in spans) for at in range(131)), default=0)
    assert len(set(rows)) == deepest


@given(st.integers(0, 10**10), st.integers(1, 10**10), st.integers(2, 12))
def test_ticks_are_few_and_inside(start_us: int, length_us: int, at_most: int) -> None:
    made = ticks(start_us, start_us + length_us, at_most)
    assert len(made) <= at_most + 1
    assert all(start_us <= at <= start_us + length_us for at in made)
    assert len({b - a for a, b in pairwise(made)}) <= 1


def test_the_window_shows_a_little_around_the_clip_but_not_beyond_the_media() -> None:
    one = clip("m", 12_000_000, 24_000_000, 1)
    assert around(one, 60_000_000) == Window(11_000_000, 25_000_000)
    assert around(one, 24_000_000) == Window(11_000_000, 24_000_000)
    assert around(clip("m", 0, 40_000, 0), 40_000) == Window(0, 40_000)


def test_things_are_cut_off_at_the_window() -> None:
    window = Window(1_000_000, 3_000_000)
    assert window.place(0, 2_000_000) == (0.0, 50.0)
    assert window.place(2_500_000, 9_000_000) == (75.0, 25.0)


def test_the_change_peaks_where_the_shot_begins() -> None:
    made = content(strip("m", [(0, 4_000_000), (4_000_000, 10_000_000)], 1), Window(2_000_000, 6_000_000))
    assert made is not None
    top = min(points(made.path), key=lambda point: point[1])
    assert top[0] == pytest.approx(500, abs=10)


def test_loud_is_tall_and_silent_is_a_line() -> None:
    one = strip("m", [(0, 2_000_000)], 1)
    level = np.where(np.arange(200) < 100, -120.0, 0.0).astype(np.float32)
    made = loudness(replace(one, rms_db=pa.array(level)), Window(0, 2_000_000))
    assert made is not None
    tall = {True: 0.0, False: 0.0}
    for x, y in points(made.path):
        tall[x >= 500] = max(tall[x >= 500], 50 - y)
    assert tall[True] == 50
    assert tall[False] < 1


def test_sound_that_starts_late_is_drawn_late() -> None:
    one = strip("m", [(0, 2_000_000)], 1)
    late = loudness(replace(one, audio_start_us=1_000_000), Window(0, 2_000_000))
    assert late is not None
    assert min(x for x, _ in points(late.path)) == pytest.approx(500, abs=3)


def test_a_silent_film_has_no_level() -> None:
    silent = strip("m", [(0, 2_000_000)], 1, sound=False)
    assert [trace.name for trace in traces(silent, Window(0, 2_000_000))] == ["luma", "change"]


def test_a_long_media_is_drawn_with_few_points() -> None:
    made = content(strip("m", [(0, 600_000_000)], 1), Window(0, 600_000_000))
    assert made is not None
    assert len(points(made.path)) <= 1000


def test_overlapping_events_get_rows_and_beats_their_places() -> None:
    one = clip("m", 0, 4_000_000, 0)
    lanes = {lane.kind: lane for lane in sound_lanes(sounds(one), Window(0, 4_000_000))}
    assert lanes["event"].rows == 2
    assert lanes["word"].rows == 1
    assert lanes["music"].beats == tuple((100_000 + i * 500_000) / 40_000 for i in range(8))
    assert lanes["music"].items[0].label == "music · 120 bpm · A minor"


def test_what_is_outside_the_window_is_not_drawn() -> None:
    one = clip("m", 0, 4_000_000, 0)
    assert sound_lanes([sound(one, 0, "event", 5_000_000, 6_000_000, label="knock")], Window(0, 4_000_000)) == ()
    lane = text_lane(texts(one), Window(0, 4_000_000))
    assert lane is not None
    assert (lane.items[0].left, lane.items[0].width) == (12.5, 80.0)


def test_marks_stand_at_cuts_and_not_at_the_ends_of_the_media() -> None:
    spans = (clip("m", 0, 4_000_000, 0, "edge", "dissolve"), clip("m", 4_500_000, 8_000_000, 1, "dissolve", "edge"))
    made = marks(spans, Window(0, 8_000_000))
    assert [(mark.left, mark.kind) for mark in made] == [(50.0, "dissolve"), (56.25, "dissolve")]


def test_the_barcode_has_the_colour_of_each_shot() -> None:
    one = strip("m", [(0, 2_000_000), (2_000_000, 4_000_000)], 1)
    count = len(one.pts_us)
    red, blue = (76, 85, 255), (29, 255, 107)  # YUV, full range
    half = np.arange(count) < count // 2
    luma = np.where(half, red[0], blue[0])[:, None, None].repeat(18, 1).repeat(32, 2).astype(np.uint8)
    chroma = [
        np.where(half, red[i], blue[i])[:, None, None].repeat(9, 1).repeat(16, 2).astype(np.uint8) for i in (1, 2)
    ]
    body = barcode(replace(one, thumbs=b"".join(plane.tobytes() for plane in (luma, *chroma))))
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    assert np.abs(picture[:, 100] - (254, 0, 0)).max() <= 3
    assert np.abs(picture[:, 380] - (0, 0, 254)).max() <= 3


def test_runs_of_one_job_are_summed_and_an_interrupted_end_is_told() -> None:
    first = runs()[1]
    last = replace(first, run_id="again", rows_in=2, failed=2, start_us=first.end_us, end_us=first.end_us + 500_000,
                   outcome="interrupted")  # fmt: skip
    (made,) = jobs((last, first))
    assert (made.runs, made.rows_in, made.failed, made.interrupted) == (2, 9, 3, True)
    assert made.wall_s == pytest.approx(14.7)
    assert made.failures == (("not_media", 2),)


def test_times_and_numbers_read_well() -> None:
    assert [clock(at) for at in (0, 2_483_400, 59_999_999, 3_723_004_000)] == [
        "0:00.000",
        "0:02.483",
        "1:00.000",
        "1:02:03.004",
    ]
    assert [lasting(us) for us in (480_000, 12_440_000, 200_000_000, 148_320_000_000)] == [
        "480 ms",
        "12.4 s",
        "3 min 20 s",
        "41.2 h",
    ]
    assert [number(v) for v in (0, 0.01234, 34.25, 1200, 1_234_567, -18.26)] == [
        "0",
        "0.0123",
        "34.2",
        "1,200",
        "1.23e+06",
        "-18.3",
    ]
    assert [number(float("nan")), number(float("inf"))] == ["not a number", "infinite"]
    assert [size(n) for n in (12, 8_412_344, 2 * 10**15)] == ["12 B", "8.4 MB", "2.0 PB"]


def test_the_wall_takes_clips_at_equal_steps_of_those_with_frames() -> None:
    media = media_views(small(), {})
    assert [one.number for one in wall(media, 99)] == [1, 2, 3, 4, 5, 6, 7]
    assert [one.number for one in wall(media, 3)] == [1, 3, 5]
    blind = [
        replace(one, clips=tuple(replace(c, page=replace(c.page, sheet=None)) for c in one.clips)) for one in media
    ]
    assert wall(blind, 99) == ()


@pytest.mark.parametrize(("count", "height", "width"), [(12, 90, 160), (7, 160, 90), (1, 90, 160)])
def test_a_frame_of_the_wall_is_where_the_page_looks_for_it(count: int, height: int, width: int) -> None:
    report = small()
    sheet = contact_sheet(frames(count, height, width, 1), range(count))
    one = replace(report.media[0].clips[0], sheet=sheet)
    page = replace(report.media[0], clips=(one,), spans=(one.clip,))
    (peek,) = wall(media_views(replace(report, media=(page,)), {}), 1)
    assert (peek.frames, peek.across * (peek.down - 1) < count <= peek.across * peek.down) == (count, True)
    whole = cv2.imdecode(np.frombuffer(sheet.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert whole.shape[1] == pytest.approx(peek.zoom / 100 * sheet.width, abs=0.5)
    for column in range(1, peek.across):  # the rule of background-position
        moved = column / (peek.across - 1) * (whole.shape[1] - sheet.width)
        assert moved == pytest.approx(column * (sheet.width + GAP))
